"""Text in, `Rendered` out.

This room turns the Markdown dialect into safe HTML, an outline, plain text and the list of figures. It is
pure: it never imports Django, reads a file, opens a connection or knows what a Post is.

`render_isolated` is for all text that people write. `fill` puts the drawings into a rendering when a page
is read.
"""

from __future__ import annotations

from .isolation import render_isolated
from .passages import Passage, passages
from .placeholders import fill
from .rendered import MAX_CHARACTERS, VERSION, Heading, Problem, Rendered, RenderRefused
from .sentences import say
from .words import spoken


def render(source: str, *, language: str = "en") -> Rendered:
    """Render in this process: see `pipeline.render`. The parser is loaded at the first call, never by a
    reader's page.
    """
    from .pipeline import render as run

    return run(source, language=language)


__all__ = [
    "MAX_CHARACTERS",
    "VERSION",
    "Heading",
    "Passage",
    "Problem",
    "RenderRefused",
    "Rendered",
    "fill",
    "passages",
    "render",
    "render_isolated",
    "say",
    "spoken",
]
