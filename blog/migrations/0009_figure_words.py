"""The index by which the gallery searches the words of figures.

Made while the site is in use, and over an expression: no column is added, so the table is not rewritten. Old code lives
with it and never asks it.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.contrib.postgres.search import SearchVector
from django.db import migrations
from django.db.models.functions import Left


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0008_publication")]

    operations = [
        AddIndexConcurrently(
            model_name="figure",
            index=GinIndex(
                SearchVector(
                    Left("caption", 5_000),
                    Left("alt", 5_000),
                    Left("long_description", 40_000),
                    config="stratum",
                ),
                name="figure_words",
            ),
        ),
    ]
