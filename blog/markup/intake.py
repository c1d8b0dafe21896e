"""What a source must be before it is parsed: not too long, no NUL, no half characters, no hidden
directions.
"""

from __future__ import annotations

import re

from .ledger import Ledger
from .rendered import MAX_CHARACTERS, RenderRefused
from .words import words_of

# Directional embeddings, overrides and isolates reorder what is read without changing what is copied
# (CVE-2021-42574, "Trojan Source"). The plain marks U+200E, U+200F and U+061C stay: they only settle
# neutral characters.
BIDI = "\u202a-\u202e\u2066-\u2069"
CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufeff\ufffe\uffff"
HIDDEN = re.compile(f"[{CONTROLS}{BIDI}]")
SURROGATE = re.compile("[\ud800-\udfff]")


def admit(source: str, language: str = "en") -> tuple[str, Ledger]:
    """The source with normal line ends and without hidden characters, and a ledger that names what was left
    out.

    Raises RenderRefused for a source that is too long, or holds NUL or half of a surrogate pair.
    """
    if len(source) > MAX_CHARACTERS:
        raise RenderRefused("too-long", characters=len(source), most=MAX_CHARACTERS)
    source = source.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if (at := source.find("\0")) >= 0:
        raise RenderRefused("nul", line=line_at(source, at))
    if found := SURROGATE.search(source):
        raise RenderRefused("half-character", line=line_at(source, found.start()))
    ledger = Ledger(source, words_of(language))
    if HIDDEN.search(source):
        for number, text in enumerate(ledger.lines, start=1):
            for character in sorted(set(HIDDEN.findall(text))):
                named = f"U+{ord(character):04X}"
                ledger.note("hidden-character", number, line=str(number), character=named)
        source = clean(source)
        ledger.lines = source.split("\n")
    return source, ledger


def line_at(source: str, place: int) -> str:
    """The number of the line in which this character stands, from 1, as it is told."""
    return str(source.count("\n", 0, place) + 1)


def clean(text: str) -> str:
    """The text without control characters, non-characters and directional controls."""
    return HIDDEN.sub("", text)
