"""The social card of a post: what a link to it looks like elsewhere. Runs in the child only; the door is
`isolation.draw_card`.

A sheet of the publication's paper: its mark, the title, the level and the authors on the left; on the right the lead
figure, large enough to be read and cut by the edge, or the beds of the mark where there is none. No words but the
post's own, so that a card needs no translation.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from . import decode, encode
from .probe import probe
from .specs import CARD_BYTES, CARD_SIZE, MIMES, SUFFIXES, CardWords, Encoded
from .vectors import RASTER_WIDTH, is_svg

FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
FACES = {
    "serif": "source-serif-4-latin-wght-normal.woff2",
    "sans": "ibm-plex-sans-latin-400-normal.woff2",
    "bold": "ibm-plex-sans-latin-600-normal.woff2",
}
NOWHERE = "\uffff"
"""A noncharacter: no font has a glyph for it, so it always draws the font's "missing" box."""

# The light colours of tokens.css.
PAPER, WASH, INK, MUTED, LINE = "#fbfaf7", "#f3f0e9", "#1d2330", "#5b6472", "#c9c5bb"
BEDS = ("#a97c14", "#1f6f78", "#3d4f6b", "#b4532a")

WIDTH, HEIGHT = CARD_SIZE
EDGE = 64
LARGEST, SMALLEST = 72, 40
"""Sizes of a title, in pixels; at a third of its width, as phones show it, a card is still read at the smallest."""
TITLE_TOP = 142
FRAME = (640, 84, WIDTH, HEIGHT)
"""What a figure may fill: to the right and the lower edge, over which it may run."""
NARROWEST = 430
"""A tall figure is shown this wide at least, whatever of its foot is cut off."""

SMALLEST_FIGURE = 80
"""Pixels: below this height, or three times this width, a picture is not worth showing."""

# The mark as in _mark.html, in units of 24: each bed left and right of the fault, as (x, y, width).
MARK = (
    ((2, 4, 11.5), (17, 7, 5)),
    ((2, 9.2, 9.8), (15.3, 12.2, 6.7)),
    ((2, 14.4, 8.1), (13.6, 17.4, 8.4)),
    ((2, 19.6, 6.4), (11.9, 22.5, 10.1)),
)


def drawn(words: CardWords, figure: bytes, focus: Sequence[int] | None = None) -> Encoded:
    """The card with these words and the picture `figure` (as `clean` made it; empty: none), 1200 by 630 pixels.

    PNG, or JPEG where that would weigh more than CARD_BYTES. Words that the shipped fonts have no letters for are left
    out: better no title than a row of boxes.

    Raises:
        ImageRefused: `figure` is no such picture.
    """
    sheet = Image.new("RGB", CARD_SIZE, PAPER)
    pen = ImageDraw.Draw(sheet)
    left = (place(sheet, opened(figure), focus) if figure else None) or outcrop(sheet, words.beds)
    strip(pen)
    sheet.paste(mark(46), (EDGE, 62))
    write(pen, (EDGE + 62, 85), words.site, font("serif", 36, 600), INK, left - EDGE - 62)
    foot = facts(pen, words, left - EDGE)
    title(pen, words.title, left - EDGE, foot - 26)
    return lightest(sheet)


def opened(figure: bytes) -> Image.Image:
    """The picture upright, on the paper's white where it is transparent. Of an animation, the first frame."""
    if is_svg(figure):
        from . import vector_child

        picture = vector_child.raster(figure, RASTER_WIDTH)
    else:
        found = probe(figure)
        image = decode.open_(found)
        decode.load(image, found.format)
        picture = decode.upright(image, decode.plain(image))
    if picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "#ffffff")
        ground.paste(picture, mask=picture.getchannel("A"))
        return ground
    return picture.convert("RGB")


def place(sheet: Image.Image, picture: Image.Image, focus: Sequence[int] | None = None) -> int | None:
    """Lays the picture on the right of the sheet; returns where the words must end. None where it is a sliver or a
    stamp of which nobody would see anything.

    A diagram shown whole is too small to be read, and one that fills the frame loses its ends: the scale lies between,
    and what is cut off lies right and below, where drawings go on rather than begin, or around the `focus` where an
    editor has set one.
    """
    x, y, right, bottom = FRAME
    room, high = right - x, bottom - y
    whole = min(room / picture.width, high / picture.height)
    full = max(room / picture.width, high / picture.height)
    scale = min(full, max(whole * 1.5, NARROWEST / picture.width), 3)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    shown = (min(size[0], room), min(size[1], high))
    if min(shown[0] / 3, shown[1]) < SMALLEST_FIGURE:
        return None
    across, down = min(shown[0] / scale, picture.width), min(shown[1] / scale, picture.height)
    x0 = y0 = 0.0
    if focus:
        x0 = min(max(0.0, picture.width * focus[0] / 100 - across / 2), picture.width - across)
        y0 = min(max(0.0, picture.height * focus[1] / 100 - down / 2), picture.height - down)
    part = (x0, y0, x0 + across, y0 + down)
    picture = picture.resize(shown, Image.Resampling.LANCZOS, box=part, reducing_gap=3)
    left = right - shown[0]
    # What is lower than the frame hangs in its middle; what is nearly as high stands on the edge like the rest.
    top = y + (high - shown[1]) // 2 - (12 if shown[1] < high else 0)
    if high - shown[1] < 72:
        top = bottom - shown[1]
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((left - 2, top - 2, right + 2, top + shown[1] + 1), fill=LINE)
    sheet.paste(picture, (left, top))
    return left - 56


def outcrop(sheet: Image.Image, beds: int) -> int:
    """The beds of the mark, large, running over the right edge: as many in colour as the level has. Returns where the
    words must end."""
    shown = beds or len(BEDS)
    unit, fine = 25, 3
    big = Image.new("RGB", (400 * fine, (HEIGHT - 26) * fine), PAPER)
    pen = ImageDraw.Draw(big)
    for number, halves in enumerate(MARK):
        colour = BEDS[number] if number < shown else "#e3dfd6"
        for x, y, width in halves:
            x0, y0 = (x - 2) * unit * fine, (y - 2.2) * unit * fine
            end = x0 + width * unit * fine if x < 10 else big.width
            pen.rectangle((x0, y0 + 24 * fine, end, y0 + (24 + 3 * unit) * fine), fill=colour)
    sheet.paste(big.resize((400, HEIGHT - 26), Image.Resampling.LANCZOS), (WIDTH - 400, 26))
    return WIDTH - 430


def strip(pen: ImageDraw.ImageDraw) -> None:
    """The four beds along the upper edge, as on every page: thinner with height."""
    for colour, top, height in zip(BEDS, (0, 6, 13, 21), (2, 3, 4, 5), strict=True):
        pen.rectangle((0, top, WIDTH, top + height - 1), fill=colour)


def mark(side: int) -> Image.Image:
    """The publication's mark, `side` pixels square, drawn four times as large first: its beds lie between pixels."""
    fine = 4
    unit = side * fine / 24
    large = Image.new("RGB", (side * fine, side * fine), PAPER)
    pen = ImageDraw.Draw(large)
    for colour, halves in zip(BEDS, MARK, strict=True):
        for x, y, width in halves:
            pen.rectangle((x * unit, (y - 1.5) * unit, (x + width) * unit, (y + 1.5) * unit), fill=colour)
    return large.resize((side, side), Image.Resampling.LANCZOS)


def title(pen: ImageDraw.ImageDraw, text: str, width: int, bottom: int) -> None:
    """The title in its largest fitting size, in lines of about equal length."""
    text = drawable(text, "serif")
    if not text:
        return
    room = bottom - TITLE_TOP
    for pixels in range(LARGEST, SMALLEST - 1, -2):
        face, leading = font("serif", pixels, 600), round(pixels * 1.14)
        lines = wrapped(text, face, width)
        whole = all(face.getlength(word) <= width for word in text.split())
        if len(lines) * leading <= room and whole:
            break
    if len(lines) * leading > room:
        lines = lines[: room // leading]
        lines[-1] = shortened(f"{lines[-1]}…", face, width)
    else:
        lines = balanced(text, face, width, len(lines))
    for number, line in enumerate(lines):
        pen.text((EDGE - pixels // 24, TITLE_TOP + number * leading), line, INK, face)


def facts(pen: ImageDraw.ImageDraw, words: CardWords, width: int) -> int:
    """The level with its beds, and below it the authors, at the foot; returns where they begin."""
    level, authors = drawable(words.level, "bold"), byline(words.authors, width)
    base = HEIGHT - EDGE + 2
    for line in reversed(authors):
        write(pen, (EDGE, base - 13), line, font("sans", 27), MUTED, width)
        base -= 37
    base -= 17 if authors else 0
    if words.beds:
        for bed in range(4):
            top = base - 34 + bed * 10
            colour = BEDS[words.beds - 1] if bed < words.beds else LINE
            pen.rectangle((EDGE, top, EDGE + 39, top + 5), fill=colour)
    if level:
        indent = 58 if words.beds else 0
        write(pen, (EDGE + indent, base - 16), level, font("bold", 28), INK, width - indent)
    return base - 34


def byline(names: tuple[str, ...], width: int) -> list[str]:
    """The names that can be written, in two lines at most; how many more there are."""
    known = [name for name in (drawable(one, "sans") for one in names) if name]
    face = font("sans", 27)
    for shown in range(len(known), 0, -1):
        told = [*(f"{name}," for name in known[: shown - 1]), known[shown - 1]]
        if shown < len(names):
            told[-1] += f" +{len(names) - shown}"
        lines: list[str] = []
        for name in told:
            if lines and face.getlength(f"{lines[-1]} {name}") <= width:
                lines[-1] += f" {name}"
            else:
                lines.append(name)
        if len(lines) <= 2 and all(face.getlength(line) <= width for line in lines):
            return lines
    return known[:1]


def write(
    pen: ImageDraw.ImageDraw,
    middle_left: tuple[int, int],
    text: str,
    face: ImageFont.FreeTypeFont,
    colour: str,
    width: int,
) -> None:
    """One line whose letters have their middle at this height, cut where it is too long."""
    known = drawable(text, "serif" if face is font("serif", 36, 600) else "sans")
    pen.text(middle_left, shortened(known, face, width), colour, face, anchor="lm")


def wrapped(text: str, face: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """`text` in lines of at most `width` pixels, broken at spaces; a word that is longer is broken anywhere."""
    lines: list[str] = []
    for word in text.split():
        if lines and face.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
            continue
        while face.getlength(word) > width:
            fits = max(1, bisect_right(range(1, len(word)), width, key=lambda n: face.getlength(word[:n])))
            lines.append(word[:fits])
            word = word[fits:]
        lines.append(word)
    return lines


def balanced(text: str, face: ImageFont.FreeTypeFont, width: int, count: int) -> list[str]:
    """The same number of lines in the narrowest column that gives it, so that none ends in a single word."""
    low, high = width // 2, width
    while high - low > 4:
        middle = (low + high) // 2
        narrow = wrapped(text, face, middle)
        if len(narrow) <= count and all(face.getlength(line) <= middle for line in narrow):
            high = middle
        else:
            low = middle
    return wrapped(text, face, high)


def shortened(text: str, face: ImageFont.FreeTypeFont, width: int) -> str:
    """`text`, cut to `width` pixels with an ellipsis where it is longer."""
    if face.getlength(text) <= width:
        return text
    text = text.rstrip("…")
    while text and face.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def drawable(text: str, face: str) -> str:
    """`text` on one line as the font can write it, or "" where it can't. Pictographs go; compatibility letters such as
    “ﬁ” or “₂” are written in full."""
    kept = []
    for character in unicodedata.normalize("NFC", " ".join(text.split())):
        if has_glyph(face, character):
            kept.append(character)
            continue
        plain = unicodedata.normalize("NFKC", character)
        if plain != character and all(has_glyph(face, one) for one in plain):
            kept.append(plain)
        elif unicodedata.category(character) not in {"So", "Sk", "Cf", "Mn", "Me", "Cn", "Co"}:
            return ""
    return " ".join("".join(kept).split())


@cache
def font(face: str, pixels: int, weight: int = 0) -> ImageFont.FreeTypeFont:
    """A shipped font. The layout engine is fixed: the optional one moves glyphs."""
    made = ImageFont.truetype(str(FONTS / FACES[face]), pixels, layout_engine=ImageFont.Layout.BASIC)
    if weight:
        made.set_variation_by_axes([weight])
    return made


@cache
def has_glyph(face: str, character: str) -> bool:
    """Whether the font can draw `character` with a glyph of its own."""
    if character.isspace():
        return character == " "
    shapes = font(face, 32)
    return bytes(shapes.getmask(character)) != bytes(shapes.getmask(NOWHERE))


def lightest(sheet: Image.Image) -> Encoded:
    """PNG while it is light enough, as drawings are; else the finest JPEG that is."""
    exact = encode.png(sheet)
    if len(exact) <= CARD_BYTES:
        return Encoded("png", MIMES["png"], SUFFIXES["png"], WIDTH, HEIGHT, True, exact)
    for quality in (92, 86, 78, 68, 50):
        data = encode.jpeg(sheet, quality=quality, subsampling=0 if quality > 80 else 2)
        if len(data) <= CARD_BYTES:
            break
    return Encoded("jpeg", MIMES["jpeg"], SUFFIXES["jpeg"], WIDTH, HEIGHT, False, data)
