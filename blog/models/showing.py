"""What the gallery reads: one narrow row for each figure that a published post shows."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, Q

from .figure import Figure
from .level import LearningLevel
from .post import Post


class Showing(models.Model):
    """A published post, live or scheduled, shows a figure: as its figure `number`, or, where that is null, only in
    listings, as its lead. `publishing.showings` writes it.

    Decorative figures are left out. `categories` holds every category of the post with all its ancestors, `words` the
    figure's own. Without such rows, what is public has to be gathered from every placement there is: a second at
    100,000 figures, and nine where a common word is asked for.
    """

    figure = models.ForeignKey(Figure, on_delete=models.CASCADE, related_name="showings", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="showings")
    number = models.PositiveSmallIntegerField(null=True)
    level = models.ForeignKey(LearningLevel, on_delete=models.PROTECT, related_name="+", db_index=False)
    published_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    categories = ArrayField(models.BigIntegerField())
    words = SearchVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["figure", "post"],
                include=["level", "published_at", "expires_at"],
                name="showing_once",
            ),
        ]
        indexes = [
            GinIndex(fields=["words", "categories"], name="showing_words"),
            # From which the first and the newest showings of a figure are read, at a level: see `walking`.
            models.Index(
                "level", "figure", ExpressionWrapper(Q(number=None), BooleanField()), "published_at", "post",
                include=["expires_at"], name="showing_first",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.figure_id} in {self.post_id}"
