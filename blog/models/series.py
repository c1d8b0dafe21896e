from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .post import Post
from .routes import route
from .sequence import Ordered, Place, Sequence, opening, with_counts


class Series(Ordered):
    """Posts that are read in order."""

    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True)
    description = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = gettext_lazy("series")
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return route("series", self.slug)

    @property
    def opening(self) -> str:
        """The beginning of the description, for lists and for machines."""
        return opening(self.description)


class SeriesPart(models.Model):
    """A post's place in a series. A post may stand in several."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="parts")
    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="series_parts")
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["series", "post"], name="seriespart_post_once"),
            # Deferred, so that two parts can change places in one transaction.
            models.UniqueConstraint(
                fields=["series", "number"],
                name="seriespart_number_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(name="seriespart_number_positive", condition=Q(number__gt=0)),
        ]

    def __str__(self) -> str:
        return _("Part {number}").format(number=self.number)


def series_with_parts(series: Series, *, at: datetime) -> Sequence:
    """The series' parts that are live at `at` (aware), as cards. Four queries.

    Parts keep the numbers that editors gave them: titles and texts repeat those.
    """
    live = Post.objects.live(at).filter(series_parts__series=series)
    posts = live.for_cards().annotate(part=F("series_parts__number")).order_by("part", "pk")
    return Sequence([Place(post.part, post) for post in posts])


def series_with_counts(at: datetime) -> list[Series]:
    """All series that have a part live at `at` (aware), the one continued last first, with `posts_count`, `minutes`,
    `newest_at`, `profile` and `levels`. Two queries."""
    return with_counts(Series.objects.all(), "parts", order=("-newest_at", "-pk"), at=at)
