"""Tables, callouts, details and task lists: from the parser's elements to ours, with what assistive
software needs.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from markdown.util import AtomicString

from .trees import pairs, plain, substitute, unwrap
from .words import KINDS, Words

TASK = re.compile(r"\s*\[([ xX])\]\s+")


def finish(root: Element, words: Words) -> None:
    """Settle all of them in place."""
    tables: dict[Element, list[Element]] = {}
    for parent, element in pairs(root):
        if element.tag == "table":
            tables[element] = [_table(element, words.table.format(n=len(tables) + 1))]
        elif element.tag == "div" and element.get("class", "").startswith("admonition"):
            _callout(element, words)
        elif element.tag == "details":
            _details(element, words)
        elif element.tag == "li":
            _task(parent, element, words)
    substitute(root, tables)
    for table, (region,) in tables.items():
        region.append(table)


def _table(table: Element, label: str) -> Element:
    """Settle the cells; gives the region in which the table scrolls."""
    for cell in table.iter():
        align = cell.attrib.pop("align", None)
        if align:
            cell.set("class", f"align-{align}")
        if cell.tag == "th":
            if plain(cell):
                cell.set("scope", "col")
            else:
                cell.tag = "td"
    return Element("div", {"class": "table-scroll", "tabindex": "0", "role": "region", "aria-label": label})


def _kind(element: Element) -> str:
    words = element.get("class", "").split()
    kind = next((word for word in words if word in KINDS), "note")
    element.attrib.pop("class", None)
    element.set("class", f"callout callout-{kind}")
    return kind


def _name(title: Element, kind: str, words: Words) -> None:
    """Put the word for the kind beside the author's title, or in its place where there is none: then the parsers
    have put the kind's own name there."""
    if plain(title) not in {"", kind.capitalize()}:
        title.set("data-kind", words.callout(kind))
        return
    title[:] = []
    title.text = AtomicString(words.callout(kind))
    words.mark(title)


def _callout(element: Element, words: Words) -> None:
    kind = _kind(element)
    element.tag = "aside"
    element.set("role", "note")
    title = next((child for child in element if child.get("class") == "admonition-title"), None)
    if title is None:
        title = Element("p")
        element.insert(0, title)
    title.set("class", "callout-title")
    _name(title, kind, words)


def _details(element: Element, words: Words) -> None:
    kind = _kind(element)
    if "open" in element.attrib:
        element.set("open", "")
    summary = element[0]
    for parent, child in pairs(summary):
        if child.tag in {"a", "img"} or child.tag.startswith("h"):
            unwrap(parent, child)
    _name(summary, kind, words)


def _task(parent: Element, item: Element, words: Words) -> None:
    holder = item[0] if len(item) and item[0].tag == "p" and not (item.text or "").strip() else item
    found = TASK.match(holder.text or "")
    if not found:
        return
    done = found[1] != " "
    box = Element("span", {"class": "task-box task-done" if done else "task-box", "role": "img"})
    box.set("aria-label", words.done if done else words.to_do)
    box.text = "☑" if done else "☐"
    box.tail = " " + (holder.text or "")[found.end() :]
    holder.text = None
    holder.insert(0, box)
    item.set("class", "task")
    if parent.tag == "ul":
        parent.set("class", "tasks")
