"""Which posts stand on a page of results. Ranking by all words means reading them, so it is exact for some hundred
posts; of more, those come first whose title and summary have the words."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import connection

from . import answers
from .grammar import Sort
from .understanding import Understood

EXACT = 500
HEADS = 1_000
WALK = 2_000

# A word counts by the weightiest field that has it: title 1, summary 0.4, captions 0.2, body 0.1 (the weights of
# `ts_rank`), and code half of that. Averaged over the words asked for; no number of mentions makes up for a field.
CODE = 0.5
# That the words stand together decides between equals only: captions exceed what a body can reach by 0.0216.
TOGETHER = 0.02
SAME = 1e-9

# In steps that tell fields apart but not more, so that equally good posts are equal and the newer leads.
SCORE = f"""
    floor((CASE WHEN code @@ %(any)s::tsquery
            AND ts_rank(words, %(any)s::tsquery) <= ts_rank(code, %(any)s::tsquery) + {SAME}::float8
        THEN ts_rank(words, %(any)s::tsquery) * {CODE}::float8 ELSE ts_rank(words, %(any)s::tsquery) END
        + {{together}}) * 10000)::int
"""
AND_TOGETHER = f"{TOGETHER}::float8 * ts_rank(words, %(match)s::tsquery)"
NEWEST_FIRST = "published_at DESC, post_id DESC"
BY_SCORE = (
    "SELECT post_id FROM blog_entry WHERE {where} ORDER BY {score} DESC, {newest_first} LIMIT %s OFFSET %s"
)

IN_HEADS = """
    WITH ranked AS MATERIALIZED (
        SELECT floor(ts_rank(heads, %s::tsquery) * 10000)::int AS score, published_at, post_id FROM (
            SELECT heads, published_at, post_id FROM blog_entry WHERE {where} ORDER BY {newest_first} LIMIT %s
        ) AS newest
    )
    SELECT (SELECT count(*) FROM ranked),
        ARRAY(SELECT post_id FROM ranked ORDER BY score DESC, {newest_first} LIMIT %s OFFSET %s)
"""
WALKED = """
    SELECT post_id FROM (
        SELECT post_id, published_at, words, heads FROM blog_entry WHERE {where} ORDER BY {newest_first} LIMIT %s
    ) AS walk WHERE words @@ %s::tsquery {but_heads} ORDER BY {newest_first} LIMIT %s OFFSET %s
"""
SORTED = "SELECT post_id FROM blog_entry WHERE {where} ORDER BY {newest_first} LIMIT %s OFFSET %s"
NOT_IN_HEADS = "AND (heads @@ %s::tsquery) IS NOT TRUE"


def page_of(
    understood: Understood,
    *,
    at: datetime,
    count: int,
    size: int,
    page: int,
    sort: Sort,
    match: str,
    in_heads: int | None = None,
) -> list[int]:
    """The ids of the posts on the page: one query, up to three where `count`, the number of all found, is large.

    `match` is the tsquery by which the posts were found, without what it excludes; `in_heads` how many of them have it
    in title and summary, where that is known.
    """
    start, end = (page - 1) * size, page * size
    if not match or sort == "newest":
        return newest(understood, at=at, count=count, match=match, start=start, end=end)
    if count <= EXACT:
        return _by_score(understood, at, match, start, end)
    ranked, found = (0, []) if in_heads == 0 else _in_heads(understood, at, match, in_heads, start, end)
    if len(found) < size and ranked < HEADS:
        start, end = max(0, start - ranked), end - ranked
        found += newest(
            understood, at=at, count=count - ranked, match=match, start=start, end=end, but_heads=True
        )
    return found


def _by_score(understood: Understood, at: datetime, match: str, start: int, end: int) -> list[int]:
    """By all words of each post."""
    where = understood.where(at, match=match)
    several = len(understood.lexemes) > 1
    score, values = _named(
        SCORE.format(together=AND_TOGETHER if several else "0"),
        {"any": understood.any, "match": understood.match},
    )
    sql = BY_SCORE.format(where=where.sql, score=score, newest_first=NEWEST_FIRST)
    return _ids(sql, [*where.params, *values, end - start, start])


def _named(sql: str, values: dict[str, str]) -> tuple[str, list[str]]:
    names = re.findall(r"%\((\w+)\)s", sql)
    return re.sub(r"%\(\w+\)s", "%s", sql), [values[name] for name in names]


def _in_heads(
    understood: Understood, at: datetime, match: str, in_heads: int | None, start: int, end: int
) -> tuple[int, list[int]]:
    """Of the newest that have the words in title and summary, how many there are, and the best from `start` to `end`.
    What has the words there has them: asking for both would make PostgreSQL look at one of the two row by row."""
    with connection.cursor() as cursor:
        if in_heads and understood.seal and match == understood.match:
            sql, params = answers.newest(understood, at, of=in_heads, start=0, end=HEADS, heads=True)
            where, params = f"post_id = ANY(ARRAY({sql}))", list(params)
        else:
            condition = understood.where(at, but="words", heads=match)
            where, params = condition.sql, list(condition.params)
        sql = IN_HEADS.format(where=where, newest_first=NEWEST_FIRST)
        cursor.execute(sql, [understood.any, *params, HEADS, end - start, start])
        ranked, found = cursor.fetchone()
        return ranked, found


def newest(
    understood: Understood,
    *,
    at: datetime,
    count: int,
    match: str,
    start: int,
    end: int,
    but_heads: bool = False,
) -> list[int]:
    """The ids of what has the words, newest first, from `start` to `end`; without what has them in its heads, if asked.

    Where bits are kept, the dates are walked back and a bit is looked at for each. Else, of a word that many posts
    have, the newest are found by walking back in time, reading each post's words; of a rarer one, by its index and
    sorting.
    PostgreSQL does not know what reading words costs, so the choice is made here.
    """
    wanted = min(end, count) - start
    past = end * understood.size // max(1, count)
    if understood.seal and match == understood.match:
        heads = False if but_heads else None
        found = _ids(*answers.newest(understood, at, of=count, start=start, end=end, heads=heads))
        if len(found) < wanted:
            found = _ids(*answers.whole(understood, at, start=start, end=end, heads=heads))
        if len(found) == wanted:
            return found
    elif match and (walked := 3 * past + 100) <= WALK:
        where = understood.where(at, but="words")
        sql = WALKED.format(
            where=where.sql, newest_first=NEWEST_FIRST, but_heads=NOT_IN_HEADS if but_heads else ""
        )
        asked = [understood.tsquery(match), *([match] if but_heads else [])]
        found = _ids(sql, [*where.params, walked, *asked, end - start, start])
        if len(found) == wanted:
            return found
    where = understood.where(at, match=match)
    sql = SORTED.format(where=f"{where.sql} {NOT_IN_HEADS if but_heads else ''}", newest_first=NEWEST_FIRST)
    return _ids(sql, [*where.params, *([match] if but_heads else []), end - start, start])


def _ids(sql: str, params: list[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [pk for (pk,) in cursor.fetchall()]
