"""Ways on from a search that finds little: other spellings, a part left out, some of the words. Nothing is proposed
that does not find live posts, so nothing unpublished is told of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import combinations
from typing import Any

from django.db import connection

from . import conditions
from .conditions import Condition
from .grammar import UNSPACED, Filter, Query, Sort, Term
from .results import Suggestion
from .understanding import LOOKED_UP, Understood

FEW = 2
MOST = 3
ENOUGH = 100
MANY_WORDS = 8

# Per word: what is similar to it (three letters in common here and there), and what it becomes when a letter is left
# out or two change places, which trigrams of short words do not see. Posts are counted as far as it takes to compare.
SPELLINGS = """
    WITH live AS NOT MATERIALIZED ({live}), asked AS (
        SELECT n, unaccent(lower(word)) AS word, string_to_array(edits, ' ') AS edits
        FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS asked(word, edits, n)
    ), near AS (
        SELECT n, near.word, asked.word AS own FROM asked, LATERAL (
            SELECT word FROM blog_word WHERE word %% asked.word OR word = ANY(edits)
            ORDER BY similarity(word, asked.word) DESC, word LIMIT 12
        ) AS near
        UNION SELECT n, word, word FROM asked
    )
    SELECT 'word' AS kind, n, word, own, plainto_tsquery('stratum', word)::text,
        (SELECT count(*) FROM (
            SELECT FROM live WHERE words @@ plainto_tsquery('stratum', near.word) LIMIT {enough}) AS counted)
    FROM near
"""
# Per unknown name: the rows whose name or slug is similar and which a live post has.
NAMES = """
    UNION ALL
    SELECT * FROM (
        SELECT '{key}', n, {value}, asked, id::text, 1
        FROM {table}, unnest(%s::text[]) WITH ORDINALITY AS asked(asked, n)
        WHERE (lower(slug) %% asked OR lower({name}) %% asked) AND EXISTS (SELECT FROM live WHERE {has})
        ORDER BY greatest(similarity(lower(slug), asked), similarity(lower({name}), asked)) DESC, id LIMIT 2
    ) AS {key}
"""
TABLES = {
    "category": ("blog_category", "path", "name", "categories @> ARRAY[id]"),
    "tag": ("blog_tag", "slug", "name", "tags @> ARRAY[id]"),
    "author": ("blog_author", "slug", "name", "authors @> ARRAY[id]"),
    "series": ("blog_series", "slug", "title",
               "post_id IN (SELECT post_id FROM blog_seriespart WHERE series_id = blog_series.id)"),
}  # fmt: skip


@dataclass
class WaysOn:
    """`relaxed` is the tsquery of the most words that a live post has together, with how many posts have them."""

    suggestions: list[Suggestion] = field(default_factory=list)
    wider: list[Suggestion] = field(default_factory=list)
    relaxed: str = ""
    relaxed_count: int = 0


@dataclass
class Alternative:
    kind: str
    query: Query
    where: Condition
    match: str = ""


def ways_on(understood: Understood, *, at: datetime, count: int, sort: Sort) -> WaysOn:
    """Two queries: what could have been meant, and what each of these finds."""
    found = list(_respelled(understood, at))
    if not count:
        found += _wider(understood, at)
        found += _relaxed(understood, at)
    ways = WaysOn()
    if not found:
        return ways
    sql = " UNION ALL ".join(
        f"SELECT {n}, count(*) FROM blog_entry WHERE {one.where.sql}"  # noqa: S608 - values are parameters
        for n, one in enumerate(found)
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for one in found for value in one.where.params])
        numbers = dict(cursor.fetchall())
    for n, one in enumerate(found):
        posts = numbers.get(n, 0)
        if posts <= count or one.query == understood.query and one.kind != "relaxed":
            continue
        if one.kind == "relaxed":
            if not ways.relaxed:
                ways.relaxed, ways.relaxed_count = one.match, posts
        else:
            there = ways.suggestions if one.kind == "spelling" else ways.wider
            if len(there) < MOST:
                there.append(Suggestion(one.query.text, one.query.url(sort=sort), posts))
    return ways


def _respelled(understood: Understood, at: datetime) -> Iterable[Alternative]:
    """The query with its rarest words or unknown names in other spellings."""
    query = understood.query
    terms = [
        group[0] for group in query.groups
        if len(group) == 1 and not group[0].phrase and len(group[0].text) > 2
        and group[0].text.isalnum() and not UNSPACED.search(group[0].text)
    ]  # fmt: skip
    unknown = {key: [one for one in understood.unknown if one.key == key] for key in LOOKED_UP}
    unknown = {key: ones for key, ones in unknown.items() if ones}
    if not terms and not unknown:
        return
    words: dict[int, list[tuple[str, str, str, int]]] = {}
    names: list[tuple[Filter, str, int]] = []
    for kind, n, value, own, more, posts in _ask(terms, unknown, at):
        if kind == "word":
            words.setdefault(n - 1, []).append((value, own, more, posts))
        else:
            names.append((unknown[kind][n - 1], value, int(more)))
    best: dict[Term, list[tuple[str, str]]] = {}
    for n, near in words.items():
        if better := _better(near):
            best[terms[n]] = better
    if best:
        yield _with_words(understood, at, {term: better[0] for term, better in best.items()})
        for term, better in best.items():
            for other in better[1:MOST]:
                yield _with_words(understood, at, {one: b[0] for one, b in best.items()} | {term: other})
    for wrong, value, pk in names:
        right = Filter(wrong.key, value)
        narrowed = understood.conditions | {wrong.key: [conditions.having(wrong.key, [pk])]}
        rest = [one for one in understood.unknown if one is not wrong]
        meant = replace(understood, conditions=narrowed, unknown=rest)
        yield Alternative("spelling", query.without(wrong).narrowed(right), meant.where(at))


def _ask(
    terms: list[Term], unknown: dict[str, list[Filter]], at: datetime
) -> list[tuple[str, int, str, str, str, int]]:
    live = conditions.live(at)
    sql = SPELLINGS.format(live=f"SELECT * FROM blog_entry WHERE {live.sql}", enough=ENOUGH)  # noqa: S608
    params: list[Any] = [
        *live.params,
        [term.text for term in terms],
        [" ".join(_edits(term.text)) for term in terms],
    ]
    for key, ones in unknown.items():
        table, value, name, has = TABLES[key]
        sql += NAMES.format(key=key, table=table, value=value, name=name, has=has)
        params.append([one.value.strip("/ ").lower() for one in ones])
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def _edits(word: str) -> list[str]:
    word = word.lower()
    shorter = [word[:n] + word[n + 1 :] for n in range(len(word))]
    turned = [word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)]
    return [*shorter, *turned]


def _better(near: list[tuple[str, str, str, int]]) -> list[tuple[str, str]]:
    """Of the words near one that was asked for, those that were probably meant, the likeliest first, each with its
    tsquery. None when the word itself is in use."""
    own = near[0][1]
    mine = max((posts for word, _own, _query, posts in near if word == own), default=0)
    allowed = 1 if len(own) < 5 else 2 if len(own) < 9 else 3
    found = [
        (distance(own, word), -posts, word, query)
        for word, _own, query, posts in near
        if word != own and query and posts > mine * 4
    ]
    return [(word, query) for far, _posts, word, query in sorted(found) if far <= allowed]


def _with_words(understood: Understood, at: datetime, other: dict[Term, tuple[str, str]]) -> Alternative:
    """The same search with some words in another spelling."""
    groups = [
        (Term(other[group[0]][0]),) if group[0] in other else group for group in understood.query.groups
    ]
    query = replace(understood.query, groups=tuple(groups))
    asked = [
        group
        for group in understood.query.groups
        if any(term.text not in understood.ignored for term in group)
    ]
    parts = [
        other[group[0]][1] if group[0] in other else tsquery
        for group, tsquery in zip(asked, understood.groups, strict=False)
    ]
    match = " & ".join(f"({part})" for part in parts)
    return Alternative("spelling", query, understood.where(at, match=match), match)


def _wider(understood: Understood, at: datetime) -> Iterable[Alternative]:
    """The query without one of its operators, or without its words."""
    query = understood.query
    keys = dict.fromkeys([one.key for one in query.filters])
    for key in keys:
        rest = query.without(*(one for one in query.filters if one.key == key))
        if rest:
            yield Alternative("wider", rest, understood.where(at, but=key))
    if query.filters and (query.groups or query.excluded):
        yield Alternative("wider", query.without_words, understood.where(at, but="words"))


def _relaxed(understood: Understood, at: datetime) -> Iterable[Alternative]:
    """As many of the words as possible, ever fewer."""
    groups = understood.groups
    if len(groups) < 2 or understood.unknown:
        return
    sizes = range(len(groups) - 1, 0, -1) if len(groups) <= MANY_WORDS else (len(groups) - 1, 1)
    for size in sizes:
        some = (" & ".join(f"({group})" for group in chosen) for chosen in combinations(groups, size))
        match = " | ".join(f"({one})" for one in some)
        yield Alternative("relaxed", understood.query, understood.where(at, match=match), match)


def distance(one: str, other: str) -> int:
    """Letters to insert, drop, replace, or swap with a neighbour, at least (optimal string alignment,
    https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], older[j - 2] + 1)
    return row[-1]
