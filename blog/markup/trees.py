"""Small helps for element trees: what ElementTree leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element


def pairs(root: Element) -> list[tuple[Element, Element]]:
    """(parent, child) for every element below `root`, in document order, safe against changes while it is
    walked.
    """
    return [(parent, child) for parent in root.iter() for child in parent]


def substitute(root: Element, others: dict[Element, list[Element]]) -> None:
    """Put the elements that are the values in the place of the keys; the tail of a key follows the last of them."""
    for parent in list(root.iter()):
        if not any(child in others for child in parent):
            continue
        children = list(parent)
        parent[:] = []
        for child in children:
            if child not in others:
                parent.append(child)
                continue
            parent.extend(others[child])
            tail, child.tail = child.tail or "", None
            add_text(parent, len(parent), tail)


def unwrap(parent: Element, child: Element) -> None:
    """Take an element away and leave what it holds."""
    index = list(parent).index(child)
    parent.remove(child)
    add_text(parent, index, child.text or "")
    for offset, inner in enumerate(child):
        parent.insert(index + offset, inner)
    add_text(parent, index + len(child), child.tail or "")


def add_text(parent: Element, index: int, text: str) -> None:
    """Write text before the child at `index`, after what already stands there."""
    if not text:
        return
    if index:
        parent[index - 1].tail = (parent[index - 1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def words(element: Element) -> Iterator[str]:
    """The text a reader sees: maths as its source, without anchors, footnote numbers and code blocks."""
    if element.tag == "math":
        yield element.get("alttext", "")
        return
    hidden = element.get("class", "")
    if hidden in {"anchor", "footnote-ref", "footnote-back", "code", "ln"} or element.tag == "figure":
        return
    yield element.text or ""
    for child in element:
        yield from words(child)
        yield child.tail or ""
    if element.tag == "br":
        yield " "


def plain(element: Element) -> str:
    """The same text on one line."""
    return " ".join("".join(words(element)).split())
