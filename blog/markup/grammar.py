"""The dialect: which grammar is on, and what Python-Markdown does otherwise than here.

Raw HTML is off: `<b>` is three characters. Nothing here reads a file or the network. Block constructs
that are worked out later (code, maths) leave an element with their source; everything stays one tree
until it is written once.
"""

from __future__ import annotations

import html
import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions.abbr import AbbrExtension
from markdown.extensions.admonition import AdmonitionExtension
from markdown.extensions.def_list import DefListExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension, TableProcessor
from markdown.inlinepatterns import (
    AutolinkInlineProcessor,
    BacktickInlineProcessor,
    InlineProcessor,
    SubstituteTagInlineProcessor,
)
from markdown.util import AtomicString
from pymdownx.betterem import BetterEmExtension
from pymdownx.caret import InsertSupExtension
from pymdownx.details import DetailsExtension
from pymdownx.mark import MarkExtension
from pymdownx.saneheaders import SaneHeadersExtension
from pymdownx.superfences import SuperFencesCodeExtension
from pymdownx.tilde import DeleteSubExtension

from . import brackets, lists
from .footnotes import Footnotes
from .intake import clean
from .rendered import RenderRefused
from .serial import MAX_DEPTH, too_deep

MAX_CELLS = 20_000
OPTIONS = ("title", "hl_lines", "linenums", "key", "alt")
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
STASHED = re.compile(r"(?:^|\n)[ ]*\x02wzxhzdk:(\d+)\x03[ ]*(?:\n|$)")
DISPLAY = re.compile(r"(?:^|\n)[ ]{0,3}\$\$(?!\$)(.+?)\$\$[ ]*(?=\n|$)", re.DOTALL)
# Pandoc's rule for dollars: no space inside them, no digit or letter after the closing one, so that
# prices stay prices.
INLINE = r"(?<![\\$\w])\$(?![\s$])([^$\x02\x03]{0,1000}?[^\s\\$\x02\x03])\$(?![\w$])"
TICKS = re.compile(r"`+")


class _Code(BacktickInlineProcessor):
    """Code spans as CommonMark has them: closed by a run of as many backticks, or not at all."""

    def handleMatch(self, m, data):
        if m.group(1):
            return m.group(1).replace("\\\\", self.ESCAPED_BSLASH), m.start(0), m.end(0)
        start = m.end(0)
        while data.startswith("`", start):
            start += 1
        ticks = start - m.start(0)
        for run in TICKS.finditer(data, start):
            if len(run[0]) == ticks:
                code = Element("code")
                code.text = AtomicString(data[start : run.start()].strip())
                return code, m.start(0), run.end()
        return "`" * ticks, m.start(0), start


class _Entity(InlineProcessor):
    """`&copy;` as the character it names; the writer escapes it again if need be."""

    def handleMatch(self, m, data):
        character = html.unescape(m[0])
        if character == m[0]:
            return None, m.start(0), m.end(0)
        return clean(character) or "\ufffd", m.start(0), m.end(0)


class _Mail(InlineProcessor):
    """`<a@b.example>`, without the parser's disguise of letters as entities."""

    def handleMatch(self, m, data):
        address = m[1].removeprefix("mailto:")
        link = Element("a", {"href": f"mailto:{address}"})
        link.text = AtomicString(address)
        return link, m.start(0), m.end(0)


class _Formula(InlineProcessor):
    """`$a^2$`."""

    def handleMatch(self, m, data):
        formula = Element("formula")
        formula.text = AtomicString(m[1])
        return formula, m.start(0), m.end(0)


class _Display(BlockProcessor):
    """`$$ … $$` on lines of its own, also in the midst of a paragraph."""

    def test(self, parent: Element, block: str) -> bool:
        return "$$" in block and DISPLAY.search(block) is not None

    def run(self, parent: Element, blocks: list[str]) -> bool:
        block = blocks.pop(0)
        found = DISPLAY.search(block)
        assert found is not None
        if block[: found.start()].strip():
            self.parser.parseBlocks(parent, [block[: found.start()]])
        SubElement(parent, "formula", {"block": ""}).text = AtomicString(found[1])
        if block[found.end() :].strip():
            blocks.insert(0, block[found.end() :].lstrip("\n"))
        return True


class _Stashed(BlockProcessor):
    """Puts a fenced block's element where the fence stood."""

    def test(self, parent: Element, block: str) -> bool:
        # A fence inside an item is the item's: the list comes first and hands the rest of the item down.
        return "\x02wzxhzdk:" in block and not lists.MARKER.match(block) and STASHED.search(block) is not None

    def run(self, parent: Element, blocks: list[str]) -> bool:
        block = blocks.pop(0)
        found = STASHED.search(block)
        assert found is not None
        if block[: found.start()].strip():
            self.parser.parseBlocks(parent, [block[: found.start()]])
        parent.append(self.parser.md.htmlStash.rawHtmlBlocks[int(found[1])])
        if block[found.end() :].strip():
            blocks.insert(0, block[found.end() :])
        return True


class _Table(TableProcessor):
    """Tables up to MAX_CELLS: a header of a thousand columns makes a cell of every short row below it."""

    def run(self, parent: Element, blocks: list[str]) -> None:
        cells = len(self.separator) * (blocks[0].count("\n") + 1)
        if cells > MAX_CELLS:
            raise RenderRefused("table-too-large", cells=cells, most=MAX_CELLS)
        super().run(parent, blocks)


def _fence(
    source: str, language: str, class_name: str, options: dict[str, Any], md: Markdown, **rest: Any
) -> Element:
    """Superfences asks for HTML; an element is kept instead and worked out when it is known to stand in
    the page.
    """
    if language == "math":
        block = Element("formula", {"block": ""})
        block.text = AtomicString(source)
        return block
    block = Element(
        "fence", {name: str(value) for name, value in options.items()} | {"language": language or ""}
    )
    block.text = AtomicString(source)
    return block


def _options(
    language: str, inputs: dict[str, str], options: dict[str, Any], attrs: dict[str, str], md: Markdown
) -> bool:
    """Keeps the options of the dialect; all others are ignored, so that no attribute comes from a fence."""
    options.update({name: inputs[name] for name in OPTIONS if name in inputs})
    return True


def build() -> Markdown:
    """A parser for one source. It is not reused: a reset that forgets something would leak one post into
    the next.
    """
    fences = SuperFencesCodeExtension(
        relaxed_headers=True,
        custom_fences=[{"name": "*", "class": "code", "format": _fence, "validator": _options}],
    )
    md = Markdown(
        extensions=[
            SaneListExtension(), SaneHeadersExtension(), TableExtension(use_align_attribute=True),
            DefListExtension(), AdmonitionExtension(), DetailsExtension(), AbbrExtension(), Footnotes(),
            fences, BetterEmExtension(), MarkExtension(), DeleteSubExtension(),
            InsertSupExtension(insert=False),
        ]
    )  # fmt: skip
    md.preprocessors.deregister("html_block")
    md.inlinePatterns.deregister("html")
    md.treeprocessors.deregister("prettify")
    md.ESCAPED_CHARS += ["$", "|", "<", "&", '"', "'", ":", "="]

    inline, blocks = md.inlinePatterns, md.parser.blockprocessors
    inline.register(_Code(r"(?:(?<!\\)((?:\\{2})+)(?=`+)|(?<!\\)`)"), "backtick", 190)
    inline.register(_Formula(INLINE, md), "formula", 185)
    inline.register(
        _Entity(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});", md), "entity", 80
    )
    inline.register(
        AutolinkInlineProcessor(r"<((?:https?|mailto|[a-z][a-z0-9+.-]{1,31}):[^<>\s]{1,2000})>", md),
        "autolink",
        120,
    )
    inline.register(_Mail(r"<([^<> !:@]{1,200}@[^@<> :]{1,200})>", md), "automail", 110)
    inline.register(SubstituteTagInlineProcessor(r"\\\n", "br"), "backslash_break", 181)
    brackets.register(md)
    blocks.register(_Display(md.parser), "display", 79.4)
    blocks.register(_Stashed(md.parser), "stashed", 79.5)
    blocks.register(_Table(md.parser, {"use_align_attribute": True}), "table", 75)
    _place_fences(md)
    _bound_depth(md)
    _forgive_delimiters(md)
    return md


def _place_fences(md: Markdown) -> None:
    """Lets each fence remember its line."""
    finder = md.preprocessors["fenced_code_block"]
    store = finder._store

    def remembering(source: str, code: Element, start: int, end: int) -> None:
        code.set("line", str(start + 1))
        store(source, code, start, end)

    finder._store = remembering


def _forgive_delimiters(md: Markdown) -> None:
    """Leaves a `~` or `^` as typed where the delimiter processor loses count (pymdown-extensions 12.3: `~a ~~b~~`
    inside other marks pops an empty stack), instead of failing the whole text.
    """
    processor = md.inlinePatterns["delimiter"]
    match = processor.handleMatch

    def forgiving(m: re.Match[str], data: str) -> Any:
        try:
            return match(m, data)
        except IndexError:
            processor.reset()
            return None, m.start(0), m.end(0)

    processor.handleMatch = forgiving


def _bound_depth(md: Markdown) -> None:
    """Stops nesting at the same depth wherever the parser runs, long before Python's own limit."""
    parse, depth = md.parser.parseBlocks, 0

    def bounded(parent: Element, blocks: list[str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise too_deep()
        parse(parent, blocks)
        depth -= 1

    md.parser.parseBlocks = bounded


def parse(source: str) -> Element:
    """The source as a tree whose root holds the blocks. Raises RenderRefused when it is nested too deeply."""
    md = build()
    try:
        lines = source.split("\n")
        for preprocessor in md.preprocessors:
            lines = preprocessor.run(lines)
        lines = lists.relist(lists.apart(lines))
        root = md.parser.parseDocument(lines).getroot()
        for heading in root.iter():
            if heading.tag in HEADINGS:
                heading.set("raw", heading.text or "")
        for treeprocessor in md.treeprocessors:
            treeprocessor.run(root)
    except RecursionError:
        raise too_deep() from None
    for block in root.iter("pre"):
        _indented(block)
    return root


def _indented(block: Element) -> None:
    """A block indented by four spaces, as a fence without a language."""
    code = html.unescape("".join(block.itertext()))
    tail = block.tail
    block.clear()
    block.tag, block.tail = "fence", tail
    block.text = AtomicString(code)
