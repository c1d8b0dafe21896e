"""Stepping down to a day by years and months, without reading every row between."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

# Each step asks the index for the first date after the last found period: one short look-up a period.
# https://wiki.postgresql.org/wiki/Loose_indexscan
PERIODS = """
    WITH RECURSIVE found(at) AS (
        SELECT min(published_at) FROM blog_post
        WHERE status = 'published' AND published_at >= %(start)s AND published_at < %(end)s
        UNION ALL
        SELECT (
            SELECT min(published_at) FROM blog_post
            WHERE status = 'published' AND published_at < %(end)s
            AND published_at >= date_trunc(%(step)s, found.at, %(zone)s) + ('1 ' || %(step)s)::interval
        ) FROM found WHERE found.at IS NOT NULL
    )
    SELECT extract({step} FROM found.at AT TIME ZONE %(zone)s)::int FROM found WHERE found.at IS NOT NULL LIMIT 200
"""


def periods(step: str, start: datetime, end: datetime) -> list[int]:
    """The years, months or days (`step`) from `start` up to `end` in which posts are dated, in order; 200 at most."""
    zone = timezone.get_current_timezone_name()
    assert step in {"year", "month", "day"}
    with connection.cursor() as cursor:
        cursor.execute(
            PERIODS.format(step=step).replace("%(step)s", f"'{step}'"),
            {"start": start, "end": end, "zone": zone},
        )
        return [number for (number,) in cursor.fetchall()]


@dataclass(frozen=True)
class Step:
    title: str
    link: str = ""


@dataclass(frozen=True)
class Dates:
    """The way back up and the periods to go down to."""

    back: Step | None
    choices: list[Step]


def steps(changelist: Any, field: str) -> Dates:
    """Where the list's date parameters lead from here, in one query. The list has found them valid."""
    given = [changelist.params.get(f"{field}__{part}") for part in ("year", "month", "day")]
    year, month, day = (int(text) if text else None for text in given)

    def link(*numbers: int) -> str:
        new = dict(zip((f"{field}__year", f"{field}__month", f"{field}__day"), numbers, strict=False))
        return changelist.get_query_string(new, [f"{field}__"])

    if year is None:
        return Dates(None, [Step(str(n), link(n)) for n in periods("year", moment(1970), moment(3000))])
    if month is None:
        found = periods("month", moment(year), moment(year + 1))
        months = [Step(date_format(date(year, n, 1), _("F Y")), link(year, n)) for n in found]
        return Dates(Step(_("All dates"), link()), months)
    if day is None:
        end = date(year, month, calendar.monthrange(year, month)[1]) + timedelta(days=1)
        found = periods("day", moment(year, month), moment(end.year, end.month))
        days = [Step(date_format(date(year, month, n), _("j F")), link(year, month, n)) for n in found]
        return Dates(Step(str(year), link(year)), days)
    here = date(year, month, day)
    return Dates(Step(date_format(here, _("F Y")), link(year, month)), [Step(date_format(here, _("j F")))])


def moment(year: int, month: int = 1) -> datetime:
    """The first instant of a month in the current time zone."""
    return timezone.make_aware(datetime(min(max(year, 1970), 3000), month, 1))
