"""The element tree as HTML text. One writer, so that escaping has one place; the gate reads what it
writes.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from .intake import clean
from .rendered import RenderRefused

VOID = frozenset({"br", "hr"})
MAX_DEPTH = 64
MAX_OUTPUT = 8_000_000
"""Longest HTML, in characters: forty times the longest source; only a machine-made text comes near it."""


def escape(text: str) -> str:
    """Text for an element's content."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def write(root: Element) -> str:
    """The children of `root` as HTML, one block per line.

    Raises RenderRefused when they nest deeper than MAX_DEPTH or the text grows beyond MAX_OUTPUT.
    """
    out: list[str] = [escape(root.text or "")]
    for child in root:
        _write(child, out, 1)
        out.append("\n")
    html = "".join(out)
    if len(html) > MAX_OUTPUT:
        raise RenderRefused("page-too-long")
    return html


def _write(element: Element, out: list[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise too_deep()
    attributes = "".join(
        f' {name}="{escape(value).replace(chr(34), "&quot;")}"' for name, value in element.attrib.items()
    )
    out.append(f"<{element.tag}{attributes}>")
    if element.tag not in VOID:
        if element.text:
            out.append(escape(element.text))
        for child in element:
            _write(child, out, depth + 1)
        out.append(f"</{element.tag}>")
    if element.tail:
        out.append(escape(element.tail))


def too_deep() -> RenderRefused:
    """The refusal for quotes, lists, brackets or emphasis nested beyond what a page can show."""
    return RenderRefused("too-deep", most=MAX_DEPTH)
