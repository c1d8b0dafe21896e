"""Which posts stand on a page of results. Ranking by all words means reading them, so it is exact for some hundred
posts; of more, those come first whose title and summary have the words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, F, FloatField, Func, IntegerField, Q, Value, When

from .grammar import Sort
from .understanding import Prepared, Understood

EXACT = 500
HEADS = 1_000
WALK = 2_000
NEWEST = ("-published_at", "-post_id")

# A word counts by the weightiest field that has it: title 1, summary 0.4, captions 0.2, body 0.1 (the weights of
# `ts_rank`), and code half of that. Averaged over the words asked for; no number of mentions makes up for a field.
CODE = 0.5
# That the words stand together decides between equals only: captions exceed what a body can reach by 0.0216.
TOGETHER = 0.02
SAME = 1e-9


def rank(column: str, tsquery: str) -> Func:
    return Func(F(column), Prepared(tsquery), function="ts_rank", output_field=FloatField())


class Thousandths(Func):
    """A rank in steps that tell fields apart but not more, so that equally good posts are equal and the newer leads."""

    template = "floor((%(expressions)s) * 10000)::int"
    output_field = IntegerField()


def score(understood: Understood) -> Any:
    """By all words of a post."""
    words = rank("words", understood.any)
    only_code = Q(code=Prepared(understood.any)) & Q(by_words__lte=rank("code", understood.any) + Value(SAME))
    total: Any = Case(When(only_code, then=words * Value(CODE)), default=words, output_field=FloatField())
    if len(understood.lexemes) > 1:
        total = total + Value(TOGETHER) * rank("words", understood.match)
    return Thousandths(total)


def page_of(
    understood: Understood, *, at: datetime, count: int, size: int, page: int, sort: Sort, match: str
) -> list[int]:
    """The ids of the posts on the page: one query, up to three where `count`, the number of all found, is large.

    `match` is the tsquery by which the posts were found, without what it excludes.
    """
    start, end = (page - 1) * size, page * size
    entries = understood.entries(at, match=match)
    if not match:
        return list(entries.order_by(*NEWEST).values_list("post_id", flat=True)[start:end])
    if sort == "newest":
        return newest(understood, at=at, count=count, match=match, start=start, end=end)
    if count <= EXACT:
        ranked = entries.alias(by_words=rank("words", understood.any)).alias(score=score(understood))
        return list(ranked.order_by("-score", *NEWEST).values_list("post_id", flat=True)[start:end])
    # What has the words in its heads has them: asking for both would make PostgreSQL look at one of the two row by row.
    rows = (
        understood.entries(at, but="words")
        .filter(understood.not_excluded(), heads=Prepared(match))
        .order_by(*NEWEST)
    )
    rows = rows.annotate(score=Thousandths(rank("heads", understood.any)))
    heads: list[tuple[int, datetime, int]] = list(
        rows.values_list("score", "published_at", "post_id")[:HEADS]
    )
    heads.sort(reverse=True)
    found = [pk for _score, _published, pk in heads[start:end]]
    if len(found) < size and len(heads) < HEADS:
        start, end = max(0, start - len(heads)), end - len(heads)
        found += newest(
            understood, at=at, count=count - len(heads), match=match, start=start, end=end, but_heads=True
        )
    return found


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

    Of a word that many posts have, the newest are found by walking back in time, reading each post's words; of a rarer
    one, by its index and sorting. PostgreSQL does not know what reading words costs, so the choice is made here.
    """
    walked = 3 * end * understood.size // max(1, count) + 100
    if walked <= WALK:
        columns = ("post_id", "published_at", "words", "heads")
        walk = understood.entries(at, but="words").order_by(*NEWEST).values_list(*columns)[:walked]
        inner, params = walk.query.sql_with_params()
        sql = (
            f"SELECT post_id FROM ({inner}) AS walk WHERE words @@ %s::tsquery"  # noqa: S608 - written by Django
            f"{' AND (heads @@ %s::tsquery) IS NOT TRUE' if but_heads else ''}"
            " ORDER BY published_at DESC, post_id DESC LIMIT %s OFFSET %s"
        )
        with connection.cursor() as cursor:
            asked = [understood.tsquery(match), *([match] if but_heads else [])]
            cursor.execute(sql, [*params, *asked, end - start, start])
            found = [pk for (pk,) in cursor.fetchall()]
        if len(found) == min(end, count) - start:
            return found
    entries = understood.entries(at, match=match)
    if but_heads:
        entries = entries.exclude(heads=Prepared(match))
    return list(entries.order_by(*NEWEST).values_list("post_id", flat=True)[start:end])
