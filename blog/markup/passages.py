"""A rendering cut into its blocks, so that something can be said beside each."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

VOID = frozenset({"br", "hr", "img", "input", "wbr", "source", "col"})
SIGNS = frozenset({"anchor", "footnote-back"})  # links that say nothing of the text
# Between these no words run together.
APART = frozenset({"p", "li", "dt", "dd", "td", "th", "tr", "div", "summary", "figcaption", "br"})


@dataclass(frozen=True)
class Passage:
    """An outermost element of a rendering: its HTML, still with placeholders, its words with blanks made single, and
    the key of the figure that it places, if it is one."""

    html: str
    text: str
    figure: str = ""


class _Cutter(HTMLParser):
    """Finds where the outermost elements begin and end. Stored HTML is well-formed: it has been through the gate."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html, self.found = html, list[Passage]()
        self.lines = [0]
        for line in html.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.depth, self.start, self.words, self.figure = 0, 0, list[str](), ""
        self.in_sign = False
        self.feed(html)
        self.close()

    def here(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.depth == 0:
            self.start, self.words, self.figure = self.here(), [], ""
        if tag in APART:
            self.words.append(" ")
        given = dict(attrs)
        self.figure = self.figure or given.get("data-figure") or ""
        self.in_sign = self.in_sign or (tag == "a" and given.get("class") in SIGNS)
        if tag in VOID:
            if self.depth == 0:
                self.keep(self.here() + len(self.get_starttag_text() or ""))
        else:
            self.depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or self.depth == 0:
            return
        self.depth -= 1
        self.in_sign = self.in_sign and tag != "a"  # a link holds no link
        if self.depth == 0:
            self.keep(self.html.index(">", self.here()) + 1)

    def handle_data(self, data: str) -> None:
        if self.depth and not self.in_sign:
            self.words.append(data)

    def keep(self, end: int) -> None:
        text = " ".join("".join(self.words).split())
        placed = self.figure if self.html.startswith("<figure", self.start) else ""
        self.found.append(Passage(self.html[self.start : end], text, placed))


def passages(html: str) -> list[Passage]:
    """The outermost elements of stored HTML, in order; what stands between them is blank."""
    return _Cutter(html).found
