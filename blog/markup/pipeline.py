"""The whole way from source to `Rendered`, in order. Only the child process and the tests run it directly."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from . import (
    blocks,
    crossings,
    diagrams,
    fences,
    figures,
    footnotes,
    formulas,
    gate,
    grammar,
    intake,
    links,
    outline,
    plain,
    serial,
)
from .ledger import Ledger
from .rendered import Rendered


def render(source: str, *, language: str = "en") -> Rendered:
    """Render in this process, without limits of time or memory: use `render_isolated` for text that people
    write. What the rendering adds is worded in `language`, the text's.

    Raises RenderRefused, and nothing else. The same source and language give the same bytes.
    """
    source, ledger = intake.admit(source, language)
    try:
        root = grammar.parse(source)
        footnotes.assemble(root, ledger)
        drawn = diagrams.place(root, ledger)
        code = [fences.build(fence, ledger) for fence in list(root.iter("fence"))]
        _formulas(root, ledger)
        links.images(root, ledger)
        blocks.finish(root, ledger.words)
        links.settle(root, ledger)
        crossings.settle(root, ledger)
        placed, referred = figures.place(root, ledger)
        headings = outline.build(root, ledger)
        links.fragments(root, ledger)
        addresses = links.collect(root)
        crossed = crossings.collect(root)
        text = plain.text(root)
        outline.anchor(root, ledger.words)
        html = gate.clean(serial.write(root))
    except RecursionError:
        raise serial.too_deep() from None
    words = plain.count_words(text)
    listing = "\n".join(code)
    return Rendered(
        html=html.strip(),
        text=text,
        code="\n".join([*code, *(diagram.source for diagram in drawn)]),
        outline=headings,
        figures=placed,
        references=referred,
        links=addresses,
        crossings=crossed,
        words=words,
        minutes=plain.reading_minutes(words, len(placed), listing),
        diagrams=drawn,
        problems=ledger.done(),
    )


def _formulas(root: Element, ledger: Ledger) -> None:
    blocks_seen = 0
    for formula in list(root.iter("formula")):
        blocks_seen += "block" in formula.attrib
        formulas.build(formula, ledger, blocks_seen)
