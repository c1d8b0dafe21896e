"""How a misspelt address is compared with those that there are: by the trigrams of slug and title."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import F, TextField, Value
from django.db.models.functions import Concat


def spoken(slug: str, title: str) -> Concat:
    """The two columns as one text. A query must say it just so for the index to be used."""
    return Concat(F(slug), Value(" "), F(title), output_field=TextField())


def resembling(slug: str, title: str, *, name: str) -> GinIndex:
    """The index by which words are found that stand nearly so in slug or title."""
    return GinIndex(OpClass(spoken(slug, title), name="gin_trgm_ops"), name=name)
