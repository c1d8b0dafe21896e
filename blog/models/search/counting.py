"""How many posts are found, and how many of them at each level, in each category and year: one pass over all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from . import answers
from .grammar import Filter, Query, Sort
from .results import Facet, Facets
from .understanding import Named, Understood

FIRST_YEAR = 1990
BITS = 60

BY_ROWS = """
    SELECT level_id, width_bucket(published_at, %s::timestamptz[]), {shelf}, count(*)
    FROM blog_entry WHERE {where} GROUP BY 1, 2, 3
"""


@dataclass
class Tallies:
    """Exact numbers of posts; `levels` and `categories` by id. `heads` is how many have the words in title and summary,
    None where that was not asked."""

    total: int = 0
    levels: Counter[int] = field(default_factory=Counter)
    categories: Counter[int] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)
    heads: int | None = None


def count(understood: Understood, at: datetime) -> Tallies:
    """One query: sets of bits are intersected where there are any, else entries are read."""
    if understood.seal and (tallies := _by_bits(understood, at)):
        return tallies
    return _by_rows(understood, at)


def _by_bits(understood: Understood, at: datetime) -> Tallies | None:
    """None where the bits have been set anew since the query was understood, or only after `at`."""
    sql, params = answers.counted(understood, at)
    tallies, sealed = Tallies(heads=0 if understood.match else None), False
    zone, shelves = timezone.get_current_timezone(), understood.shelves
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for kind, value, n, published, filed, in_heads in cursor.fetchall():
            sealed = sealed or kind == "seal"
            if kind == "all":
                tallies.total += n
            elif kind == "head" and tallies.heads is not None:
                tallies.heads += n
            elif kind == "level":
                tallies.levels[int(value)] += n
            elif kind == "category":
                tallies.categories[int(value)] += n
            elif kind == "month":
                _add_year(tallies, int(value[:4]), n)
            elif kind == "post":
                tallies.total += 1
                tallies.levels[int(value)] += 1
                _add_year(tallies, published.astimezone(zone).year, 1)
                tallies.categories.update(one for one in filed if one in shelves)
                if tallies.heads is not None:
                    tallies.heads += bool(in_heads)
    understood.seal = understood.seal if sealed else 0
    return tallies if sealed else None


def _add_year(tallies: Tallies, year: int, n: int) -> None:
    if year >= FIRST_YEAR and n:
        tallies.years[year] += n


def _by_rows(understood: Understood, at: datetime) -> Tallies:
    """Groups are many fewer than posts, so they are added up here."""
    zone = timezone.get_current_timezone()
    years = range(FIRST_YEAR, at.astimezone(zone).year + 2)
    bounds = [datetime(one, 1, 1, tzinfo=zone) for one in years]
    shelves = list(understood.shelves)[:BITS]
    where = understood.where(at)
    shelf, places = _shelf(shelves) if understood.within_category else ("roots", [])
    sql, tallies = BY_ROWS.format(shelf=shelf, where=where.sql), Tallies()
    with connection.cursor() as cursor:
        cursor.execute(sql, [bounds, *places, *where.params])
        for level, bucket, shelf, n in cursor.fetchall():
            tallies.total += n
            tallies.levels[level] += n
            if bucket:
                tallies.years[FIRST_YEAR - 1 + bucket] += n
            if isinstance(shelf, str):
                here = [int(one) for one in shelf.split(",") if one]
            else:
                here = [one for place, one in enumerate(shelves) if shelf >> place & 1]
            for one in here:
                tallies.categories[one] += n
    return tallies


def _shelf(shelves: list[int]) -> tuple[str, list[Any]]:
    """Which of the categories to count by an entry stands in, as one value: a bit for each."""
    bits = " + ".join("CASE WHEN %s = ANY(categories) THEN %s ELSE 0 END" for _ in shelves) or "0"
    return f"({bits})::bigint", [value for place, one in enumerate(shelves) for value in (one, 1 << place)]


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
