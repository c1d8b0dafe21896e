"""The archive: how many posts each month holds, and which month comes before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from .bit_counts import sealed
from .listing import page_rows
from .search.sets import NONE
from .selection import Selection

# What bits say of months (see `models.bits`), less what they are not to be believed of: that is asked of its entries.
MONTHS = f"""
    SELECT value AS month, bit_count(kept.bits & ~coalesce(masked.bits, {NONE})) AS n
    FROM blog_bits AS kept LEFT JOIN masked ON masked.block = kept.block
    WHERE kind = 'month' AND starts_with(value, %(year)s)
    UNION ALL
    SELECT to_char(published_at AT TIME ZONE %(zone)s, 'YYYY-MM'), 1 FROM blog_entry
    WHERE post_id = ANY(ARRAY(SELECT post_id FROM blog_unsealed))
    AND published_at <= %(at)s AND (expires_at IS NULL OR expires_at > %(at)s)
"""  # noqa: S608 - put together from constants

# For each span its live posts, from the site's index alone; what has expired and is not yet forgotten is little, and is
# subtracted. Grouping all rows by their month instead costs a time zone's arithmetic for each: ten times as much.
ENDED = """
    ended AS MATERIALIZED (
        SELECT published_at FROM blog_listing
        WHERE expires_at <= %(at)s AND category_id IS NULL AND tag_id IS NULL AND author_id IS NULL
    )
"""
ONE_BY_ONE = """
    (
        SELECT count(*) FROM blog_listing
        WHERE category_id IS NULL AND tag_id IS NULL AND author_id IS NULL AND post_id > 0
        AND published_at >= span.since AND published_at < span.until AND published_at <= %(at)s
    ) - (
        SELECT count(*) FROM ended
        WHERE published_at >= span.since AND published_at < span.until AND published_at <= %(at)s
    )
"""
COUNT = f"""
    WITH {ENDED} SELECT span.number, {ONE_BY_ONE}
    FROM unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) WITH ORDINALITY AS span (since, until, number)
"""  # noqa: S608 - put together from constants

# The same of the months of a year: from bits, or, where there are none of this time zone, one by one.
COUNT_YEAR = f"""
    , {ENDED}, counted AS MATERIALIZED (SELECT month, sum(n)::bigint AS n FROM ({MONTHS}) AS each GROUP BY month)
    SELECT span.number, CASE WHEN EXISTS (SELECT FROM sealed)
        THEN coalesce((SELECT n FROM counted WHERE counted.month = span.month), 0) ELSE {ONE_BY_ONE} END
    FROM unnest(%(since)s::timestamptz[], %(until)s::timestamptz[], %(months)s::text[])
        WITH ORDINALITY AS span (since, until, month, number)
"""  # noqa: S608 - put together from constants

# The same of all months from bits, and none where there are no such.
BY_BITS = f"""
    SELECT month, sum(n)::bigint FROM ({MONTHS}) AS counted WHERE EXISTS (SELECT FROM sealed) GROUP BY month
    UNION ALL SELECT 'first', extract(epoch FROM min(published_at))::bigint FROM blog_listing
    WHERE category_id IS NULL AND tag_id IS NULL AND author_id IS NULL AND post_id > 0 AND published_at <= %(at)s
    UNION ALL SELECT 'last', extract(epoch FROM max(published_at))::bigint FROM blog_listing
    WHERE category_id IS NULL AND tag_id IS NULL AND author_id IS NULL AND post_id > 0 AND published_at <= %(at)s
"""  # noqa: S608 - put together from constants
FIRST, LAST = "first", "last"

# The instants, in seconds since the epoch, of the nearest posts on both sides of a span.
OLDER, NEWER = 0, -1
BESIDE = """
    UNION ALL SELECT 0, (
        SELECT extract(epoch FROM published_at)::bigint FROM blog_listing
        WHERE category_id IS NULL AND tag_id IS NULL AND author_id IS NULL AND post_id > 0
        AND published_at < %(first)s AND published_at <= %(at)s AND (expires_at IS NULL OR expires_at > %(at)s)
        ORDER BY published_at DESC, post_id DESC LIMIT 1
    )
    UNION ALL SELECT -1, (
        SELECT extract(epoch FROM published_at)::bigint FROM blog_listing
        WHERE category_id IS NULL AND tag_id IS NULL AND author_id IS NULL AND post_id > 0
        AND published_at >= %(next)s AND published_at <= %(at)s AND (expires_at IS NULL OR expires_at > %(at)s)
        ORDER BY published_at, post_id LIMIT 1
    )
"""


@dataclass(frozen=True)
class Month:
    selection: Selection
    date: date
    posts: int


@dataclass(frozen=True)
class Year:
    selection: Selection
    months: list[Month]

    @property
    def posts(self) -> int:
        return sum(month.posts for month in self.months)


def read_archive(*, at: datetime) -> list[Year]:
    """The years that have posts, newest first, each with its twelve months from January on. One query where bits are
    kept of months; else a second, which reads one entry of an index for each post."""
    with connection.cursor() as cursor:
        zone = str(timezone.get_current_timezone())
        cursor.execute(sealed() + BY_BITS, {"at": at, "zone": zone, "year": ""})
        found: dict[str, int] = dict(cursor.fetchall())
    if found[FIRST] is None:
        return []
    first, last = (
        timezone.localtime(datetime.fromtimestamp(found.pop(end), UTC)).year for end in (FIRST, LAST)
    )
    years = [Year(Selection(year=year), months_of(year)) for year in range(last, first - 1, -1)]
    months = [month for year in years for month in year.months]
    counts = {number: found.get(f"{one.date:%Y-%m}", 0) for number, one in enumerate(months, start=1)}
    if not found:
        with connection.cursor() as cursor:
            cursor.execute(COUNT, _spans(months, at))
            counts = dict(cursor.fetchall())
    counted = [Month(one.selection, one.date, counts[number]) for number, one in enumerate(months, start=1)]
    filled = [Year(year.selection, counted[12 * n : 12 * n + 12]) for n, year in enumerate(years)]
    return [year for year in filled if year.posts]


def read_year(year: int, *, at: datetime) -> tuple[list[Month], Selection | None, Selection | None]:
    """The twelve months of a year, and the nearest years before and after it that have posts. One query."""
    months = months_of(year)
    since, until = Selection(year=year).interval or (at, at)
    params = _spans(months, at) | {
        "first": since,
        "next": until,
        "zone": str(timezone.get_current_timezone()),
        "year": f"{year:04}",
        "months": [f"{one.date:%Y-%m}" for one in months],
    }
    with connection.cursor() as cursor:
        cursor.execute(sealed() + COUNT_YEAR + BESIDE, params)
        found = dict(cursor.fetchall())
    older, newer = (
        Selection(year=timezone.localtime(datetime.fromtimestamp(found[side], UTC)).year)
        if found[side]
        else None
        for side in (OLDER, NEWER)
    )
    counted = [Month(one.selection, one.date, found[number]) for number, one in enumerate(months, start=1)]
    return counted, older, newer


def months_of(year: int) -> list[Month]:
    return [Month(Selection(year=year, month=month), date(year, month, 1), posts=0) for month in range(1, 13)]


def around(selection: Selection, *, at: datetime) -> tuple[Selection | None, Selection | None]:
    """The nearest year (or month, for a month) before and after the selection's that has posts. One query, two entries
    of an index."""
    since, until = selection.interval or (at, at)
    rows = page_rows(None, at=at).order_by()
    older = rows.filter(published_at__lt=since).order_by("-published_at", "-post_id")
    newer = rows.filter(published_at__gte=until).order_by("published_at", "post_id")
    found = older.values_list("published_at")[:1].union(newer.values_list("published_at")[:1], all=True)
    dates = [timezone.localtime(instant) for (instant,) in found]

    def archive(day: datetime) -> Selection:
        return Selection(year=day.year, month=day.month if selection.month else None)

    return (
        next((archive(day) for day in dates if day < since), None),
        next((archive(day) for day in dates if day >= until), None),
    )


def _spans(months: list[Month], at: datetime) -> dict[str, Any]:
    spans = [month.selection.interval for month in months]
    return {
        "at": at,
        "since": [span[0] for span in spans if span],
        "until": [span[1] for span in spans if span],
    }
