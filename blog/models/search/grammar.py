"""What a reader types becomes a query. Pure: nothing is looked up here, and no text is refused."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from django.urls import reverse

MAX_CHARACTERS = 300
MAX_TERMS = 16
MAX_FILTERS = 12

# Operators in the order in which a canonical query names them.
KEYS = ("level", "category", "tag", "author", "series", "lang", "from", "to")
Sort = Literal["relevance", "newest"]

TOKEN = re.compile(
    rf"""(?P<minus>-?)
    (?: (?P<key>{"|".join(KEYS)}):(?:"(?P<quoted>[^"]*)"?|(?P<value>[^\s"]*))
      | "(?P<phrase>[^"]*)"?
      | (?P<word>[^\s"]+) )""",
    re.VERBOSE | re.IGNORECASE,
)
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | {"：": ":"})
# Scripts that put no spaces between words, as they are found by pairs of characters (`stratum_pairs` in the database).
UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


@dataclass(frozen=True)
class Term:
    """A word, or a phrase whose words stand in this order."""

    text: str
    phrase: bool = False

    def __str__(self) -> str:
        return f'"{self.text}"' if self.phrase else self.text


@dataclass(frozen=True)
class Filter:
    """An operator with its value, such as `level:300`; `excluded` is the minus before it."""

    key: str
    value: str
    excluded: bool = False

    def __str__(self) -> str:
        quoted = self.value if re.fullmatch(r'[^\s"]+', self.value) else f'"{self.value}"'
        return f"{'-' if self.excluded else ''}{self.key}:{quoted}"


@dataclass(frozen=True)
class Query:
    """What is asked for: one term of each group, none that is excluded, all filters (values of one key are
    alternatives). `cut` says that the text was longer than what is read of it."""

    groups: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.groups or self.excluded or self.filters)

    @property
    def text(self) -> str:
        """The canonical spelling: words, exclusions, operators. `parse` reads it back as the same query."""
        words = [" or ".join(str(term) for term in group) for group in self.groups]
        return " ".join(
            [*words, *(f"-{term}" for term in self.excluded), *(str(one) for one in self.filters)]
        )

    @property
    def feed_query(self) -> str:
        return urlencode({"q": self.text})

    def url(self, *, sort: Sort = "relevance", page: int = 1) -> str:
        """The address of a page of its results."""
        query = {"q": self.text} if self else {}
        if sort != "relevance":
            query["sort"] = sort
        if page > 1:
            query["page"] = str(page)
        return reverse("search") + (f"?{urlencode(query)}" if query else "")

    def narrowed(self, *filters: Filter) -> Query:
        return ordered(self.groups, self.excluded, (*self.filters, *filters), cut=self.cut)

    def without(self, *filters: Filter) -> Query:
        rest = tuple(one for one in self.filters if one not in filters)
        return Query(self.groups, self.excluded, rest, self.cut)

    @property
    def without_words(self) -> Query:
        return Query(filters=self.filters, cut=self.cut)


def parse(text: str) -> Query:
    """Reads a query; whatever the text is, something comes of it. Of what can't be meant (a lone sign, a quotation
    mark without its twin) only the sense is kept."""
    text = "".join(
        " " if unicodedata.category(c) in {"Cc", "Cs", "Cn", "Co"} else c for c in text[: MAX_CHARACTERS + 1]
    )
    text = unicodedata.normalize("NFC", text.translate(QUOTES))
    cut = len(text) > MAX_CHARACTERS
    groups: list[tuple[Term, ...]] = []
    excluded: list[Term] = []
    filters: list[Filter] = []
    joined = False  # an `or` has been read after the last group
    for match in TOKEN.finditer(text[:MAX_CHARACTERS]):
        minus = bool(match["minus"])
        if match["key"]:
            filters.append(
                Filter(match["key"].lower(), _squeeze(match["quoted"] or match["value"] or ""), minus)
            )
            continue
        word = match["word"]
        if word and not minus and (word.lower() == "or" or word == "|"):
            joined = bool(groups)
            continue
        term = Term(_squeeze(match["phrase"]), phrase=True) if word is None else Term(word)
        if not any(c.isalnum() for c in term.text):
            continue
        if minus:
            excluded.append(term)
        elif joined:
            groups[-1] = (*groups[-1], *([] if term in groups[-1] else [term]))
        elif (term,) not in groups:
            groups.append((term,))
        joined = False
    return ordered(groups, excluded, filters, cut=cut)


def ordered(
    groups: tuple[tuple[Term, ...], ...] | list[tuple[Term, ...]],
    excluded: tuple[Term, ...] | list[Term],
    filters: tuple[Filter, ...] | list[Filter],
    *,
    cut: bool = False,
) -> Query:
    """The query with everything once, in canonical order, and no more of it than is answered quickly."""
    filters = sorted(dict.fromkeys(filters), key=lambda one: KEYS.index(one.key))
    kept: list[tuple[Term, ...]] = []
    room = MAX_TERMS
    for group in groups:
        if part := group[:room]:
            kept.append(part)
        cut = cut or len(part) < len(group)
        room -= len(part)
    excluded = list(dict.fromkeys(excluded))
    cut = cut or len(excluded) > room or len(filters) > MAX_FILTERS
    return Query(tuple(kept), tuple(excluded[:room]), tuple(filters[:MAX_FILTERS]), cut)


def _squeeze(text: str) -> str:
    return " ".join(text.split())
