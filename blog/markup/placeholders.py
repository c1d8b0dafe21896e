"""The places of figures and of references to other posts in stored HTML, and putting in what belongs there.

The HTML keeps an empty `<figure>` for each figure and an `<a>` without an address for each reference. `fill` is called
when a page is read, so that a corrected caption, a renamed post or one that has just come out needs no new rendering.
Authors cannot write such elements: raw HTML is text, and every `<` of theirs in text and every `"` in an attribute is
escaped. A link holds no link, so the first end tag after a reference is its own; attributes are stepped over, for a
`</a>` in one of them is no tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

KEY = r"[a-z0-9]+(?:-[a-z0-9]+)*"
FIGURE = (
    rf'<figure id="fig-(?P<placed>{KEY})" data-figure="(?P=placed)"'
    r' data-number="(?P<number>[1-9][0-9]*)"></figure>'
)
REFERENCE = (
    rf'<a class="post-ref" data-post="(?P<slug>[-\w]+)"(?: data-figure="(?P<key>{KEY})")?(?P<title> title="[^"]*")?>'
    r'(?P<words>(?:[^<]|<(?!/a>)[^<>"]*(?:"[^"]*"[^<>"]*)*>)*)</a>'
)
PLACEHOLDER = re.compile(f"{FIGURE}|{REFERENCE}")

Refer = Callable[[str, str], "tuple[str, str] | None"]


def fill(html: str, draw: Callable[[str, int], str], refer: Refer | None = None) -> str:
    """The HTML with every placeholder replaced, in one pass: what is put in is not read again.

    `draw(key, number)` gives a figure's HTML. `refer(slug, key)` gives the address (plain, may be empty) and the words
    (HTML) of a reference, or None; the author's own words come before those. Without an address the words stand alone.
    Both answer for the escaping of their HTML.
    """

    def put(found: re.Match[str]) -> str:
        if found["placed"]:
            return draw(found["placed"], int(found["number"]))
        address, words = (refer and refer(found["slug"], found["key"] or "")) or ("", "")
        words = found["words"] if found["words"].strip() else words
        title = found["title"] or ""
        if not address:
            return f'<span class="post-ref"{title}>{words}</span>' if words else ""
        return f'<a class="post-ref" href="{escape(address)}"{title}>{words}</a>'

    return PLACEHOLDER.sub(put, html)
