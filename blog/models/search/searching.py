"""The search itself: understand, count, rank, read, and show ways on where little is found. Six queries at most."""

from __future__ import annotations

from datetime import datetime

from .counting import Tallies, count, facets
from .grammar import Query, Sort
from .passages import read_hits
from .ranking import page_of
from .results import Active, Facets, Results
from .suggesting import FEW, WaysOn, ways_on
from .understanding import Understood, understand

MAX_PAGES = 50


def search(query: Query, *, at: datetime, size: int = 10, page: int = 1, sort: Sort = "relevance") -> Results:
    """What the query finds among the posts that are live at `at` (aware): the page `page` (from 1) of `size` hits.

    Costs four queries, up to six where very many posts are found or next to none; none for an empty query.

    Raises:
        ValueError: the page is not between 1 and MAX_PAGES.
    """
    if not 1 <= page <= MAX_PAGES:
        raise ValueError(f"There is no page {page}; the last that is given out is {MAX_PAGES}.")
    if not query:
        return Results(query, sort)
    understood = understand(query)
    nothing = bool(understood.unknown) or bool(
        understood.ignored and not understood.groups and not query.filters
    )
    tallies = Tallies() if nothing else count(understood, at)
    found, match, ways, relaxed = tallies.total, understood.match, WaysOn(), False
    if found <= FEW and page == 1:
        ways = ways_on(understood, at=at, count=found, sort=sort)
        if not found and ways.relaxed:
            relaxed, match, found = True, ways.relaxed, ways.relaxed_count
    ids = (
        page_of(
            understood,
            at=at,
            count=found,
            size=size,
            page=page,
            sort=sort,
            match=match,
            in_heads=None if relaxed else tallies.heads,
        )
        if found
        else []
    )
    return Results(
        query,
        sort,
        page=page,
        pages=min(MAX_PAGES, -(-found // size)) if not relaxed else 1,
        count=found,
        relaxed=relaxed,
        hits=read_hits(understood, ids, at) if ids else [],
        facets=Facets() if relaxed or nothing else facets(tallies, understood, sort),
        active=_active(understood, sort),
        sentences=understood.sentences,
        suggestions=ways.suggestions,
        wider=ways.wider,
    )


def _active(understood: Understood, sort: Sort) -> list[Active]:
    query = understood.query
    return [
        Active(understood.labels.get(one, str(one)), query.without(one).url(sort=sort))
        for one in query.filters
    ]
