"""What the gallery and the page of a figure show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, Window
from django.db.models.expressions import ExpressionWrapper
from django.db.models.fields import BooleanField
from django.urls import reverse

from .author import Byline
from .category import Category
from .figure import Figure
from .level import LearningLevel
from .listing import Listing
from .live import within
from .showing import Showing

USES = 50
"""Posts that the page of a figure names; the others are counted."""

# Sorts the showings in which a figure has a number before those in which it only leads.
IS_LEAD = ExpressionWrapper(Q(number__isnull=True), output_field=BooleanField())


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for in the gallery; with nothing set, every public figure."""

    words: str = ""
    level: LearningLevel | None = None
    category: Category | None = None

    @property
    def narrows(self) -> bool:
        return bool(self.words or self.level or self.category)

    def url(self, *, before: int | None = None, after: int | None = None) -> str:
        """The one address of this wall of the gallery, its query in a fixed order."""
        query = {
            "q": self.words,
            "level": self.level and self.level.number,
            "category": self.category and self.category.path,
            "before": before,
            "after": after,
        }
        given = {name: value for name, value in query.items() if value}
        return f"{reverse('figures')}?{urlencode(given)}" if given else reverse("figures")


@dataclass(frozen=True)
class Hung:
    """A figure on a wall of the gallery, with the oldest of the posts it is looked for in."""

    figure: Figure
    showing: Showing


@dataclass(frozen=True)
class Wall:
    """A page of the gallery, newest figures first, with the ids on its edges (None at an end)."""

    hung: list[Hung]
    newer: int | None
    older: int | None


@dataclass(frozen=True)
class FigurePage:
    """A public figure and all around it. `uses` are its showings in live posts, the newest first, `others` how many
    more there are, `first` the oldest that places it, else the oldest that leads with it."""

    figure: Figure
    uses: Sequence[Showing]
    others: int
    first: Showing
    bylines: list[Byline]
    newer: Figure | None
    older: Figure | None


def _showings(wanted: Wanted, *, at: datetime, any_level: bool = False) -> QuerySet[Showing]:
    rows = Showing.objects.filter(within(at))
    if wanted.words:
        rows = rows.filter(words=SearchQuery(wanted.words, config="stratum", search_type="websearch"))
    if wanted.category:
        rows = rows.filter(categories__contains=[wanted.category.pk])
    if wanted.level and not any_level:
        rows = rows.filter(level=wanted.level)
    return rows.order_by()


def count_figures(wanted: Wanted, *, at: datetime) -> tuple[dict[int, int], int]:
    """How many figures there are by level (ids to numbers; none where there is none) and, each counted once, at all
    levels together. One query."""
    rows = _showings(wanted, at=at, any_level=True)
    total = (
        rows.values(group=Value(None, output_field=IntegerField()))
        .annotate(n=Count("figure", distinct=True))
        .values_list("group", "n")
    )
    each = rows.values("level").annotate(n=Count("figure", distinct=True)).values_list("level", "n")
    counts: dict[int | None, int] = dict(total.union(each, all=True))
    count_all = counts.pop(None, 0)
    return {level: n for level, n in counts.items() if level is not None}, count_all


def read_wall(
    wanted: Wanted, *, at: datetime, size: int, before: int | None = None, after: int | None = None
) -> Wall:
    """A page of `size` figures, newest first: those with an id below `before`, or the nearest above `after`. Three
    queries (figures, renditions, where each is shown), however deep."""
    rows = _showings(wanted, at=at)
    if before is not None:
        rows = rows.filter(figure__lt=before)
    if after is not None:
        rows = rows.filter(figure__gt=after)
    ids = rows.values("figure_id").distinct().order_by("figure_id" if after is not None else "-figure_id")
    order = "pk" if after is not None else "-pk"
    found = list(Figure.objects.filter(pk__in=ids[: size + 1]).order_by(order).prefetch_related("renditions"))
    more = len(found) > size
    found = found[:size]
    if after is not None:
        found.reverse()
    if not found:
        return Wall([], newer=None, older=None)
    shown = (
        _showings(wanted, at=at)
        .filter(figure__in=[figure.pk for figure in found])
        .order_by("figure_id", IS_LEAD, "published_at", "post_id")
        .distinct("figure_id")
    )
    first = {one.figure_id: one for one in _with_posts(shown)}
    return Wall(
        [Hung(figure, first[figure.pk]) for figure in found if figure.pk in first],
        newer=found[0].pk if before is not None or (after is not None and more) else None,
        older=found[-1].pk if after is not None or more else None,
    )


def read_figure_page(figure: Figure, *, at: datetime) -> FigurePage | None:
    """All around a public figure: four queries beside its own; None when no live post shows it any longer."""
    rows = _with_posts(Showing.objects.filter(within(at), figure=figure))
    counted = rows.annotate(uses=Window(Count("*")))
    uses: Sequence[Any] = list(counted.order_by("-published_at", "-post_id")[:USES])
    if not uses:
        return None
    total = uses[0].uses
    first = rows.order_by(IS_LEAD, "published_at", "post_id")[0] if total > USES else _cited(uses)
    newer = Figure.objects.public(at).filter(pk__gt=figure.pk).order_by("pk")[:1]
    older = Figure.objects.public(at).filter(pk__lt=figure.pk).order_by("-pk")[:1]
    beside = {one.pk: one for one in newer.union(older, all=True)}
    return FigurePage(
        figure=figure,
        uses=uses,
        others=total - len(uses),
        first=first,
        bylines=list(Byline.objects.filter(post=first.post_id).select_related("author")),
        newer=next((one for pk, one in beside.items() if pk > figure.pk), None),
        older=next((one for pk, one in beside.items() if pk < figure.pk), None),
    )


def _cited(showings: Sequence[Showing]) -> Showing:
    """The oldest that gives it a number, else the oldest."""
    return min(showings, key=lambda one: (one.number is None, one.published_at, one.post_id))


def _with_posts(rows: QuerySet[Showing]) -> QuerySet[Showing]:
    return rows.select_related("post", "level").only(
        "figure_id", "number", "published_at", "post__title", "post__slug", "post__language",
        "level__number", "level__name", "level__slug",
    )  # fmt: skip


def categories_with_posts(at: datetime) -> QuerySet[Category]:
    """The categories in which, or below which, a post is live, in the order of the tree's paths."""
    here = Listing.objects.filter(within(at), category=OuterRef("pk"), post__gt=0)
    return Category.objects.filter(Exists(here)).order_by("path")
