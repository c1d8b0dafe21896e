"""Headings: levels, ids from their words, the outline, and the link each heading has to itself."""

from __future__ import annotations

import re
import unicodedata
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from .ledger import Ledger
from .rendered import Heading
from .trees import pairs, plain
from .words import Words

TAGS = ("h1", "h2", "h3", "h4", "h5", "h6")
EMPTY = re.compile(r"\s*#{1,6}\s*")
MAX_SLUG = 80


def slug(title: str) -> str:
    """The words of a title in lower case with hyphens between, letters of any script kept (NFKC); may be
    empty.
    """
    folded = unicodedata.normalize("NFKC", title).lower()
    return "-".join(re.findall(r"[\w]+", folded.replace("_", " ")))[:MAX_SLUG].strip("-")


def build(root: Element, ledger: Ledger) -> tuple[Heading, ...]:
    """Give every heading its level and its id; gives those that stand at the top of the text as the
    outline.
    """
    outline: list[Heading] = []
    taken: dict[str, int] = {}
    used: set[str] = set()
    previous = 1
    for parent, element in pairs(root):
        if element.tag == "p" and not len(element) and EMPTY.fullmatch(element.text or ""):
            element.tag, element.text = "h2", None
            element.set("raw", "#")
        if element.tag not in TAGS:
            continue
        raw = element.attrib.pop("raw", "").strip()
        title = plain(element)
        line = ledger.line_of(raw, None if title else EMPTY) if raw else None
        if not title:
            ledger.note("empty-heading", line)
            if len(element):
                element.tag = "p"  # it holds a footnote's mark, to which the note leads back
            else:
                parent.remove(element)
            continue
        level = _level(element, title, previous, ledger, line)
        previous = level
        base = slug(title) or "section"
        taken[base] = taken.get(base, 0) + 1
        name = base if taken[base] == 1 else f"{base}-{taken[base]}"
        while name in used:
            taken[base] += 1
            name = f"{base}-{taken[base]}"
        used.add(name)
        element.set("id", f"s-{name}")
        if parent is root:
            outline.append(Heading(level, f"s-{name}", title))
    return tuple(outline)


def _level(element: Element, title: str, previous: int, ledger: Ledger, line: int | None) -> int:
    level, short = int(element.tag[1]), title[:60]
    if level == 1:
        ledger.note("heading-one", line, title=short)
    elif level > 4:
        ledger.note("heading-deep", line, title=short, level=level)
    level = min(max(level, 2), 4)
    if level > previous + 1:
        marks = "#" * (previous + 1)
        ledger.note("heading-skip", line, title=short, level=level, above=previous, marks=marks)
    element.tag = f"h{level}"
    return level


def anchor(root: Element, words: Words) -> None:
    """Put a link to itself at the end of every heading."""
    for heading in list(root.iter()):
        if heading.tag in TAGS and heading.get("id"):
            title = plain(heading)
            if len(heading):
                heading[-1].tail = (heading[-1].tail or "") + " "
            else:
                heading.text = (heading.text or "") + " "
            link = SubElement(heading, "a", {"class": "anchor", "href": f"#{heading.get('id')}"})
            link.set("aria-label", words.section.format(title=title))
            link.text = AtomicString("#")
