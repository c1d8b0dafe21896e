"""Walks from figure to figure through the showings, a probe of an index for each: what they cost follows from the
number of figures, not from that of the posts that show them.

https://wiki.postgresql.org/wiki/Loose_indexscan
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

MOST_WALKED = 1_000
"""Figures that are counted one by one: with more, the posts that show them are seldom many times as many."""

NAMED = re.compile(r"%\((\w+)\)s")

LIVE = "published_at <= %(at)s AND (expires_at IS NULL OR expires_at > %(at)s)"

# The words of a figure are the same in all its showings.
MATCHING = """(
    SELECT words @@ websearch_to_tsquery('stratum', %(words)s) FROM blog_showing
    WHERE figure_id = walk.figure_id LIMIT 1
)"""

WALK = """
    WITH RECURSIVE walk AS (
        (SELECT figure_id FROM blog_showing WHERE {here} AND figure_id {beyond} %(place)s
         ORDER BY {order} LIMIT 1)
        UNION ALL
        SELECT (SELECT figure_id FROM blog_showing WHERE {here} AND figure_id {beyond} walk.figure_id
                ORDER BY {order} LIMIT 1)
        FROM walk WHERE figure_id IS NOT NULL
    )
"""

# What is sought by words and category is read from their index instead.
SEEK = """
    WITH walk AS (
        SELECT DISTINCT figure_id FROM blog_showing WHERE {here} AND figure_id {beyond} %(place)s AND {live}
        ORDER BY {order} LIMIT %(size)s
    )
"""

# Sub-selects with a limit, for PostgreSQL would join others with all showings there are; and in the order of the index,
# for it would look for a level of a figure among all of its showings.
COUNT = """
    , known AS MATERIALIZED (
        SELECT figure_id FROM walk WHERE figure_id IS NOT NULL LIMIT %(most)s + 1
    ), shown AS MATERIALIZED (
        SELECT figure_id, level.id AS level_id FROM known AS walk CROSS JOIN blog_learninglevel AS level
        WHERE (SELECT count(*) FROM known) <= %(most)s AND {matching} AND (
            SELECT true FROM blog_showing WHERE level_id = level.id AND figure_id = walk.figure_id AND {live}
            ORDER BY (number IS NULL), published_at, post_id LIMIT 1
        )
    )
    SELECT level_id, count(*) FROM shown GROUP BY level_id
    UNION ALL SELECT NULL, count(DISTINCT figure_id) FROM shown
    UNION ALL SELECT 0, count(*) FROM known
"""
KNOWN = 0  # stands for no level: ids begin at 1

# Of each figure the oldest showing that gives it a number, else the oldest. The index has them by level.
FIRST = """
    SELECT shown.id FROM walk, LATERAL (
        SELECT one.id FROM blog_learninglevel AS level, LATERAL (
            SELECT id, number, published_at, post_id FROM blog_showing
            WHERE level_id = level.id AND figure_id = walk.figure_id AND {live} AND {within}
            ORDER BY (number IS NULL), published_at, post_id LIMIT 1
        ) AS one WHERE {levels} ORDER BY (one.number IS NULL), one.published_at, one.post_id LIMIT 1
    ) AS shown WHERE {matching} LIMIT %(size)s
"""

NEWEST = """
    SELECT one.id FROM blog_learninglevel AS level, (VALUES (true), (false)) AS lead (alone), LATERAL (
        SELECT id, published_at, post_id FROM blog_showing
        WHERE level_id = level.id AND figure_id = %(figure)s AND (number IS NULL) = lead.alone AND {live}
        ORDER BY published_at DESC, post_id DESC LIMIT %(size)s
    ) AS one ORDER BY one.published_at DESC, one.post_id DESC LIMIT %(size)s
"""


def count_walking(params: dict[str, Any], *, words: bool) -> dict[int | None, int] | None:
    """How many figures live posts show, by the level's id, and at all levels together under None; None where there are
    more than MOST_WALKED. `params` are `at` and, if they narrow, `words`. One query."""
    text = WALK.format(here="true", beyond=">", order="figure_id") + COUNT.format(
        live=LIVE, matching=MATCHING if words else "true"
    )
    with connection.cursor() as cursor:
        cursor.execute(text, params | {"place": 0, "most": MOST_WALKED})
        counts: dict[int | None, int] = dict(cursor.fetchall())
    return counts if counts.pop(KNOWN) <= MOST_WALKED else None


def first_showings(
    params: dict[str, Any], *, words: bool, category: bool, level: bool, older: bool, walking: bool
) -> RawSQL:
    """The ids of the showings by which the next `size` figures from `place` on are known. `params` are these two, `at`,
    and of `words`, `category` and `level` what narrows. What `walking` passes over is figures without the words."""
    at_level, in_category = "level_id = %(level)s", "categories @> ARRAY[%(category)s::bigint]"
    sought = [at_level] * level
    if not walking:
        sought += ["words @@ websearch_to_tsquery('stratum', %(words)s)"] * words + [in_category] * category
    # At a level PostgreSQL would look through all of a figure's showings, were not the whole order of the index asked.
    order = ["figure_id", *["(number IS NULL)", "published_at", "post_id"] * (level and walking)]
    source = (WALK if walking else SEEK).format(
        here=" AND ".join(sought) or "true",
        beyond="<" if older else ">",
        order=", ".join(f"{column} DESC" if older else column for column in order),
        live=LIVE,
    )
    text = source + FIRST.format(
        live=LIVE,
        within=in_category if category else "true",
        levels="level.id = %(level)s" if level else "true",
        matching=MATCHING if words and walking else "true",
    )
    return _as_ids(text, params)


def first_showing(figure: int, *, at: datetime) -> RawSQL:
    """The id of the showing by which a figure is known."""
    source = "WITH walk AS (SELECT %(figure)s::bigint AS figure_id)"
    text = source + FIRST.format(live=LIVE, within="true", levels="true", matching="true")
    return _as_ids(text, {"figure": figure, "at": at, "size": 1})


def newest_showings(figure: int, *, at: datetime, size: int) -> RawSQL:
    """The ids of a figure's newest showings."""
    return _as_ids(NEWEST.format(live=LIVE), {"figure": figure, "at": at, "size": size})


def _as_ids(text: str, params: dict[str, Any]) -> RawSQL:
    return RawSQL(NAMED.sub("%s", text), [params[name] for name in NAMED.findall(text)])  # noqa: S611 - constants
