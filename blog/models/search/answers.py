"""What a query finds, as statements over bits. They hold for posts whose bits are true; those written since are few,
and are asked of their entries in the same statement, so that both are seen at one instant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..bits import BLOCK
from .conditions import Condition, every
from .sets import NONE, All, Not, Set, Sum, as_bits
from .understanding import Understood

Statement = tuple[str, list[Any]]

# `found` has no row where the seal is not the one that the query was understood by, or is younger than the instant.
FOUND = """
    WITH loose AS MATERIALIZED (
        SELECT post_id FROM blog_unsealed
        UNION SELECT post_id FROM blog_entry
        WHERE expires_at > (SELECT sealed_at FROM blog_seal WHERE id = %s) AND expires_at <= %s
    ), masked AS (
        SELECT {as_bits} FROM loose GROUP BY 1
    ), found AS MATERIALIZED (
        SELECT whole.block, whole.bits & {expression} & ~coalesce(masked.bits, {none}) AS bits{heads}
        FROM blog_seal AS seal JOIN blog_bits AS whole ON whole.kind = 'all'
        LEFT JOIN masked ON masked.block = whole.block
        {joins}
        WHERE seal.id = %s AND seal.sealed_at <= %s
    ), fresh AS MATERIALIZED (
        SELECT post_id, level_id, published_at, categories{fresh_heads} FROM (
            SELECT * FROM blog_entry WHERE post_id = ANY(ARRAY(SELECT post_id FROM blog_unsealed)) OFFSET 0
        ) AS blog_entry WHERE {where}
    )
"""

# `OFFSET 0` keeps PostgreSQL from sorting bits instead of their numbers, and, above, from asking the index of words of
# all posts for those of a few.
COUNTED = """
    SELECT 'seal', '', 1::bigint, NULL::timestamptz, NULL::bigint[], NULL::boolean
        FROM blog_seal WHERE id = %s AND sealed_at <= %s
    UNION ALL SELECT 'all', '', sum(bit_count(bits))::bigint, NULL, NULL, NULL FROM found HAVING count(*) > 0
    {heads}
    UNION ALL
    SELECT kind, value, sum(n)::bigint, NULL, NULL, NULL FROM (
        SELECT kind, value, bit_count(kept.bits & found.bits) AS n FROM (
            SELECT kind, value, block, bits FROM blog_bits WHERE kind = 'level'
            UNION ALL SELECT kind, value, block, bits FROM blog_bits WHERE kind = 'month'
            UNION ALL SELECT kind, value, block, bits FROM blog_bits WHERE kind = 'category' AND value = ANY(%s)
        ) AS kept JOIN found ON kept.block + 0 = found.block OFFSET 0
    ) AS counted GROUP BY kind, value
    UNION ALL SELECT 'post', level_id::text, 1, published_at, categories, {in_heads} FROM fresh
"""
HEADS = """
    UNION ALL SELECT 'head', '', sum(bit_count(bits & heads))::bigint, NULL, NULL, NULL FROM found HAVING count(*) > 0
"""

ANSWER = """
    , answer AS MATERIALIZED (
        SELECT block, bit_or(bits) AS bits FROM (
            SELECT block, bits FROM found UNION ALL (SELECT {as_bits} FROM fresh GROUP BY 1)
        ) AS both_kinds GROUP BY block
    )
"""

# The newest of an answer that many posts belong to: the index of dates is walked, and each post's bit looked at.
WALKED = """
    SELECT post_id FROM (
        SELECT post_id, published_at FROM blog_entry WHERE {dated}
        ORDER BY published_at DESC, post_id DESC LIMIT %s
    ) AS walk
    WHERE get_bit((ARRAY(
        SELECT coalesce(answer.bits, {none}) FROM generate_series(0, (SELECT max(block) FROM answer)) AS number
        LEFT JOIN answer ON answer.block = number ORDER BY number
    ))[post_id / {block} + 1], (post_id %% {block})::int) = 1
    ORDER BY published_at DESC, post_id DESC LIMIT %s OFFSET %s
"""

# All of an answer that few belong to: what stands between two ones, as text, tells how far apart they are. That costs a
# fifth of looking at each bit. What follows the last one ends where the block does.
LISTED = """
    SELECT block * {block}::bigint + place FROM (
        SELECT block, sum(length(zeros) + 1) OVER (PARTITION BY block ORDER BY number) - 1 AS place
        FROM answer, string_to_table(bits::text, '1') WITH ORDINALITY AS between_ones (zeros, number)
    ) AS places WHERE place < {block}
"""
WALKING, LISTING, SORTING = 0.4, 0.002, 3.0
"""What each post costs to walk past, to look for in the answer, and to fetch and sort, in microseconds, nearly."""


def _found(
    understood: Understood, at: datetime, wanted: Set, where: Condition, *, count_heads: bool = False
) -> Statement:
    parts = Sum()
    expression = parts.expression(wanted) if not isinstance(wanted, All) or wanted.parts else "whole.bits"
    heads = fresh_heads = ""
    fresh: list[Any] = []
    if count_heads:
        heads = f", {parts.expression(understood.as_set(heads=True))} AS heads"
        fresh_heads, fresh = ", heads @@ %s::tsquery AS in_heads", [understood.match]
    sql = FOUND.format(
        as_bits=as_bits(),
        expression=expression,
        none=NONE,
        heads=heads,
        joins=" ".join(parts.joins),
        fresh_heads=fresh_heads,
        where=where.sql,
    )
    return sql, [understood.seal, at, *parts.params, understood.seal, at, *fresh, *where.params]


def counted(understood: Understood, at: datetime) -> Statement:
    """All that is found, by level, month and category: rows (kind, value, number, …), and each post that was written
    since the bits were set as a row of its own."""
    asked = bool(understood.match)
    sql, params = _found(
        understood, at, understood.as_set(), understood.where(at, of_few=True), count_heads=asked
    )
    sql += COUNTED.format(heads=HEADS if asked else "", in_heads="in_heads" if asked else "false")
    return sql, [*params, understood.seal, at, [str(one) for one in understood.shelves]]


def newest(
    understood: Understood, at: datetime, *, of: int, start: int, end: int, heads: bool | None = None
) -> Statement:
    """The ids of what is found from `start` to `end`, newest first: with the words in title and summary (`heads`),
    without them there (False), or all. There are `of`, which tells the cheaper way. A walk ends after three times the
    posts that it is likely to need, and may have found too few: ask then for all by `whole`."""
    past = understood.size * min(1.0, end / max(1, of))
    if past * WALKING > understood.size * LISTING + of * SORTING:
        return whole(understood, at, start=start, end=end, heads=heads)
    sql, params = _answered(understood, at, heads)
    dates = [one for key in ("from", "to") for one in understood.conditions.get(key, [])]
    dated = every([Condition("published_at <= %s", (at,)), *dates])
    sql += WALKED.format(none=NONE, block=BLOCK, dated=dated.sql)
    return sql, [*params, *dated.params, int(3 * past) + 1_000, end - start, start]


def whole(
    understood: Understood, at: datetime, *, start: int, end: int, heads: bool | None = None
) -> Statement:
    """The same, whatever it costs."""
    sql, params = _answered(understood, at, heads)
    listed = LISTED.format(block=BLOCK)
    listed = f"SELECT post_id FROM blog_entry WHERE post_id = ANY(ARRAY({sql}{listed}))"  # noqa: S608 - ours
    return f"{listed} ORDER BY published_at DESC, post_id DESC LIMIT %s OFFSET %s", [
        *params,
        end - start,
        start,
    ]


def _answered(understood: Understood, at: datetime, heads: bool | None) -> Statement:
    where, wanted = understood.where(at, of_few=True), understood.as_set()
    if heads is not None:
        in_heads = understood.as_set(heads=True)
        wanted = in_heads if heads else All((wanted, Not(in_heads)))
        those = Condition("(heads @@ %s::tsquery) IS TRUE", (understood.match,))
        where = every([where, those if heads else those.negated()])
    sql, params = _found(understood, at, wanted, where)
    return sql + ANSWER.format(as_bits=as_bits()), params
