"""A rendering as it can stand elsewhere: in a feed reader, on a page with other styles and another address."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

TAG = re.compile(r'<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?P<rest>(?:\s+[-a-zA-Z]+(?:="[^"]*")?)*)\s*/?>')
ATTRIBUTE = re.compile(r'\s+([-a-zA-Z]+)(?:="([^"]*)")?')
KEPT = frozenset(
    {
        "alt",
        "colspan",
        "dir",
        "height",
        "href",
        "lang",
        "open",
        "rowspan",
        "scope",
        "sizes",
        "src",
        "srcset",
        "start",
        "title",
        "width",
    }
)
"""Attributes that mean something without our stylesheet. Ids are not among them: a reader shows several posts on one
page, so that links within the text lead to the post's own page."""

DROPPED = frozenset({"span"})
"""Elements that only carry a class; what is in them stays."""


def portable(html: str, resolve: Callable[[str], str]) -> str:
    """HTML that has been through the gate and `fill`, without what only our pages understand: classes, ids, the marks
    behind headings. `resolve` makes an address absolute, given plain.
    """
    out: list[str] = []
    here = 0
    skipping = False
    for found in TAG.finditer(html):
        if not skipping:
            out.append(html[here : found.start()])
        here = found.end()
        name, end = found["name"], bool(found["end"])
        if skipping:
            skipping = not (end and name == "a")
        elif name == "a" and not end and 'class="anchor"' in found["rest"]:
            skipping = True
        elif name not in DROPPED:
            out.append(
                found[0]
                if end or not found["rest"]
                else f"<{name}{_attributes(name, found['rest'], resolve)}>"
            )
    out.append(html[here:])
    return "".join(out)


def _attributes(element: str, text: str, resolve: Callable[[str], str]) -> str:
    kept = []
    for name, value in ATTRIBUTE.findall(text):
        if name in {"href", "src"}:
            value = escape(resolve(unescape(value)))
        elif name == "srcset":
            value = escape(", ".join(_candidate(one, resolve) for one in unescape(value).split(", ")))
        elif name not in KEPT and (not _is_maths(element) or name in {"class", "id"}):
            continue
        kept.append(f' {name}="{value}"')
    return "".join(kept)


def _is_maths(element: str) -> bool:
    """Whether the element is MathML's: of all that passes the gate, only these begin so. (The gate's own list is not
    asked, for it comes with the parsers, which no reader's page loads.)"""
    return element.startswith("m") and element != "mark"


def _candidate(text: str, resolve: Callable[[str], str]) -> str:
    address, _, width = text.partition(" ")
    return f"{resolve(address)} {width}".rstrip()
