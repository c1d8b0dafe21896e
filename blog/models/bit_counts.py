"""How many posts of a selection have which category, level, month, tag and author, from the bits kept of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from .bits import BLOCK, MOST_UNSEALED
from .search.sets import NONE, as_bits
from .selection import Selection

# `sealed` has a row where bits can be asked: they are of this time zone, not of a later instant, and few posts have
# been written since. `masked` are those of which they are not to be believed; what these are is asked of their entries.
SEALED = """
    WITH sealed AS MATERIALIZED (
        SELECT sealed_at FROM blog_seal WHERE zone = %(zone)s AND sealed_at <= %(at)s
        AND (SELECT count(*) FROM (SELECT FROM blog_unsealed LIMIT {most} + 1) AS waiting) <= {most}
        {provided}
    ), masked AS MATERIALIZED (
        SELECT {as_bits} FROM (
            SELECT post_id FROM blog_unsealed
            UNION SELECT post_id FROM blog_entry
            WHERE expires_at > (SELECT sealed_at FROM sealed) AND expires_at <= %(at)s
        ) AS loose GROUP BY 1
    )
"""

# `OFFSET 0`: else PostgreSQL sorts bits instead of their numbers. Of tags and authors that few posts have no bits are
# kept: their listings are walked.
COUNTED = """
    , found AS MATERIALIZED (
        SELECT whole.block, coalesce(whole.bits & ~coalesce(masked.bits, {none}){chosen}, {none}) AS bits
        FROM blog_bits AS whole LEFT JOIN masked ON masked.block = whole.block {joins}
        WHERE whole.kind = 'all' AND EXISTS (SELECT FROM sealed)
    ), fresh AS MATERIALIZED (
        SELECT * FROM (
            SELECT * FROM blog_entry WHERE post_id = ANY(ARRAY(SELECT post_id FROM blog_unsealed)) OFFSET 0
        ) AS blog_entry
        WHERE published_at <= %(at)s AND (expires_at IS NULL OR expires_at > %(at)s) AND EXISTS (SELECT FROM sealed)
        {narrowed}
    )
    SELECT kind, value, sum(n)::bigint FROM (
        SELECT kind, value, n FROM (
            SELECT kind, value, bit_count(kept.bits & found.bits) AS n
            FROM blog_bits AS kept JOIN found ON kept.block + 0 = found.block
            WHERE kind = ANY(%(kinds)s) OFFSET 0
        ) AS counted
        {arms}
    ) AS each GROUP BY kind, value HAVING sum(n) > 0
    UNION ALL SELECT 'sealed', '', 1 FROM sealed
"""
FRESH = {
    "category": "UNION ALL SELECT 'category', one::text, 1 FROM fresh, unnest(categories) AS one",
    "tag": "UNION ALL SELECT 'tag', one::text, 1 FROM fresh, unnest(tags) AS one",
    "author": "UNION ALL SELECT 'author', one::text, 1 FROM fresh, unnest(authors) AS one",
    "level": "UNION ALL SELECT 'level', level_id::text, 1 FROM fresh",
    "month": "UNION ALL SELECT 'month', to_char(published_at AT TIME ZONE %(zone)s, 'YYYY-MM'), 1 FROM fresh",
}
RARE = """
    UNION ALL SELECT '{kind}', {kind}_id::text, 1 FROM blog_listing
    WHERE {kind}_id = ANY(ARRAY(
        SELECT DISTINCT {kind}_id FROM blog_tally WHERE {kind}_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM blog_common WHERE kind = '{kind}' AND value = {kind}_id::text)
        AND EXISTS (SELECT FROM sealed)
    )) AND get_bit((ARRAY(
        SELECT coalesce(found.bits, {none}) FROM generate_series(0, (SELECT max(block) FROM found)) AS number
        LEFT JOIN found ON found.block = number ORDER BY number
    ))[post_id / {block} + 1], (post_id %% {block})::int) = 1
"""


def sealed(provided: str = "") -> str:
    """The beginning of a statement that asks bits, with the parameters `at` and `zone`; `provided` is one condition
    more."""
    return SEALED.format(as_bits=as_bits(), most=MOST_UNSEALED, provided=provided)


def counts_by_bits(
    selection: Selection, kinds: Sequence[str], *, at: datetime
) -> list[tuple[str, str, int]] | None:
    """The selection's live posts by the values of these kinds: kind, value (an id, or a month as 2026-02), number. None
    where bits are not kept of all that is chosen. One query."""
    params: dict[str, Any] = {"at": at, "zone": str(timezone.get_current_timezone())}
    provided, joins, chosen, narrowed = "", "", "", ""
    scopes = {"category": "categories", "tag": "tags", "author": "authors"}
    for kind, column in scopes.items():
        if (one := getattr(selection, kind)) is not None:
            params[kind] = one.pk
            joins += _join(kind, f"value = %({kind})s::text")
            narrowed += f" AND {column} @> ARRAY[%({kind})s::bigint]"
            if kind != "category":
                provided += f" AND EXISTS (SELECT FROM blog_common WHERE kind = '{kind}' AND value = %({kind})s::text)"  # noqa: S608
    if selection.level:
        params["level"] = selection.level.pk
        joins += _join("level", "value = %(level)s::text")
        narrowed += " AND level_id = %(level)s"
    if selection.interval:
        params["since"], params["until"] = selection.interval
        params["year"] = f"{selection.year:04}" + (f"-{selection.month:02}" if selection.month else "")
        joins += _join("month", "starts_with(value, %(year)s)")
        narrowed += " AND published_at >= %(since)s AND published_at < %(until)s"
    chosen = "".join(f" & {kind}.bits" for kind in (*scopes, "level", "month") if f" AS {kind} ON" in joins)
    asked = list(dict.fromkeys("month" if kind == "year" else kind for kind in kinds))
    arms = "\n".join(FRESH[kind] for kind in asked)
    arms += "".join(
        RARE.format(kind=kind, none=NONE, block=BLOCK) for kind in asked if kind in ("tag", "author")
    )
    params["kinds"] = asked
    sql = sealed(provided) + COUNTED.format(
        none=NONE, chosen=chosen, joins=joins, narrowed=narrowed, arms=arms
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    counted = [row for row in rows if row[0] != "sealed"]
    return counted if len(counted) < len(rows) else None


def _join(kind: str, which: str) -> str:
    return (
        f" LEFT JOIN (SELECT block, bit_or(bits) AS bits FROM blog_bits WHERE kind = '{kind}' AND {which}"  # noqa: S608
        f" GROUP BY block) AS {kind} ON {kind}.block = whole.block"
    )
