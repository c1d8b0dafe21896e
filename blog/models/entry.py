"""What search and combined filters read: one narrow row for each published post."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from .level import LearningLevel
from .post import Post


class Entry(models.Model):
    """A published post, live or scheduled, as search and combined filters see it: everything that narrows in one row,
    so that “this category and that tag and these words” is one scan of one index. `publishing.listing` writes it.

    `categories` holds every category with all its ancestors, `roots` the topmost of them as text, which groups faster
    than an array. `words` is all that a post is found by; `heads` its title and summary alone, by which many
    results are ranked without reading all their words; `code` the words of its code, which weigh least. A row is some
    hundred bytes, for words lie apart from it (see the migrations): counting what many posts have in common reads few
    pages.
    """

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="entry")
    level = models.ForeignKey(LearningLevel, on_delete=models.PROTECT, related_name="+", db_index=False)
    published_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=16)
    categories = ArrayField(models.BigIntegerField())
    tags = ArrayField(models.BigIntegerField())
    authors = ArrayField(models.BigIntegerField())
    words = SearchVectorField(null=True)
    heads = SearchVectorField(null=True)
    code = SearchVectorField(null=True)
    roots = models.TextField(db_default="", db_collation="C")

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            GinIndex(fields=["words", "categories", "tags", "authors"], name="entry_facets"),
            GinIndex(fields=["heads"], name="entry_heads"),
            models.Index(fields=["-published_at", "-post"], name="entry_newest"),
            models.Index(fields=["level", "-published_at", "-post"], name="entry_level_newest"),
            models.Index(
                fields=["expires_at"], name="entry_expires", condition=models.Q(expires_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"entry of {self.post_id}"
