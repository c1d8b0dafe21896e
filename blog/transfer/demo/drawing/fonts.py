"""The project's own fonts, read from `static/fonts`, so that a diagram looks the same on every machine."""

from functools import cache
from pathlib import Path
from typing import Literal

from PIL import ImageFont

FOLDER = Path(__file__).resolve().parents[4] / "static" / "fonts"
FILES = {
    "regular": "ibm-plex-sans-latin-400-normal.woff2",
    "bold": "ibm-plex-sans-latin-600-normal.woff2",
    "mono": "ibm-plex-mono-latin-400-normal.woff2",
}
Face = Literal["regular", "bold", "mono"]
# A noncharacter: no font has a glyph for it, so it always draws the font's "missing" box.
NOWHERE = "\uffff"


@cache
def font(face: Face, pixels: int) -> ImageFont.FreeTypeFont:
    """The font `face` at a size of `pixels`. The layout engine is fixed: the optional one moves glyphs."""
    return ImageFont.truetype(str(FOLDER / FILES[face]), pixels, layout_engine=ImageFont.Layout.BASIC)


@cache
def has_glyph(face: Face, character: str) -> bool:
    """Whether `face` can draw `character` with a glyph of its own."""
    if character.isspace():
        return character == " "
    drawn = font(face, 32)
    return bytes(drawn.getmask(character)) != bytes(drawn.getmask(NOWHERE))
