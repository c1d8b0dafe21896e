"""Which posts stand on a page of results. Ranking by all words means reading them, so it is exact for some hundred
posts; of more, those come first whose title and summary have the words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, F, FloatField, Func, IntegerField, Q, QuerySet, Value, When

from ..entry import Entry
from .grammar import Sort
from .understanding import Prepared, Understood

EXACT = 500
HEADS = 1_000
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
    entries: QuerySet[Entry],
    understood: Understood,
    *,
    count: int,
    size: int,
    page: int,
    sort: Sort,
    match: str,
) -> list[int]:
    """The ids of the posts on the page; one query, or two when the posts with the words in their heads are too few.

    `match` is the tsquery by which the entries were chosen, without what it excludes.
    """
    start, end = (page - 1) * size, page * size
    if sort == "newest" or not match:
        return list(entries.order_by(*NEWEST).values_list("post_id", flat=True)[start:end])
    if count <= EXACT:
        ranked = entries.alias(by_words=rank("words", understood.any)).alias(score=score(understood))
        return list(ranked.order_by("-score", *NEWEST).values_list("post_id", flat=True)[start:end])
    rows = entries.filter(heads=Prepared(match)).order_by(*NEWEST)
    heads: list[tuple[int, datetime, int]] = list(
        rows.annotate(score=Thousandths(rank("heads", understood.any))).values_list(
            "score", "published_at", "post_id"
        )[:HEADS]
    )
    heads.sort(reverse=True)
    found = [pk for _score, _published, pk in heads[start:end]]
    if len(found) < size and len(heads) < HEADS:
        rest = entries.exclude(heads=Prepared(match)).order_by(*NEWEST).values_list("post_id", flat=True)
        found += rest[max(0, start - len(heads)) : end - len(heads)]
    return found
