"""Footnotes: found by Python-Markdown, numbered here in the order of reading, with ids made of numbers
only.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions.footnotes import FootnoteBlockProcessor, FootnoteExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from .ledger import Ledger
from .words import Words

MAX_FOOTNOTES = 2_000
HOLDER = "footnote-holder"


class _Mark(InlineProcessor):
    """`[^name]` in the text, as a `footnote` element that waits for its number."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(r"(?<!!)\[\^([^\]\[\n]{1,200})\]", md)

    def handleMatch(self, m, data):
        mark = Element("footnote")
        mark.text = AtomicString(m[1].strip())
        return mark, m.start(0), m.end(0)


class _Bodies(Treeprocessor):
    """Parses the definitions into a holder at the end, before inline grammar runs, so that it runs on them
    too.
    """

    def __init__(self, md: Markdown, footnotes: FootnoteExtension) -> None:
        super().__init__(md)
        self.footnotes = footnotes

    def run(self, root: Element) -> None:
        holder = SubElement(root, HOLDER)
        for name, text in list(self.footnotes.footnotes.items())[:MAX_FOOTNOTES]:
            body = SubElement(holder, "div", {"name": name})
            self.md.parser.parseChunk(body, text)


class Footnotes(FootnoteExtension):
    """The block half of Python-Markdown's footnotes; marks, numbers and the section are ours."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.registerExtension(self)
        self.parser, self.md = md.parser, md
        block: BlockProcessor = FootnoteBlockProcessor(self)
        md.parser.blockprocessors.register(block, "footnote", 17)
        md.inlinePatterns.register(_Mark(md), "footnote", 175)
        md.treeprocessors.register(_Bodies(md, self), "footnote", 50)


def assemble(root: Element, ledger: Ledger) -> None:
    """Number the marks in the order of reading and turn the holder into the section of notes at the end.

    A note first mentioned inside another note follows the notes of the text. A mark without a definition
    stays as typed; a definition that nothing mentions is left out. Both are noted.
    """
    holder = next((child for child in root if child.tag == HOLDER), None)
    bodies: dict[str, Element] = {}
    if holder is not None:
        root.remove(holder)
        bodies = {body.get("name", "").strip(): body for body in holder}
    numbers: dict[str, int] = {}
    places: dict[str, int] = {}
    queue = [root]
    for part in queue:
        for mark in list(part.iter("footnote")):
            name = (mark.text or "").strip()
            if name not in bodies:
                _undefined(mark, name, ledger)
                continue
            if name not in numbers:
                numbers[name] = len(numbers) + 1
                queue.append(bodies[name])
            places[name] = places.get(name, 0) + 1
            _mark(mark, numbers[name], places[name], ledger.words)
    for name in bodies.keys() - numbers.keys():
        ledger.note("unused-footnote", ledger.line_of(f"[^{name}]:"), name=name[:60])
    if numbers:
        section = SubElement(root, "section", {"class": "footnotes", "aria-label": ledger.words.footnotes})
        notes = SubElement(section, "ol")
        for name, number in numbers.items():
            note = SubElement(notes, "li", {"id": f"fn-{number}"})
            note.text = bodies[name].text
            note.extend(bodies[name])
            _back(note, number, places[name], ledger.words)


def _mark(mark: Element, number: int, place: int, words: Words) -> None:
    tail = mark.tail
    mark.clear()
    mark.tag, mark.tail = "sup", tail
    mark.set("id", f"fnref-{number}" + (f"-{place}" if place > 1 else ""))
    mark.set("class", "footnote-ref")
    link = SubElement(mark, "a", {"href": f"#fn-{number}", "aria-label": words.footnote.format(n=number)})
    link.text = AtomicString(str(number))


def _undefined(mark: Element, name: str, ledger: Ledger) -> None:
    ledger.note("undefined-footnote", ledger.line_of(f"[^{name}]"), name=name[:60])
    mark.tag = "span"
    mark.text = AtomicString(f"[^{name}]")


def _back(note: Element, number: int, places: int, words: Words) -> None:
    last = note[-1] if len(note) and note[-1].tag == "p" else SubElement(note, "p")
    for place in range(1, min(places, 20) + 1):
        if len(last):
            last[-1].tail = (last[-1].tail or "") + " "
        else:
            last.text = (last.text or "") + " "
        suffix = f"-{place}" if place > 1 else ""
        label = (words.back_place if place > 1 else words.back).format(n=number, place=place)
        back = SubElement(
            last, "a", {"class": "footnote-back", "href": f"#fnref-{number}{suffix}", "aria-label": label}
        )
        back.text = AtomicString("↩" if place == 1 else f"↩{place}")
