"""Which words stand next to which: the words of entries once more, apart from all else that an entry says."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func


class Phrasing(models.Model):
    """The words of a published post, for phrases. A trigger on the entries keeps it; it changes only when the words do.

    The index has a thousand pairs for each post. PostgreSQL enters a row into all indexes of its table again whenever
    anything that is indexed changes: within the entries, each post that got another tag, or whose category moved, cost
    eleven milliseconds for pairs that were the same.
    """

    post_id = models.BigIntegerField(primary_key=True)
    words = SearchVectorField(null=True)

    class Meta:
        indexes = [
            # As numbers that `blog_pair` makes of two words. A save leaves them in a list, from which a worker enters
            # them (`sealing.enter_pairs`) before it is full.
            GinIndex(
                Func(F("words"), function="blog_pairs"), name="phrasing_pairs", gin_pending_list_limit=8_192
            ),
        ]

    def __str__(self) -> str:
        return f"phrasing of {self.post_id}"
