"""What the gallery and the page of a figure show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.urls import reverse

from .author import Byline
from .category import Category
from .figure import Figure
from .level import LearningLevel
from .listing import Listing
from .live import within
from .showing import Showing
from .walking import count_walking, first_showing, first_showings, newest_showings

USES = 50
"""Posts that the page of a figure names; the others are counted."""

LARGEST_ID = 2**63 - 1


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
class Counts:
    """How many figures there are by level (by its id; none where there is none), and, each counted once, at all levels
    together. `few` where all were counted one by one."""

    by_level: dict[int, int]
    count_all: int
    few: bool


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


def _showings(wanted: Wanted, *, at: datetime) -> QuerySet[Showing]:
    """Where it is looked, at any level."""
    rows = Showing.objects.filter(within(at))
    if wanted.words:
        rows = rows.filter(words=SearchQuery(wanted.words, config="stratum", search_type="websearch"))
    if wanted.category:
        rows = rows.filter(categories__contains=[wanted.category.pk])
    return rows.order_by()


def count_figures(wanted: Wanted, *, at: datetime) -> Counts:
    """How many figures there are. One query where they are few, or a category narrows; else a second one, which reads
    an entry of an index for each showing."""
    walked = None
    if not wanted.category:
        walked = count_walking({"at": at, "words": wanted.words}, words=bool(wanted.words))
    counts = _count_all(wanted, at=at) if walked is None else walked
    count_all = counts.pop(None, 0)
    by_level = {level: n for level, n in counts.items() if level is not None}
    return Counts(by_level, count_all, few=walked is not None)


def _count_all(wanted: Wanted, *, at: datetime) -> dict[int | None, int]:
    rows = _showings(wanted, at=at)
    total = (
        rows.values(group=Value(None, output_field=IntegerField()))
        .annotate(n=Count("figure", distinct=True))
        .values_list("group", "n")
    )
    each = rows.values("level").annotate(n=Count("figure", distinct=True)).values_list("level", "n")
    return dict(total.union(each, all=True))


def read_wall(
    wanted: Wanted,
    *,
    at: datetime,
    size: int,
    few: bool,
    before: int | None = None,
    after: int | None = None,
) -> Wall:
    """A page of `size` figures, newest first: those with an id below `before`, or the nearest above `after`. Two
    queries (figures with where each is shown, renditions), however deep. `few` is what `count_figures` has found."""
    newest = LARGEST_ID if before is None else before
    params = {"at": at, "size": size + 1, "words": wanted.words, "place": newest if after is None else after}
    for name in ("level", "category"):
        params |= {name: getattr(wanted, name).pk} if getattr(wanted, name) else {}
    first = first_showings(
        params,
        words=bool(wanted.words),
        category=wanted.category is not None,
        level=wanted.level is not None,
        older=after is None,
        walking=wanted.category is None and (few or not wanted.words),
    )
    rows = _with_posts(Showing.objects.filter(pk__in=first), "figure").order_by("-figure_id")
    found = list(rows.prefetch_related("figure__renditions"))
    more = len(found) > size
    found = found[:size] if after is None else found[-size:]
    if not found:
        return Wall([], newer=None, older=None)
    return Wall(
        [Hung(showing.figure, showing) for showing in found],
        newer=found[0].figure_id if before is not None or (after is not None and more) else None,
        older=found[-1].figure_id if after is not None or more else None,
    )


def read_figure_page(figure: Figure, *, at: datetime) -> FigurePage | None:
    """All around a public figure: four queries beside its own; None when no live post shows it any longer."""
    rows = Showing.objects.filter(within(at), figure=figure)
    total = rows.order_by().values("figure").annotate(n=Count("*")).values("n")
    newest = newest_showings(figure.pk, at=at, size=USES)
    counted = _with_posts(Showing.objects.filter(pk__in=newest)).annotate(uses=Subquery(total))
    uses: Sequence[Any] = list(counted.order_by("-published_at", "-post_id"))
    if not uses:
        return None
    oldest = first_showing(figure.pk, at=at)
    first = _with_posts(Showing.objects.filter(pk__in=oldest)).get() if uses[0].uses > USES else _cited(uses)
    newer = Figure.objects.public(at).filter(pk__gt=figure.pk).order_by("pk")[:1]
    older = Figure.objects.public(at).filter(pk__lt=figure.pk).order_by("-pk")[:1]
    beside = {one.pk: one for one in newer.union(older, all=True)}
    return FigurePage(
        figure=figure,
        uses=uses,
        others=uses[0].uses - len(uses),
        first=first,
        bylines=list(Byline.objects.filter(post=first.post_id).select_related("author")),
        newer=next((one for pk, one in beside.items() if pk > figure.pk), None),
        older=next((one for pk, one in beside.items() if pk < figure.pk), None),
    )


def _cited(showings: Sequence[Showing]) -> Showing:
    """The oldest that gives it a number, else the oldest."""
    return min(showings, key=lambda one: (one.number is None, one.published_at, one.post_id))


def _with_posts(rows: QuerySet[Showing], *more: str) -> QuerySet[Showing]:
    return rows.select_related("post", "level", *more).only(
        *(more or ["figure_id"]), "number", "published_at", "post__title", "post__slug", "post__language",
        "level__number", "level__name", "level__slug",
    )  # fmt: skip


def categories_with_posts(at: datetime) -> QuerySet[Category]:
    """The categories in which, or below which, a post is live, in the order of the tree's paths."""
    here = Listing.objects.filter(within(at), category=OuterRef("pk"), post__gt=0)
    return Category.objects.filter(Exists(here)).order_by("path")
