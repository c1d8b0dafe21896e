"""Links and images in brackets, in linear time.

Python-Markdown looks for the closing bracket anew from every opening one: ten thousand `[` take it 38
seconds. These processors keep its grammar and remember the pairs of the text they last looked at.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from markdown import Markdown
from markdown.inlinepatterns import (
    IMAGE_LINK_RE,
    IMAGE_REFERENCE_RE,
    LINK_RE,
    REFERENCE_RE,
    ImageInlineProcessor,
    ImageReferenceInlineProcessor,
    LinkInlineProcessor,
    ReferenceInlineProcessor,
    ShortImageReferenceInlineProcessor,
    ShortReferenceInlineProcessor,
)

BRACKET = re.compile(r"[\[\]]")
MAX_LABEL = 999
"""Longest reference label; CommonMark's number."""
MAX_TARGET = 4_000
"""Longest address and title together."""
NEARBY = 64
"""So many brackets are looked through before a table of all pairs is made."""


def closings(data: str) -> dict[int, int]:
    """For each `[` that is closed: the index after it → the index of its `]`."""
    pairs, stack = {}, []
    for found in BRACKET.finditer(data):
        if found[0] == "[":
            stack.append(found.end())
        elif stack:
            pairs[stack.pop()] = found.start()
    return pairs


class _Paired:
    """Mixed in before a processor: `getText` by table, `getLink` within a bound."""

    md: Any
    _data: str | None = None
    _pairs: dict[int, int]

    def closing(self, data: str, index: int) -> int:
        """The index of the `]` that closes the bracket before `index`, or -1."""
        if data is not self._data:
            depth = 1
            for found in islice(BRACKET.finditer(data, index), NEARBY):
                depth += 1 if found[0] == "[" else -1
                if not depth:
                    return found.start()
            self._data, self._pairs = data, closings(data)
        return self._pairs.get(index, -1)


class _Direct(_Paired):
    def getText(self, data: str, index: int) -> tuple[str, int, bool]:
        end = self.closing(data, index)
        if end < 0 or data[end + 1 : end + 2] != "(":
            return "", index, False
        return data[index:end], end + 1, True

    def getLink(self, data: str, index: int) -> tuple[str, str | None, int, bool]:
        window = data[index : index + MAX_TARGET]
        if ")" not in window:
            return "", None, index, False
        href, title, end, handled = super().getLink(window, 0)  # type: ignore[misc]
        return href, title, index + end, handled


class _Labelled(_Paired):
    def getText(self, data: str, index: int) -> tuple[str, int, bool]:
        end = self.closing(data, index)
        if end < 0 or end - index > MAX_LABEL or not self.md.references:
            return "", index, False
        return data[index:end], end + 1, True


class Link(_Direct, LinkInlineProcessor):
    """`[text](address "title")`."""


class Image(_Direct, ImageInlineProcessor):
    """`![alt](address)`."""


class Reference(_Labelled, ReferenceInlineProcessor):
    """`[text][label]`."""


class ShortReference(_Labelled, ShortReferenceInlineProcessor):
    """`[label]`."""


class ImageReference(_Labelled, ImageReferenceInlineProcessor):
    """`![alt][label]`."""


class ShortImageReference(_Labelled, ShortImageReferenceInlineProcessor):
    """`![label]`."""


def register(md: Markdown) -> None:
    """Put these in the place of Python-Markdown's own."""
    patterns = md.inlinePatterns
    patterns.register(Reference(REFERENCE_RE, md), "reference", 170)
    patterns.register(Link(LINK_RE, md), "link", 160)
    patterns.register(Image(IMAGE_LINK_RE, md), "image_link", 150)
    patterns.register(ImageReference(IMAGE_REFERENCE_RE, md), "image_reference", 140)
    patterns.register(ShortReference(REFERENCE_RE, md), "short_reference", 130)
    patterns.register(ShortImageReference(IMAGE_REFERENCE_RE, md), "short_image_ref", 125)
