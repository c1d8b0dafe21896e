"""Diagrams written as text: a fence such as

    ```mermaid key="read-path" title="The way of a read" alt="What the picture shows"

places a figure of that key. What is drawn, and whether it can be, is not this room's business: the place is kept as any
figure's is, and the text is handed on.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from .figures import KEY, PREFIX
from .ledger import Ledger
from .rendered import Diagram
from .trees import substitute

NOTATIONS = frozenset({"mermaid"})
MAX_KEY = 80
"""Longest key of a figure that can be stored."""
MAX_DIAGRAMS = 12
"""Most diagrams of one text: an editor waits while they are drawn."""
EXAMPLE = '```mermaid key="read-path" title="The way of a read" alt="What the picture shows"'


def place(root: Element, ledger: Ledger) -> tuple[Diagram, ...]:
    """Turn each fence of a notation into the place of a figure; gives the diagrams in document order.

    A fence that lacks something stays a block of code, with a problem that says what.
    """
    diagrams: dict[str, Diagram] = {}
    places: dict[Element, list[Element]] = {}
    for fence in root.iter("fence"):
        notation = fence.get("language", "").lower()
        if notation not in NOTATIONS:
            continue
        key, title, alt = (fence.get(name, "").strip() for name in ("key", "title", "alt"))
        line = int(fence.get("line", "0")) or None
        if _is_refused(key, alt, title, diagrams, ledger, line):
            fence.set("language", "text")
            continue
        source = (fence.text or "").rstrip().lstrip("\n")
        diagrams[key] = Diagram(key, notation, source, title, alt, line)
        paragraph = Element("p")
        SubElement(paragraph, "img", {"src": PREFIX + key, "alt": ""})
        places[fence] = [paragraph]
    substitute(root, places)
    return tuple(diagrams.values())


def _is_refused(
    key: str, alt: str, title: str, before: dict[str, Diagram], ledger: Ledger, line: int | None
) -> bool:
    """Whether something keeps the fence from being a diagram; what, is noted."""
    if not key:
        ledger.note("diagram-without-key", line, example=EXAMPLE)
    elif not KEY.fullmatch(key) or len(key) > MAX_KEY:
        ledger.note("bad-figure-key.diagram", line, key=key[:80], most=MAX_KEY)
    elif not alt:
        ledger.note("diagram-without-alt", line, key=key, example=EXAMPLE)
    elif "".join(alt.casefold().split()) == "".join(title.casefold().split()):
        ledger.note("diagram-without-alt.repeated", line, key=key)
    elif key in before:
        ledger.note("repeated-figure.diagram", line, key=key)
    elif len(before) == MAX_DIAGRAMS:
        ledger.note("many-diagrams", line, most=MAX_DIAGRAMS)
    else:
        return False
    return True
