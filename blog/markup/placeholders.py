"""The places of figures in stored HTML, and putting the drawings in.

The HTML keeps an empty `<figure>` per place and `fill` is called when a page is read, so that a corrected
caption needs no new rendering. Authors cannot write such an element: raw HTML is text, and every `<` and
`"` of theirs is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable

PLACEHOLDER = re.compile(
    r'<figure id="fig-([a-z0-9]+(?:-[a-z0-9]+)*)" data-figure="\1" data-number="([1-9][0-9]*)"></figure>'
)


def fill(html: str, draw: Callable[[str, int], str]) -> str:
    """The HTML with every placeholder replaced by `draw(key, number)`, which answers for its own escaping."""
    return PLACEHOLDER.sub(lambda found: draw(found[1], int(found[2])), html)
