"""What a search gives: posts with the passages that answer, counts, ways on. Plain data, complete when returned."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..author import Byline
from ..category import Category
from ..post import Post
from .grammar import Query, Sort

# Private-use characters around the words that are found. PostgreSQL puts them in, `pieces` takes them out; the text
# between reaches the page autoescaped.
START, STOP, BREAK = "\ue000", "\ue001", "\ue002"


@dataclass(frozen=True)
class Piece:
    """A stretch of plain text; `marked` where it is what was searched for."""

    text: str
    marked: bool = False


@dataclass(frozen=True)
class Hit:
    """A post that was found. `passage` is the part of its `source` (summary, figures, body or code) that answers."""

    post: Post
    bylines: list[Byline]
    categories: list[Category]
    title: tuple[Piece, ...]
    passage: tuple[Piece, ...]
    source: str


@dataclass(frozen=True)
class Facet:
    """One value by which the results narrow, with how many of them have it."""

    name: str
    count: int
    url: str
    active: bool = False
    level: int = 0


@dataclass(frozen=True)
class Facets:
    levels: list[Facet] = field(default_factory=list)
    categories: list[Facet] = field(default_factory=list)
    years: list[Facet] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.levels or self.categories or self.years)


@dataclass(frozen=True)
class Active:
    """A filter in force, with the address of the same search without it."""

    label: str
    url: str


@dataclass(frozen=True)
class Suggestion:
    """Another search, which finds `count` live posts."""

    text: str
    url: str
    count: int


@dataclass(frozen=True)
class Results:
    """The page `page` of `pages` of what the query finds at an instant. `count` is exact, `facets` as well.

    `relaxed`: no post has all the words; those found have some of them. `sentences` tell what could not be taken at its
    word. `suggestions` are other spellings, `wider` the same search with a part left out.
    """

    query: Query
    sort: Sort
    page: int = 1
    pages: int = 1
    count: int = 0
    relaxed: bool = False
    hits: list[Hit] = field(default_factory=list)
    facets: Facets = field(default_factory=Facets)
    active: list[Active] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)
    wider: list[Suggestion] = field(default_factory=list)


def pieces(text: str) -> tuple[Piece, ...]:
    """Cuts a text at its sentinels. Whatever sentinels an author may have written vanish."""
    found: list[Piece] = []
    for number, part in enumerate(text.replace(BREAK, " … ").split(START)):
        marked, _, plain = part.partition(STOP) if number else ("", "", part)
        if number and STOP not in part:
            marked, plain = "", part
        found += [Piece(marked, True)] if marked else []
        found += [Piece(plain.replace(STOP, ""))] if plain.replace(STOP, "") else []
    return tuple(found)
