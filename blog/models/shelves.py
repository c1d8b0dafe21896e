"""The whole tree of categories, with how many posts each holds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet, Sum

from .category import Category
from .listing import Listing, Tally, scoped


@dataclass
class Shelf:
    """A category with its live posts, those below it included, counted once each, and the shelves below it."""

    category: Category
    posts: int
    below: list[Shelf] = field(default_factory=list)


def read_shelves(*, at: datetime) -> list[Shelf]:
    """The roots of the tree, siblings in the editors' order. Four queries; their cost grows with the categories and
    with what is scheduled or has expired, not with the posts."""
    counts: dict[int, int] = defaultdict(int)
    filed = Tally.objects.filter(category__isnull=False).values("category")
    counts.update(filed.order_by().annotate(n=Sum("posts")).values_list("category", "n"))
    ahead = Listing.objects.filter(**scoped(None), published_at__gt=at).values("post")
    ended = Listing.objects.filter(**scoped(None), published_at__lte=at, expires_at__lte=at).values("post")
    for hidden in (ahead, ended):
        for category, n in _by_category(Listing.objects.filter(category__isnull=False, post__in=hidden)):
            counts[category] -= n
    shelves = {
        one.pk: Shelf(one, counts[one.pk]) for one in Category.objects.order_by("position", "name", "pk")
    }
    roots: list[Shelf] = []
    for shelf in shelves.values():
        parent = shelf.category.parent_id
        (shelves[parent].below if parent else roots).append(shelf)
    return roots


def _by_category(rows: QuerySet[Listing]) -> QuerySet[Any, tuple[int, int]]:
    return rows.values("category").order_by().annotate(n=Count("*")).values_list("category", "n")
