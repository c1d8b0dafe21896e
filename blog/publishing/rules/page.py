"""What a rendered text is made of, as far as somebody who hears it or moves through it by keyboard needs to know."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
CODE = {"pre", "code", "math"}
FILLED_LATER = {"post-ref"}  # links whose words are put in when the page is read
OWN = {"anchor", "figure-ref", "footnote-back"}  # links that the renderer adds and words itself


@dataclass
class Part:
    """An element with the words inside it, as they are read out."""

    tag: str
    attributes: dict[str, str]
    words: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What assistive technology calls it (Accessible Name and Description Computation 1.2, simplified)."""
        label = self.attributes.get("aria-label", "") or "".join(self.words)
        return " ".join((label or self.attributes.get("title", "")).split())

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())


@dataclass
class Page:
    """The parts in the order of the page. A table is (the words of its heading cells, the number of its cells); `prose`
    are the words outside code."""

    headings: list[Part] = field(default_factory=list)
    links: list[Part] = field(default_factory=list)
    buttons: list[Part] = field(default_factory=list)
    images: list[Part] = field(default_factory=list)
    tables: list[tuple[list[str], int]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    prose: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[Part] = []  # links, buttons, headings and heading cells that are being read
        self.tables: list[tuple[list[str], int]] = []
        self.code = 0
        self.prose: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if attributes.get("id"):
            self.page.ids.append(attributes["id"])
        if tag in CODE:
            self.code += 1
        if tag == "table":
            self.tables.append(([], 0))
        elif tag in {"td", "th"} and self.tables:
            heads, cells = self.tables.pop()
            self.tables.append((heads, cells + 1))
        if tag == "img":
            self.page.images.append(Part(tag, attributes))
            for part in self.open:
                part.words.append(attributes.get("alt", ""))
        elif tag in HEADINGS or tag in {"a", "button", "th"}:
            self.open.append(Part(tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        if tag in CODE:
            self.code = max(0, self.code - 1)
        if tag == "table" and self.tables:
            self.page.tables.append(self.tables.pop())
        if not any(part.tag == tag for part in self.open):
            return
        while self.open:
            part = self.open.pop()
            self._close(part)
            if part.tag == tag:
                return

    def _close(self, part: Part) -> None:
        if part.tag == "a":
            self.page.links.append(part)
        elif part.tag == "button":
            self.page.buttons.append(part)
        elif part.tag == "th":
            if self.tables:
                self.tables[-1][0].append(part.name)
        else:
            self.page.headings.append(part)

    def handle_data(self, data: str) -> None:
        within = {name for part in self.open for name in part.classes}
        if not self.code:
            self.prose.append(data)
        for part in self.open:
            if "anchor" in within and part.tag in HEADINGS:
                continue  # the sign behind a heading is no word of it
            part.words.append(data)


def read(html: str) -> Page:
    """The page of this HTML; broken HTML is read as far as it goes."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    for part in reversed(reader.open):
        reader._close(part)
    reader.page.prose = " ".join("".join(reader.prose).split())
    return reader.page
