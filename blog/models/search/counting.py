"""How many posts are found, and how many of them at each level, in each category and year: one pass over all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    QuerySet,
    Value,
    When,
)
from django.utils import timezone

from ..entry import Entry
from .grammar import Filter, Query, Sort
from .results import Facet, Facets
from .understanding import Named, Understood

FIRST_YEAR = 1990
BITS = 60


class Bucket(Func):
    """The number of the last of ascending instants that is not after the expression's; 0 before the first."""

    function = "width_bucket"
    output_field = IntegerField()

    def __init__(self, expression: Any, bounds: list[datetime]) -> None:
        super().__init__(expression)
        self.bounds = bounds

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        inner, params = compiler.compile(self.source_expressions[0])
        return f"width_bucket({inner}, %s::timestamptz[])", [*params, self.bounds]


@dataclass
class Tallies:
    """Exact numbers of posts; `levels` and `categories` by id."""

    total: int = 0
    levels: Counter[int] = field(default_factory=Counter)
    categories: Counter[int] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)


def count(entries: QuerySet[Entry], understood: Understood, at: datetime) -> Tallies:
    """One query. Groups are many fewer than posts, so they are added up here."""
    zone = timezone.get_current_timezone()
    years = range(FIRST_YEAR, at.astimezone(zone).year + 2)
    year = Bucket(F("published_at"), [datetime(one, 1, 1, tzinfo=zone) for one in years])
    shelves = list(understood.shelves)
    tallies = Tallies()
    groups = entries.order_by().values("level_id", year=year, shelf=_shelf(understood)).annotate(n=Count("*"))
    for level, bucket, shelf, n in groups.values_list("level_id", "year", "shelf", "n"):
        tallies.total += n
        tallies.levels[level] += n
        if bucket:
            tallies.years[FIRST_YEAR - 1 + bucket] += n
        if isinstance(shelf, str):
            here = [int(one) for one in shelf.split(",") if one]
        else:
            here = [one for place, one in enumerate(shelves[:BITS]) if shelf >> place & 1]
        for one in here:
            tallies.categories[one] += n
    return tallies


def _shelf(understood: Understood) -> Any:
    """Which of the categories to count by an entry stands in, as one value: its roots, or a bit for each."""
    if not understood.within_category:
        return F("roots")
    bits: Any = Value(0, BigIntegerField())
    for place, one in enumerate(list(understood.shelves)[:BITS]):
        here = When(categories__contains=[one], then=Value(1 << place, BigIntegerField()))
        bits = bits + Case(here, default=Value(0, BigIntegerField()), output_field=BigIntegerField())
    return ExpressionWrapper(bits, output_field=BigIntegerField())


def facets(tallies: Tallies, understood: Understood, sort: Sort) -> Facets:
    """The values that narrow, each with the address of the search that it narrows to."""
    query = understood.query
    return Facets(
        levels=[
            _facet(
                query,
                sort,
                Filter("level", one.value),
                f"{one.name} ({one.value})",
                tallies.levels[one.id],
                level=int(one.value),
            )
            for one in understood.levels
            if tallies.levels[one.id]
        ],
        categories=[
            _facet(query, sort, Filter("category", one.value), one.name, tallies.categories[one.id])
            for one in _busiest(understood.shelves, tallies)
        ],
        years=[_year(query, sort, year, n) for year, n in sorted(tallies.years.items(), reverse=True)],
    )


def _busiest(shelves: dict[int, Named], tallies: Tallies) -> list[Named]:
    there = [one for one in shelves.values() if tallies.categories[one.id]]
    return sorted(there, key=lambda one: (-tallies.categories[one.id], one.name, one.id))


def _facet(query: Query, sort: Sort, by: Filter, name: str, n: int, *, level: int = 0) -> Facet:
    """Narrowing replaces what was asked of the same operator: several values would widen."""
    others = [one for one in query.filters if one.key == by.key and not one.excluded]
    return Facet(
        name, n, query.without(*others).narrowed(by).url(sort=sort), active=others == [by], level=level
    )


def _year(query: Query, sort: Sort, year: int, n: int) -> Facet:
    others = [one for one in query.filters if one.key in {"from", "to"}]
    by = [Filter("from", str(year)), Filter("to", str(year))]
    return Facet(str(year), n, query.without(*others).narrowed(*by).url(sort=sort), active=others == by)
