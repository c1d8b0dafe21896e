"""Diagrams written as text become pictures: one for light pages, one for dark ones.

The renderer is optional: `available()` says whether it is installed. It runs in a child process with limits, like every
decoder of this room, and this module imports nothing of it.
"""

from __future__ import annotations

import importlib.util
import logging
import signal
from dataclasses import dataclass
from typing import Any

from .isolation import converse
from .specs import ImageRefused
from .wire import pack, unpack

RENDERER = ("merman", "resvg_py")
"""The packages that draw: text to SVG, and SVG to pixels."""

NOTATIONS = frozenset({"mermaid"})
MAX_SOURCE = 20_000
"""Longest source in characters; a diagram of three hundred boxes has half of that."""
SECONDS = 5
"""Wall-clock limit of one diagram, for which an editor waits; an ordinary one takes half a second."""
SCALE = 2
"""Pixels of the picture for each CSS pixel."""

log = logging.getLogger(__name__)


class DiagramRefused(ImageRefused):
    """The text can't be drawn. `str(e)` says why; `line` counts from 1 in the source, None where it is not known.
    `late` says that time ran out, which on a busy machine may not be the text's fault."""

    def __init__(
        self, sentence: str, line: int | None = None, /, *, late: bool = False, **values: str | int | float
    ) -> None:
        super().__init__(sentence, **values)
        self.line, self.late = line, late

    def told(self) -> dict[str, Any]:
        return super().told() | {"line": self.line}


@dataclass(frozen=True)
class Drawing:
    """Two PNG files of the same size, `width` x `height` pixels: SCALE for each CSS pixel."""

    light: bytes
    dark: bytes
    width: int
    height: int


def available() -> bool:
    """Whether the renderer is installed."""
    return all(importlib.util.find_spec(name) for name in RENDERER)


def draw(notation: str, source: str) -> Drawing:
    """Draw a diagram. The same source gives the same bytes.

    Args:
        notation: one of NOTATIONS.
        source: the text between the fences.

    Raises:
        DiagramRefused: with a sentence for the editor. The calling process is unharmed.
    """
    if notation not in NOTATIONS:
        raise DiagramRefused("diagram-notation", notation=notation)
    if len(source) > MAX_SOURCE:
        raise DiagramRefused("diagram-long", characters=len(source), most=MAX_SOURCE)
    if not available():
        raise DiagramRefused("diagram-no-renderer")
    reply, code, late = converse(pack({"task": "diagram", "scale": SCALE}, [source.encode()]), SECONDS)
    try:
        head, blobs = unpack(reply)
    except ValueError:
        late = late or code in {-signal.SIGXCPU, -signal.SIGALRM}
        log.warning("diagram child ended with code %s%s", code, ", out of time" if late else "")
        if late:
            raise DiagramRefused("diagram-slow", late=True) from None
        raise DiagramRefused("diagram-broke") from None
    if "refused" in head:
        raise DiagramRefused(head["refused"], head.get("line"), **head["values"])
    if "memory" in head:
        raise DiagramRefused("diagram-memory")
    if "failed" in head:
        log.error("drawing a diagram failed:\n%s", head["failed"])
        raise DiagramRefused("diagram-failed")
    made = head["made"][0]
    return Drawing(light=blobs[0], dark=blobs[1], width=made["width"], height=made["height"])
