"""Conditions on entries: as PostgreSQL reads rows by them, and as a set of bits."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from ..entry import Entry
from ..live import within
from .sets import Any_, Kept, Not, Read, Set, kept, phrases_in

SAMPLE = datetime(1970, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Condition:
    """On rows of `blog_entry`; `set` says the same of posts that are live, where it is needed."""

    sql: str
    params: tuple[Any, ...] = ()
    set: Set | None = None

    def negated(self) -> Condition:
        return Condition(f"NOT ({self.sql})", self.params, Not(self.set) if self.set else None)


NOTHING = Condition("false")


@functools.cache
def _within() -> tuple[str, int]:
    """`live.within` as PostgreSQL's text, with how many times it names the instant."""
    query = Entry.objects.filter(within(SAMPLE)).query
    sql, params = query.where.as_sql(query.get_compiler(connection=connection), connection)
    if set(params) != {SAMPLE}:
        raise ValueError("what is live depends on more than the instant")
    return sql, len(params)


def live(at: datetime) -> Condition:
    sql, times = _within()
    return Condition(sql, (at,) * times)


def every(parts: Iterable[Condition]) -> Condition:
    parts = list(parts)
    return Condition(
        " AND ".join(f"({one.sql})" for one in parts), tuple(value for one in parts for value in one.params)
    )


def without(tsquery: str, *, of_few: bool) -> Condition:
    """As rows to leave out: asked without a positive word, an index could only be read from end to end. Rows that are
    few and known already are looked at."""
    if of_few:
        return Condition("(words @@ %s::tsquery) IS NOT TRUE", (tsquery,))
    having = matching(tsquery)
    return Condition(f"post_id NOT IN (SELECT post_id FROM blog_entry WHERE {having.sql})", having.params)  # noqa: S608


def matching(tsquery: str) -> Condition:
    """That entries have the words. Asked for a phrase, the index of words would list all posts that have its words
    anywhere, each to be read: the index of neighbouring words is asked instead."""
    phrases, alone = phrases_in(tsquery)
    if not phrases:
        return Condition("words @@ %s::tsquery", (tsquery,))
    # An array, so that the index is asked once: joined, PostgreSQL may compute the pairs of each post that it looks at.
    having = "post_id = ANY(ARRAY(SELECT post_id FROM blog_phrasing WHERE {where}))"
    paired = [Condition(having.format(where=one.where), one.params) for one in phrases]
    # Of very many posts with a frequent phrase, to read all their words once more would take a second.
    return every(paired if alone else [*paired, Condition("(words @@ %s::tsquery) IS TRUE", (tsquery,))])


def having(key: str, ids: Iterable[int], common: Collection[tuple[str, int]] = ()) -> Condition:
    """One of these levels, categories, tags, authors or series."""
    listed = sorted(ids)
    if key == "level":
        return Condition("level_id = ANY(%s)", (listed,), kept("level", *map(str, listed)))
    if key == "series":
        sql = "post_id IN (SELECT post_id FROM blog_seriespart WHERE series_id = ANY(%s))"
        return Condition(sql, (listed,), Read(sql, (listed,)))
    column = {"category": "categories", "tag": "tags", "author": "authors"}[key]
    sql = f"{column} && %s::bigint[]"
    if key == "category" or all((key, one) in common for one in listed):
        return Condition(sql, (listed,), kept(key, *map(str, listed)))
    return Condition(sql, (listed,), Read(sql, (listed,)))


def in_languages(tags: Iterable[str]) -> Condition:
    """One of these languages, in small letters, whatever the region: `de` is `de-CH` too."""
    whole = sorted(set(tags))
    regions = [f"{tag}-" for tag in whole]
    sql = "{0} = ANY(%s) OR EXISTS (SELECT FROM unnest(%s::text[]) AS region WHERE starts_with({0}, region))"
    params = (whole, regions)
    return Condition(
        sql.format("lower(language)"), params, Kept(f"kind = 'lang' AND ({sql.format('value')})", params)
    )


def since(instant: datetime) -> Condition:
    """Published then or later: whole months as bits, of the first perhaps a part."""
    first, later = _months(instant)
    rest = Read("published_at >= %s AND published_at < %s", (instant, later))
    return Condition(
        "published_at >= %s",
        (instant,),
        _after(first) if instant == first else Any_((_after(later), rest)),
    )


def until(instant: datetime) -> Condition:
    """Published before."""
    first, _later = _months(instant)
    before = Kept("kind = 'month' AND value < %s", (_month(first),))
    rest = Read("published_at >= %s AND published_at < %s", (first, instant))
    return Condition("published_at < %s", (instant,), before if instant == first else Any_((before, rest)))


def _after(first: datetime) -> Kept:
    return Kept("kind = 'month' AND value >= %s", (_month(first),))


def _month(first: datetime) -> str:
    return first.isoformat()[:7]


def _months(instant: datetime) -> tuple[datetime, datetime]:
    """The first instant of the month in the site's time zone, and of the next."""
    day = timezone.localtime(instant)
    zone = timezone.get_current_timezone()
    first = datetime(day.year, day.month, 1, tzinfo=zone)
    return first, datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=zone)
