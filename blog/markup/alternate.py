"""The source as Markdown for readers elsewhere: figures with their pictures, numbers and captions, references in words,
every address absolute. What stands in code stays as it is.

This is one walk over the lines, no parsing: text without brackets costs a look, and a page of it less than a
millisecond. The parsers are not loaded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from .addresses import is_safe, tidy
from .ledger import FENCE

DIAGRAM = re.compile(r"[> \t]*(?:`{3,}|~{3,})[ \t]*mermaid\b.*?\bkey=[\"']?([a-z0-9-]+)", re.IGNORECASE)
KEY = r"[a-z0-9]+(?:-[a-z0-9]+)*"
FIGURE = re.compile(rf"!\[[^\[\]\n]*\]\(\s*figure:({KEY})\s*\)")
ONLY_FIGURES = re.compile(rf"(?:!\[[^\[\]\n]*\]\(\s*figure:{KEY}\s*\)[ \t]*)+")
PREFIX = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)]|:)[ \t]+)?")
ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)]|:)[ \t]")
CALLOUT = re.compile(r"[ \t>]*(?:!!!|\?\?\?)")
CONTAINER = re.compile(r"[> ]{0,6}(?:[-*+][ \t]|\d{1,9}[.)][ \t]|:[ \t]|!!!|\?\?\?|\[\^)")
WORDS = r"(?>(?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.)*\])*)"
LINK = re.compile(
    rf"(?<!\\)(?P<bang>!?)\[(?P<words>{WORDS})\](?:"
    r"\([ \t\n]*(?P<target><[^<>\n]*>|(?>[^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*))"
    r"(?P<title>[ \t\n]+(?:\"[^\"]*\"|'[^']*'))?[ \t\n]*\)"
    r"|\[(?P<label>[^\[\]\n]{0,200})\])",
    re.DOTALL,
)
SHORT = re.compile(r"(?<![\\\]])(?P<bang>!?)\[(?P<label>[^\[\]^\n][^\[\]\n]{0,199})\](?![\[(:])")
AUTOLINK = re.compile(r"<((?:figure|post):[^<>\s]{1,400})>")
DEFINITION = re.compile(
    r"(?P<start> {0,3}\[(?P<label>[^\[\]^][^\[\]]*)\]:[ \t]*)(?P<target><[^<>\n]*>|\S+)(?P<rest>.*)"
)
MASKED = re.compile(
    r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)|\$\$.+?\$\$|(?<![\\$\w])\$(?![\s$])[^$\n]{0,1000}?[^\s\\$]\$(?![\w$])",
    re.DOTALL,
)
MASK = "\x1a"
SLUG = re.compile(r"[-\w]{1,200}")
SPECIAL = re.compile(r"([\\`*_\[\]<>|~^$])")
LEADING = re.compile(r"\A(\s*)([#+\-=:]|\d{1,9}[.)])(?=\s|\Z|=|-)")


@dataclass(frozen=True)
class Surroundings:
    """What the text stands in. `numbers` are those of the figures placed; `draw` gives a figure as paragraphs of
    Markdown; `label` the words of a reference to it; `refer` the address and the plain words of a reference to another
    post, an empty address when it is not public; `resolve` makes an address absolute."""

    numbers: Mapping[str, int]
    draw: Callable[[str, int], list[str]]
    label: Callable[[int], str]
    refer: Callable[[str, str], tuple[str, str]]
    resolve: Callable[[str], str]


def alternate(source: str, around: Surroundings) -> str:
    """The source for readers elsewhere. Never fails: what it does not understand stays as written."""
    return "\n".join(_Walk(source, around).lines())


def escape(text: str) -> str:
    """Plain text as Markdown that shows the same: one line, no markup."""
    flat = SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return LEADING.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", flat)


def link(words: str, address: str, title: str = "") -> str:
    """A link whose words are Markdown already."""
    address = address.replace(" ", "%20").replace("\n", "")
    if "(" in address or ")" in address or not address:
        address = f"<{address.replace('<', '%3C').replace('>', '%3E')}>"
    return f"[{words}]({address}{title})"


class _Walk:
    def __init__(self, source: str, around: Surroundings) -> None:
        self.source = source.replace("\r\n", "\n").replace("\r", "\n")
        self.around = around
        self.placed: set[str] = set()
        self.named: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        """The lines of the result. Paragraphs of prose are rewritten, all else passes."""
        blocks = list(self._blocks())
        for prose, block in blocks:
            if prose and "]:" in block:
                self._collect(block)
        for prose, block in blocks:
            yield self._paragraph(block) if prose and ("[" in block or "<" in block) else block

    def _blocks(self) -> Iterator[tuple[bool, str]]:
        """The source as (is it prose, lines of it): paragraphs, empty lines, fences and indented code."""
        held: list[str] = []
        fence, contained, blank = "", False, True
        for line in self.source.split("\n"):
            found = FENCE.match(line)
            if fence:
                if found and found[1].startswith(fence) and line.strip("> \t") == found[1]:
                    fence = ""
                yield False, line
                blank = False
                continue
            stripped = line.strip("> \t")
            if not stripped or found:
                if held:
                    yield True, "\n".join(held)
                    held = []
                fence = found[1] if found else ""
                if fence and (drawn := self._drawn(line)):
                    yield False, drawn
                yield False, line
                blank = not stripped
                continue
            if held and (ITEM.match(line) or CALLOUT.match(held[-1])):
                yield True, "\n".join(held)
                held = []
            indented = line.startswith(("    ", "\t"))
            if CONTAINER.match(line):
                contained = True
            elif blank and not line.startswith((" ", "\t", ">")):
                contained = False
            if indented and not contained and not held:
                yield False, line  # indented code, also after an empty line within it
                continue
            held.append(line)
            blank = False
        if held:
            yield True, "\n".join(held)

    def _collect(self, block: str) -> None:
        """Remembers the labels that stand for figures and posts."""
        for line in block.split("\n"):
            found = DEFINITION.fullmatch(line)
            if found and (target := _bare(found["target"])).lower().startswith(("figure:", "post:")):
                self.named[_label(found["label"])] = target

    def _paragraph(self, block: str) -> str:
        lines = block.split("\n")
        starts = [PREFIX.match(line) for line in lines]
        bare = [line[start.end() :] if start else line for line, start in zip(lines, starts, strict=True)]
        if all(ONLY_FIGURES.fullmatch(line.rstrip()) for line in bare):
            first = starts[0][0] if starts[0] else ""
            return self._figures([key for line in bare for key in FIGURE.findall(line)], first)
        kept = []
        for line in lines:
            found = DEFINITION.fullmatch(line)
            if found and _label(found["label"]) in self.named:
                continue
            if found:
                target = self._absolute(_bare(found["target"]))
                line = f"{found['start']}{target}{found['rest']}" if target else line
            kept.append(line)
        return self._inline("\n".join(kept))

    def _drawn(self, line: str) -> str:
        """The figure that the fence which `line` begins is the source of, and an empty line; empty where it is none."""
        found = DIAGRAM.match(line)
        if not found or found[1] not in self.around.numbers or found[1] in self.placed:
            return ""
        prefix = re.match(r"[> \t]*", line)
        assert prefix
        return f"{self._figures([found[1]], prefix[0])}\n{prefix[0].rstrip()}"

    def _figures(self, keys: list[str], first: str) -> str:
        """Figures that are a paragraph by themselves, behind what the paragraph began with."""
        following = re.sub(r"[^> \t]", " ", first)
        paragraphs: list[str] = []
        for key in keys:
            number = self.around.numbers.get(key)
            if number and key not in self.placed:
                self.placed.add(key)
                paragraphs += self.around.draw(key, number)
            else:
                paragraphs.append(self._figure_link(key, ""))
        lines = "\n\n".join(paragraphs).split("\n")
        return "\n".join(
            ((following if n else first) + line).rstrip() if line else following.rstrip()
            for n, line in enumerate(lines)
        )

    def _inline(self, text: str) -> str:
        masked = MASKED.sub(lambda found: MASK * len(found[0]), text)
        edits: list[tuple[int, int, str]] = []
        for found in LINK.finditer(masked):
            words = text[found.start("words") : found.end("words")]
            if found["target"] is not None:
                target = _bare(text[found.start("target") : found.end("target")])
                title = text[found.start("title") : found.end("title")] if found["title"] else ""
            elif (label := _label(found["label"] or words)) in self.named:
                target, title = self.named[label], ""
            else:
                continue
            edits.append((found.start(), found.end(), self._link(bool(found["bang"]), words, target, title)))
        for found in AUTOLINK.finditer(masked):
            edits.append((found.start(), found.end(), self._link(False, "", found[1], "")))
        if self.named:
            for found in SHORT.finditer(masked):
                if target := self.named.get(_label(found["label"]), ""):
                    words = "" if found["bang"] else found["label"]
                    edits.append(
                        (found.start(), found.end(), self._link(bool(found["bang"]), words, target, ""))
                    )
        out, here = [], 0
        for start, end, new in sorted(edits):
            if start >= here:
                out += [text[here:start], new]
                here = end
        return "".join([*out, text[here:]])

    def _link(self, image: bool, words: str, target: str, title: str) -> str:
        kind, _, name = target.partition(":")
        if kind.lower() == "figure":
            return self._figure_link(name, "" if image else words)
        if "[" in words:
            words = self._inline(words)
        if kind.lower() == "post" and (found := _read_target(name)):
            address, own = self.around.refer(*found)
            shown = words.strip() or escape(own)
            return link(shown, address, title) if address else shown
        address = self._absolute(target)
        if not address:
            return words
        return link(words.strip() or escape(address), address, title)

    def _figure_link(self, key: str, words: str) -> str:
        number = self.around.numbers.get(key)
        shown = words.strip() or (escape(self.around.label(number)) if number else "")
        return link(shown, self.around.resolve(f"#fig-{key}")) if number else shown

    def _absolute(self, target: str) -> str:
        """The address as readers elsewhere need it; empty when it may not be a link at all."""
        address = tidy(target)
        return self.around.resolve(address) if address and is_safe(address) else ""


def _bare(target: str) -> str:
    return target.strip().removeprefix("<").removesuffix(">")


def _label(text: str) -> str:
    return " ".join(text.split()).casefold()


def _read_target(text: str) -> tuple[str, str] | None:
    """As `crossings.read_target`, which comes with the parsers."""
    name, mark, fragment = text.partition("#")
    slug = unicodedata.normalize("NFC", unquote(name))
    key = fragment.removeprefix("fig-")
    if not SLUG.fullmatch(slug) or (mark and (key == fragment or not re.fullmatch(KEY, key))):
        return None
    return slug, key
