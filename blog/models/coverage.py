"""How well the levels are covered: for each top category, how many posts of each level it has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import CharField, Count, F, IntegerField, QuerySet, Sum, Value

from .category import Category
from .compiled import Compiled
from .level import LearningLevel
from .listing import Listing, Tally
from .selection import Selection


@dataclass(frozen=True)
class Cell:
    selection: Selection
    posts: int


@dataclass(frozen=True)
class Row:
    """A top category with a cell for each level. Each of its posts has one level, so they add up to `posts`."""

    category: Category
    cells: list[Cell]

    @property
    def posts(self) -> int:
        return sum(cell.posts for cell in self.cells)


def read_coverage(levels: Sequence[LearningLevel], *, at: datetime) -> list[Row]:
    """The top categories in the editors' order. One query, whose cost grows with the categories and with what is
    scheduled or has expired, not with the posts."""
    categories: list[Category] = []
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for pk, level, n, name, slug, path in COVERAGE.rows(at=at):
        if level is None:
            categories.append(Category(pk=pk, position=n, name=name, slug=slug, path=path))
        else:
            counts[pk, level] += n
    categories.sort(key=lambda one: (one.position, one.name, one.pk))
    return [
        Row(
            category,
            [Cell(Selection(category=category, level=one), counts[category.pk, one.pk]) for one in levels],
        )
        for category in categories
    ]


def _coverage(*, at: datetime) -> QuerySet[Any, Any]:
    """The top categories, and how many posts they have at each level: of all that are filed, less what is not live."""
    top = Category.objects.filter(parent=None).order_by()
    ahead = Listing.objects.filter(published_at__gt=at, post__gt=0)  # see indexes_of
    ended = Listing.objects.filter(published_at__lte=at, expires_at__lte=at)
    columns = ("pk", Value(None, output_field=IntegerField()), F("position"), "name", "slug", "path")
    return top.values_list(*columns).union(
        _counted(Tally.objects.all(), Sum("posts")),
        *(_counted(hidden, -Count("*")) for hidden in (ahead, ended)),
        all=True,
    )


COVERAGE = Compiled(_coverage, at=datetime(1970, 1, 2, tzinfo=UTC))


def _counted(rows: QuerySet[Any], n: Any) -> QuerySet[Any, Any]:
    """Rows of Tally or Listing that stand under a top category, by category and level, shaped as the union needs."""
    top = rows.filter(category__in=Category.objects.filter(parent=None).order_by().values("pk"))
    grouped = top.order_by().values("category", "level").annotate(n=n)
    return grouped.values_list("category", "level", "n", *[Value("", output_field=CharField())] * 3)
