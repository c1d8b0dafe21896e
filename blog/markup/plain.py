"""The prose as plain text, its number of words, and the time it takes to read."""

from __future__ import annotations

import math
import re
from xml.etree.ElementTree import Element

from .trees import plain

BLOCKS = frozenset({"p", "h2", "h3", "h4", "li", "dt", "dd", "td", "th", "tr", "summary", "div", "ul", "ol",
                    "dl", "table", "thead", "tbody", "blockquote", "aside", "details", "section",
                    "figure"})  # fmt: skip
# Han, kana and Hangul are counted by character, other scripts by runs of letters and digits.
WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+(?:['’.-][^\W_]+)*"
)
WORDS_PER_MINUTE = 220
SECONDS_PER_FIGURE = 12
SECONDS_PER_CODE_LINE = 1.5


def text(root: Element) -> str:
    """One line per block, cells of a table row on one line, no code blocks, maths as its source."""
    lines: list[str] = []
    _walk(root, lines)
    return "\n".join(line for line in lines if line)


def _walk(element: Element, lines: list[str]) -> None:
    if element.tag == "tr":
        lines.append("  ".join(plain(cell) for cell in element))
        return
    if element.get("class") == "code" or element.tag in {"figure", "hr"}:
        return
    held = Element("p")
    held.text = element.text

    def flush() -> None:
        lines.append(plain(held))
        held.clear()

    for child in element:
        if child.tag in BLOCKS:
            flush()
            _walk(child, lines)
            held.text = child.tail
        else:
            held.append(child)
    flush()


def count_words(text: str) -> int:
    """How many words the text has; a character of Chinese, Japanese or Korean counts as one."""
    return sum(1 for _ in WORD.finditer(text))


def reading_minutes(words: int, figures: int, code: str) -> int:
    """Whole minutes, at least 1, rounded up.

    220 words a minute (Brysbaert 2019 finds 238 for English non-fiction; technical prose goes slower), 12
    seconds for a figure (Medium's published value for a first image) and 1.5 seconds for a line of code.
    """
    lines = sum(1 for line in code.split("\n") if line.strip())
    seconds = words * 60 / WORDS_PER_MINUTE + figures * SECONDS_PER_FIGURE + lines * SECONDS_PER_CODE_LINE
    return max(1, math.ceil(seconds / 60))
