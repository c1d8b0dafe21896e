"""The words that posts are written with, for readers who misspell one."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Word(models.Model):
    """A word of a post that is or was published, in lower case and without accents, not stemmed.

    Written by `publishing.lexicon`. How many posts have it is counted when somebody asks, at the instant of asking: a
    stored number would tell of posts that are still to come.
    """

    word = models.CharField(max_length=40, primary_key=True)

    class Meta:
        indexes = [GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="word_trigrams")]

    def __str__(self) -> str:
        return self.word
