"""Phrases by the index of neighbouring words (`blog_pairs`): reading where the words of every candidate stand would
take a second for two words that most posts have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

FURTHEST = 2
"""Places apart up to which two words are indexed as a pair: next to each other, or with one word, perhaps a stop word,
between them."""

LEXEME = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
STEP = re.compile(r"<(\d+|-)>")
ESCAPED = re.compile(r"''|\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Pairs:
    """What must stand together in a post that has the phrase, as a condition on `blog_phrasing`; `exact` where that
    alone says that it has it."""

    sql: str
    params: tuple[Any, ...]
    exact: bool


def lexeme_of(piece: str) -> str | None:
    """The word that a piece of a tsquery stands for; None where it is a prefix, or bound to fields."""
    match = LEXEME.fullmatch(piece)
    return ESCAPED.sub(lambda m: m[1] or "'", match[1]) if match else None


def pairs_of(pieces: Sequence[str]) -> Pairs | None:
    """The pairs of a phrase in PostgreSQL's own notation, piece by piece: word, `<2>`, word. None where its words stand
    too far apart."""
    words = [lexeme_of(piece) for piece in pieces[::2]]
    steps = pieces[1::2]
    if len(words) != len(steps) + 1 or not all(STEP.fullmatch(step) for step in steps):
        return None
    places = [0]
    for step in steps:
        places.append(places[-1] + (1 if step == "<->" else int(step[1:-1])))
    named = [word for word in words if word is not None]
    if len(named) != len(words):
        return None
    pairs = [
        (named[a], named[b], places[b] - places[a])
        for a in range(len(named))
        for b in range(a + 1, len(named))
        if 1 <= places[b] - places[a] <= FURTHEST
    ]
    if not pairs:
        return None
    keys = ", ".join("blog_pair(%s, %s, %s)" for _ in pairs)
    return Pairs(
        f"blog_pairs(words) @> ARRAY[{keys}]",
        tuple(value for pair in pairs for value in pair),
        exact=len(named) == 2,
    )
