"""Links and foreign images: which keep their address, which lose it, and what the editor is told."""

from __future__ import annotations

import html
from xml.etree.ElementTree import Element

from markdown.util import AtomicString

from . import crossings
from .addresses import for_message, is_relative_path, is_safe, scheme_of, tidy
from .ledger import Ledger
from .trees import pairs, plain, unwrap

FIGURE = "figure:"


def images(root: Element, ledger: Ledger) -> None:
    """Turn every image that is not a figure into a link with its alt text: pages load nothing from
    elsewhere.
    """
    for _, image in pairs(root):
        source = image.get("src", "")
        if image.tag != "img" or source.strip().lower().startswith(FIGURE):
            continue
        if to_post := tidy(source).lower().startswith(crossings.PREFIX):
            ledger.note("post-as-image", ledger.line_of(source), address=for_message(source))
        else:
            ledger.note("foreign-image", ledger.line_of(source), address=for_message(source))
        alt, tail = image.get("alt", ""), image.tail
        image.clear()
        image.tag, image.tail = "a", tail
        image.set("href", source)
        image.text = AtomicString(alt or ("" if to_post else for_message(tidy(source))))


def settle(root: Element, ledger: Ledger) -> None:
    """Check every address, drop the ones that must not be, give a text to links without one, and unnest
    links.
    """
    for _, link in pairs(root):
        if link.tag != "a" or link.get("class") or link.get("aria-label"):
            continue
        _unnest(link)
        if link.get("title"):
            link.set("title", html.unescape(link.get("title", "")))
        written = link.get("href", "")
        address = tidy(written)
        if address.lower().startswith((FIGURE, crossings.PREFIX)):
            continue  # figures.py and crossings.py answer for these
        line = ledger.line_of(written) if written else None
        if not address or not is_safe(address):
            _refuse(link, address, ledger, line)
            continue
        link.set("href", address)
        if is_relative_path(address):
            ledger.note("relative-link", line, address=for_message(address))
        if not plain(link):
            ledger.note("empty-link", line, address=for_message(address))
            link.text = AtomicString(for_message(address))


def fragments(root: Element, ledger: Ledger) -> None:
    """Point `#setup` at the heading `s-setup`, and note links to places that are not on the page."""
    ids = {element.get("id") for element in root.iter() if element.get("id")}
    for link in root.iter("a"):
        target = link.get("href", "")
        if not target.startswith("#") or link.get("class") or target[1:] in ids or target == "#":
            continue
        if f"s-{target[1:]}" in ids:
            link.set("href", f"#s-{target[1:]}")
        else:
            ledger.note("dangling-anchor", ledger.line_of(target), address=for_message(target))


def collect(root: Element) -> tuple[str, ...]:
    """The addresses of the author's own links, in document order, each once."""
    return tuple(
        dict.fromkeys(
            link.get("href", "")
            for link in root.iter("a")
            if link.get("href") and not link.get("class") and not link.get("aria-label")
        )
    )


def _unnest(link: Element) -> None:
    for parent, inner in pairs(link):
        if inner.tag == "a":
            unwrap(parent, inner)


def _refuse(link: Element, address: str, ledger: Ledger, line: int | None) -> None:
    scheme = scheme_of(address)
    if not address:
        ledger.note("refused-link.empty", line)
    elif scheme and scheme not in {"http", "https", "mailto"}:
        ledger.note("refused-link.scheme", line, scheme=scheme)
    else:
        ledger.note("refused-link", line, address=for_message(address))
    text = plain(link)
    tag, tail = "span", link.tail
    inner, words = list(link), link.text
    link.clear()
    link.tag, link.tail, link.text = tag, tail, words
    link.extend(inner)
    if not text and address:
        link.text = AtomicString(for_message(address))
