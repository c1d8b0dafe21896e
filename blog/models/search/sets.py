"""Sets of posts as bits: what a query asks for, put together from what posts have in common (see `models.bits`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..bits import BLOCK
from .phrases import lexeme_of, pairs_of

NONE = f"B'0'::bit({BLOCK})"
PIECE = re.compile(r"'(?:[^'\\]|''|\\.)*'(?::[*A-D]+)?|<->|<\d+>|[()!&|]", re.DOTALL)


@dataclass(frozen=True)
class Kept:
    """What is in one of the kept sets that the condition on `blog_bits` names; `alone` where that is a single one."""

    where: str
    params: tuple[Any, ...]
    alone: bool = False


@dataclass(frozen=True)
class Read:
    """The posts of the entries for which the condition on `blog_entry` holds: what is too rare to be kept. `paired`
    where it asks the index of neighbouring words, and is one on `blog_phrasing`."""

    where: str
    params: tuple[Any, ...]
    paired: bool = False


@dataclass(frozen=True)
class All:
    parts: tuple[Set, ...]


@dataclass(frozen=True)
class Any_:
    parts: tuple[Set, ...]


@dataclass(frozen=True)
class Not:
    part: Set


@dataclass(frozen=True)
class Rare:
    """Part of a tsquery of which no set is kept; those beside each other are asked of the entries at once."""

    text: str


Set = Kept | Read | All | Any_ | Not | Rare


def kept(kind: str, *values: str) -> Kept:
    if len(values) == 1:
        return Kept("kind = %s AND value = %s", (kind, *values), alone=True)
    return Kept("kind = %s AND value = ANY(%s)", (kind, sorted(values)))


def set_of(tsquery: str, kind: str, common: frozenset[tuple[str, str]]) -> Set:
    """The set of a tsquery in PostgreSQL's own notation: of entries' words (`kind` is `word`) or heads (`head`)."""
    return _settled(_Reader(PIECE.findall(tsquery), kind, common).either(), f"{kind}s")


def phrases_in(tsquery: str) -> tuple[list[Read], bool]:
    """What must hold of the entries that a tsquery finds because of the phrases that it asks for, as far as the index
    of neighbouring words tells; and whether it asks for nothing else."""
    found = set_of(tsquery, "word", frozenset())
    parts = found.parts if isinstance(found, All) else (found,)
    phrases = [part for part in parts if isinstance(part, Read) and part.paired]
    return phrases, len(phrases) == len(parts)


def _settled(found: Set, column: str) -> Set:
    if isinstance(found, Rare):
        return Read(f"{column} @@ %s::tsquery", (found.text,))
    if isinstance(found, Not):
        return Not(_settled(found.part, column))
    if isinstance(found, (All, Any_)):
        rare = [part.text for part in found.parts if isinstance(part, Rare)]
        sign = " & " if isinstance(found, All) else " | "
        others = tuple(_settled(part, column) for part in found.parts if not isinstance(part, Rare))
        together = (_settled(Rare(sign.join(f"({text})" for text in rare)), column),) if rare else ()
        return type(found)(others + together)
    return found


class _Reader:
    """Reads a tsquery; `!` binds closest, then `<->`, `&` and `|`."""

    def __init__(self, pieces: Sequence[str], kind: str, common: frozenset[tuple[str, str]]) -> None:
        self.pieces, self.kind, self.common, self.at = [*pieces, ""], kind, common, 0

    def take(self) -> str:
        self.at += 1
        return self.pieces[self.at - 1]

    def either(self) -> Set:
        parts = [self.both()]
        while self.pieces[self.at] == "|":
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else _flat(Any_, parts)

    def both(self) -> Set:
        parts = [self.following()]
        while self.pieces[self.at] == "&":
            self.take()
            parts.append(self.following())
        return parts[0] if len(parts) == 1 else _flat(All, parts)

    def following(self) -> Set:
        start, part = self.at, self.one()
        if not self.pieces[self.at].startswith("<"):
            return part
        while self.pieces[self.at].startswith("<"):
            self.take()
            self.one()
        pieces = self.pieces[start : self.at]
        phrase = " ".join(pieces)
        pairs = pairs_of(pieces) if self.kind == "word" else None
        if pairs is None:
            return Rare(phrase)
        if pairs.exact:
            return Read(pairs.sql, pairs.params, paired=True)
        # Not by the index of words, which knows no places either.
        return Read(f"{pairs.sql} AND (words @@ %s::tsquery) IS TRUE", (*pairs.params, phrase), paired=True)

    def one(self) -> Set:
        piece = self.take()
        if piece == "!":
            return Not(self.one())
        if piece == "(":
            part = self.either()
            self.take()
            return part
        lexeme = lexeme_of(piece)
        if lexeme is None or (self.kind, lexeme) not in self.common:
            return Rare(piece)
        return kept(self.kind, lexeme)


def _flat(sign: type[All | Any_], parts: list[Set]) -> Set:
    flat = [one for part in parts for one in (part.parts if isinstance(part, sign) else (part,))]
    return sign(tuple(flat))


class Sum:
    """One or more sets as SQL over the blocks `whole`: `expressions`, and the `joins` that they stand on."""

    def __init__(self) -> None:
        self.joins: list[str] = []
        self.params: list[Any] = []
        self._known: dict[tuple[str, tuple[str, ...]], str] = {}

    def expression(self, of: Set) -> str:
        if isinstance(of, (All, Any_)):
            return "(" + (" & " if isinstance(of, All) else " | ").join(map(self.expression, of.parts)) + ")"
        if isinstance(of, Not):
            return f"~{self.expression(of.part)}"
        assert not isinstance(of, Rare)
        key = (of.where, tuple(map(repr, of.params)))
        if key not in self._known:
            self._known[key] = name = f"s{len(self._known)}"
            self.joins.append(f"LEFT JOIN ({_blocks(of)}) AS {name} ON {name}.block = whole.block")
            self.params += of.params
        return f"coalesce({self._known[key]}.bits, {NONE})"


def _blocks(of: Kept | Read) -> str:
    if isinstance(of, Kept) and of.alone:
        return f"SELECT block, bits FROM blog_bits WHERE {of.where}"  # noqa: S608
    if isinstance(of, Kept):
        return f"SELECT block, bit_or(bits) AS bits FROM blog_bits WHERE {of.where} GROUP BY block"  # noqa: S608
    table = "blog_phrasing" if of.paired else "blog_entry"
    return f"SELECT {as_bits()} FROM {table} WHERE {of.where} GROUP BY 1"  # noqa: S608


def as_bits(column: str = "post_id") -> str:
    """The columns `block` and `bits` of many posts; to be grouped by the first."""
    return (
        f"({column} / {BLOCK})::int AS block, bit_or(set_bit({NONE}, ({column} %% {BLOCK})::int, 1)) AS bits"
    )
