"""How large a drawing says it is. Runs in the child only, on a root that `vector_child` has read."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from .specs import ImageRefused
from .vectors import MAX_RATIO

LENGTH = re.compile(
    r"\A\s*\+?(\d+(?:\.\d*)?(?:e[+-]?\d{1,2})?|\.\d+)\s*(px|pt|pc|mm|cm|q|in|em|rem|ex|)\s*\Z", re.IGNORECASE
)
PIXELS = {
    "": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "q": 96 / 101.6, "in": 96.0,
    "em": 16.0, "rem": 16.0, "ex": 8.0,
}  # fmt: skip
"""CSS pixels of each unit: CSS Values and Units 4, section 6.2; letters are taken as 16 pixels high."""


def measure(root: ET.Element) -> tuple[float, float]:
    """Width and height in CSS pixels, from the drawing's attributes or, where they are missing or relative, from its
    view box; written back, so that every browser lays it out alike.

    Raises:
        ImageRefused: it says neither, or something absurd.
    """
    box = view_box(root)
    width, height = (pixels(root.get(side)) for side in ("width", "height"))
    if box:
        ratio = box[2] / box[3]
        width, height = (
            width or (height * ratio if height else box[2]),
            height or (width / ratio if width else box[3]),
        )
    if not width or not height:
        raise ImageRefused("svg-no-size")
    if max(width / height, height / width) > MAX_RATIO:
        raise ImageRefused("svg-narrow", width=round(width), height=round(height), most=MAX_RATIO)
    if not box:
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    root.set("width", f"{width:g}")
    root.set("height", f"{height:g}")
    root.attrib = dict(sorted(root.attrib.items()))
    return width, height


def view_box(root: ET.Element) -> list[float] | None:
    """The four numbers of the view box; None where there is no usable one."""
    try:
        numbers = [float(one) for one in re.split(r"[\s,]+", root.get("viewBox", "").strip())]
    except ValueError:
        return None
    sane = len(numbers) == 4 and all(abs(one) < 1e9 for one in numbers) and min(numbers[2:]) > 1e-3
    return numbers if sane else None


def pixels(length: str | None) -> float:
    """A length in CSS pixels; 0.0 for none and for one relative to the page."""
    found = LENGTH.match(length or "")
    return min(float(found[1]) * PIXELS[found[2].lower()], 1e9) if found else 0.0
