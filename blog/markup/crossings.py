"""References to other posts: `[](post:slug)` names one, `[](post:slug#fig-key)` one of its figures.

What such a post is called, which number its figure bears and whether readers may see it at all is known when a page
is read, not when this text is rendered: a placeholder is left, see `placeholders`.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from markdown.util import AtomicString

from .addresses import for_message, tidy
from .figures import KEY, MAX_KEY
from .ledger import Ledger
from .trees import pairs, plain

PREFIX = "post:"
SLUG = re.compile(r"[-\w]{1,200}")
FRAGMENT = "fig-"
CLASS = "post-ref"
MAX_TARGETS = 500
"""Different targets a text may name: they are looked up whenever its page is read."""


def settle(root: Element, ledger: Ledger) -> None:
    """Turn every link to `post:…` into a placeholder with the author's own words in it, if there are any."""
    known: set[tuple[str, str]] = set()
    for _, link in pairs(root):
        written = link.get("href", "")
        address = tidy(written)
        if link.tag != "a" or not address.lower().startswith(PREFIX):
            continue
        target = read_target(address[len(PREFIX) :])
        title = link.get("title", "").strip()
        link.attrib.clear()
        if plain(link) == address:
            _clear_words(link)  # <post:slug>, which the parser writes out
        if not plain(link) and title:
            link.text, title = AtomicString(title), ""
        if target is None:
            _refuse(link, address, ledger, ledger.line_of(written))
        elif target not in known and len(known) == MAX_TARGETS:
            link.tag = "span"
            ledger.note("many-post-references", ledger.line_of(written), most=MAX_TARGETS)
        else:
            known.add(target)
            slug, key = target
            link.attrib.update({"class": CLASS, "data-post": slug} | ({"data-figure": key} if key else {}))
            if title:
                link.set("title", title)


def read_target(text: str) -> tuple[str, str] | None:
    """`slug#fig-key` as (slug, key), the key empty where none is named; None when it is neither.

    Percent-escapes, as in an address copied from a browser, are read as UTF-8, and letters are composed (NFC) as they
    are in stored slugs.
    """
    name, mark, fragment = text.partition("#")
    try:
        slug = unicodedata.normalize("NFC", unquote(name, errors="strict"))
    except UnicodeDecodeError:
        return None
    if not SLUG.fullmatch(slug):
        return None
    if not mark:
        return slug, ""
    key = fragment.removeprefix(FRAGMENT)
    if key == fragment or not KEY.fullmatch(key) or len(key) > MAX_KEY:
        return None
    return slug, key


def collect(root: Element) -> tuple[tuple[str, str], ...]:
    """The targets of all placeholders as (slug, key or ""), in document order, each once."""
    return tuple(
        dict.fromkeys(
            (link.get("data-post", ""), link.get("data-figure", ""))
            for link in root.iter("a")
            if link.get("class") == CLASS
        )
    )


def _refuse(link: Element, address: str, ledger: Ledger, line: int | None) -> None:
    ledger.note("bad-post-reference", line, address=for_message(address))
    link.tag = "span"
    if not plain(link):
        link.text = AtomicString(for_message(address))


def _clear_words(link: Element) -> None:
    link.text = None
    link[:] = []
