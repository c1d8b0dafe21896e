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
        raise RenderRefused(
            f"The text has {len(source):,} characters; {MAX_CHARACTERS:,} can be rendered. "
            "Split it into two posts, for example as parts of a series."
        )
    source = source.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    for pattern, name in ((re.compile("\0"), "a NUL character"), (SURROGATE, "half of a surrogate pair")):
        found = pattern.search(source)
        if found:
            line = source.count("\n", 0, found.start()) + 1
            raise RenderRefused(
                f"Line {line} holds {name}, which no text should: the copy or the file it came from is"
                f" damaged. "
                "Delete that line and type it again."
            )
    ledger = Ledger(source, words_of(language))
    if HIDDEN.search(source):
        for number, text in enumerate(ledger.lines, start=1):
            for character in sorted(set(HIDDEN.findall(text))):
                ledger.note(
                    "hidden-character",
                    f"Line {number} holds the invisible character U+{ord(character):04X}; it was left "
                    f"out. To write about it, "
                    f"write “U+{ord(character):04X}”.",
                    number,
                )
        source = clean(source)
        ledger.lines = source.split("\n")
    return source, ledger


def clean(text: str) -> str:
    """The text without control characters, non-characters and directional controls."""
    return HIDDEN.sub("", text)
