"""SVG: whether it can be taken here, and its limits. What is done with one happens in the child, in `vector_child`.

Its packages are optional: one cleans, another draws. Without the first no SVG is taken; without the second a drawing
that was taken is shown as it is, and only where browsers show SVG.
"""

import importlib.util
import re

SANITISER = "py_svg_hush"
PAINTER = "resvg_py"

MAX_BYTES = 4 * 1024 * 1024
"""Heaviest SVG accepted, in bytes; what weighs more is a picture in disguise or a plot of every single point."""

MAX_ELEMENTS = 50_000
MAX_DEPTH = 100
MAX_EXPANDED = 200_000
"""Most elements that are drawn once every reference to a part of the drawing is followed."""
MAX_EFFECTS = 200
"""Most filter primitives: each is computed over every pixel it covers."""
MAX_RATIO = 50
"""How many times longer than the other one side may be."""

RASTER_WIDTH = 1440
"""Pixels of the widest picture that is made of a drawing: the article column at 2x."""

OPENING = re.compile(rb"<(?:[A-Za-z0-9_.-]+:)?svg[\s>/]", re.IGNORECASE)


def accepted() -> bool:
    """Whether SVG can be cleaned, and so be taken."""
    return importlib.util.find_spec(SANITISER) is not None


def drawable() -> bool:
    """Whether pictures can be made of SVG."""
    return importlib.util.find_spec(PAINTER) is not None


def is_svg(data: bytes) -> bool:
    """Whether `data` is, or claims to be, an SVG: markup that opens one near its beginning, in any encoding that leaves
    its ASCII letters visible."""
    head = data[:65536].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\f\v")
    return head.startswith(b"<") and OPENING.search(head) is not None
