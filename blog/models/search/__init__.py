"""Search: what a reader types, understood, found, ranked, counted and shown. `parse` and `search` are the two doors."""

from .grammar import MAX_CHARACTERS, Filter, Query, Sort, Term, parse
from .results import Active, Facet, Facets, Hit, Piece, Results, Suggestion
from .searching import MAX_PAGES, search

__all__ = [
    "MAX_CHARACTERS",
    "MAX_PAGES",
    "Active",
    "Facet",
    "Facets",
    "Filter",
    "Hit",
    "Piece",
    "Query",
    "Results",
    "Sort",
    "Suggestion",
    "Term",
    "parse",
    "search",
]
