"""Figures: `![](figure:key)` alone places one, `[](figure:key)` refers to it; numbers come from document
order.

What is placed is an empty `<figure>`, filled when a page is read: see `placeholders`.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown.util import AtomicString

from .ledger import Ledger
from .trees import pairs, plain, substitute
from .words import Words

PREFIX = "figure:"
KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_KEY = 100
HOLDERS = frozenset({"p", "li", "dd"})


def place(root: Element, ledger: Ledger) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Turn images into placeholders and links into references; gives the keys placed and the keys referred
    to.
    """
    numbers: dict[str, int] = {}
    paragraphs: dict[Element, list[Element]] = {}
    for _, holder in pairs(root):
        placed = _place_in(holder, numbers, ledger) if holder.tag in HOLDERS else []
        if placed and holder.tag == "p":
            paragraphs[holder] = placed
        elif placed:
            holder[:] = placed
    substitute(root, paragraphs)
    for _, image in pairs(root):
        if image.tag == "img":
            key = _key(image.get("src", ""), ledger)
            if key and key not in numbers:
                ledger.note("figure-in-text", ledger.line_of(f"(figure:{key}"), key=key)
            image.attrib = {"href": PREFIX + (key or "")}
            image.tag = "a"
    references: dict[str, None] = {}
    for _, link in pairs(root):
        target = link.get("href", "").strip()
        if link.tag == "a" and target.lower().startswith(PREFIX):
            _refer(link, target, numbers, references, ledger)
    return tuple(numbers), tuple(references)


def _place_in(holder: Element, numbers: dict[str, int], ledger: Ledger) -> list[Element]:
    """What takes the place of a paragraph that holds nothing but figures; empty for any other."""
    alone = (
        not (holder.text or "").strip()
        and len(holder)
        and all(child.tag == "img" and not (child.tail or "").strip() for child in holder)
    )
    if not alone:
        return []
    placed = []
    for image in holder:
        image.tail = None
        key = _key(image.get("src", ""), ledger)
        line = ledger.line_of(f"![{image.get('alt', '')}](figure:{key}") if key else None
        if key and key not in numbers:
            numbers[key] = len(numbers) + 1
            number = str(numbers[key])
            placed.append(Element("figure", {"id": f"fig-{key}", "data-figure": key, "data-number": number}))
            if image.get("alt", "").strip():
                ledger.note("figure-text-ignored", line, key=key)
        else:
            if key:
                ledger.note("repeated-figure", line, key=key)
            paragraph = Element("p")
            paragraph.append(Element("a", {"href": PREFIX + (key or "")}))
            placed.append(paragraph)
    return placed


def _key(target: str, ledger: Ledger) -> str | None:
    """The key that an address names, or None after noting that it is not one."""
    key = target.strip()[len(PREFIX) :]
    if KEY.fullmatch(key) and len(key) <= MAX_KEY:
        return key
    ledger.note("bad-figure-key", ledger.line_of(target.strip()), target=target[:80])
    return None


def _name(link: Element, number: int | str, words: Words) -> None:
    link.text = AtomicString(words.figure.format(n=number))
    words.mark(link)


def _refer(
    link: Element, target: str, numbers: dict[str, int], references: dict[str, None], ledger: Ledger
) -> None:
    key = target[len(PREFIX) :]
    known = KEY.fullmatch(key) is not None and len(key) <= MAX_KEY
    if known:
        references[key] = None
    elif key:
        _key(target, ledger)
    own_words = bool(plain(link))
    link.attrib.clear()
    if key in numbers:
        link.set("class", "figure-ref")
        link.set("href", f"#fig-{key}")
        if not own_words:
            _name(link, numbers[key], ledger.words)
        return
    link.tag = "span"
    link.set("class", "figure-ref dangling")
    if not own_words:
        _name(link, "?", ledger.words)
    if known:
        ledger.note("dangling-reference", ledger.line_of(f"(figure:{key}"), key=key)
