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
        if problem := _problem(key, alt, title, diagrams):
            ledger.note(*problem, line)
            fence.set("language", "text")
            continue
        source = (fence.text or "").rstrip().lstrip("\n")
        diagrams[key] = Diagram(key, notation, source, title, alt, line)
        paragraph = Element("p")
        SubElement(paragraph, "img", {"src": PREFIX + key, "alt": ""})
        places[fence] = [paragraph]
    substitute(root, places)
    return tuple(diagrams.values())


def _problem(key: str, alt: str, title: str, before: dict[str, Diagram]) -> tuple[str, str] | None:
    """What keeps the fence from being a diagram, as code and message."""
    if not key:
        message = (
            f"A diagram has no key, so nothing can refer to it. Begin it like this: {EXAMPLE}. To show its "
        )
        return "diagram-without-key", f"{message}text as code, write ```text."
    if not KEY.fullmatch(key) or len(key) > MAX_KEY:
        message = (
            f"“{key[:80]}” can't be a diagram's key. Use up to {MAX_KEY} small letters, digits and single "
        )
        return "bad-figure-key", f"{message}hyphens, such as read-path."
    if not alt:
        message = f"The diagram “{key}” has no alternative text. Say what it shows, as here: {EXAMPLE}."
        return "diagram-without-alt", message
    if "".join(alt.casefold().split()) == "".join(title.casefold().split()):
        message = f"The alternative text of the diagram “{key}” repeats its title, which is read out anyway; say what "
        return "diagram-without-alt", f"{message}there is to see."
    if key in before:
        message = f"Two diagrams have the key “{key}”; the second is shown as code. Give it a key of its own."
        return "repeated-figure", message
    if len(before) == MAX_DIAGRAMS:
        message = f"A text can have {MAX_DIAGRAMS} diagrams; the rest are shown as code. Move some to a second part."
        return "many-diagrams", message
    return None
