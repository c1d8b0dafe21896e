"""How well the levels are covered: for each top category, how many posts of each level it has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, F, IntegerField, QuerySet, Sum, Value

from .category import Category
from .level import LearningLevel
from .listing import Listing, Tally, scoped
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
    ahead = Listing.objects.filter(**scoped(None), published_at__gt=at)
    ended = Listing.objects.filter(**scoped(None), published_at__lte=at, expires_at__lte=at)
    arms = [
        Category.objects.filter(parent=None)
        .order_by()
        .values_list("pk", Value(None, output_field=IntegerField()), F("position"), "name", "slug", "path"),
        _counted(Tally.objects.all(), Sum("posts")),
        *(
            _counted(Listing.objects.filter(post__in=hidden.order_by().values("post")), -Count("*"))
            for hidden in (ahead, ended)
        ),
    ]
    for pk, level, n, name, slug, path in arms[0].union(*arms[1:], all=True):
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


def _counted(rows: QuerySet[Any], n: Any) -> QuerySet[Any, Any]:
    """Rows of Tally or Listing that stand under a top category, by category and level, shaped as the union needs."""
    top = rows.filter(category__in=Category.objects.filter(parent=None).order_by().values("pk"))
    grouped = top.order_by().values("category", "level").annotate(n=n)
    return grouped.values_list("category", "level", "n", *[Value("", output_field=CharField())] * 3)
