"""How a diagram is drawn. Only the child process imports this: it loads two large libraries written for other hands.

Mermaid's text becomes an SVG in the site's colours and letters, laid out by the measures of the very font that draws
it, and the SVG becomes pixels. Nothing of the SVG reaches a reader. What the text could ask for beside boxes and lines
(style sheets, directives, pictures from elsewhere) is refused or not drawn.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import merman
import resvg_py
from PIL import ImageFont

from .diagrams import DiagramRefused

FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
FACES = {
    weight: FONTS / f"ibm-plex-sans-latin-{weight}-normal.ttf" for weight in (400, 600)
}  # woff2 is for browsers
FAMILY = "IBM Plex Sans"
BOLD = frozenset({"bold", "bolder", "600", "700", "800", "900"})
EM = 64
SPARE = 1.02
"""Measures are taken two per cent larger than the letters are, so that rounding never cuts one off."""

MAX_SIDE = 4_000
"""CSS pixels; a wider or higher diagram can't be read on any screen."""
MAX_PIXELS = 16_000_000

DIRECTIVE = re.compile(r"^[ \t]*(%%\{|---[ \t]*$)", re.MULTILINE)
FOREIGN = re.compile(
    r"<!(?:DOCTYPE|ENTITY)|<(?:script|foreignObject|feImage)\b|<image\b[^>]*href|@import|url\(\s*['\"]?(?!#)",
    re.IGNORECASE,
)

# The site's colours: see static/css/tokens.css. `ground` is that of the page, so that a diagram has no visible edge.
LIGHT = {
    "ground": "#fbfaf7", "ink": "#1d2330", "line": "#4a5160", "box": "#f3efe4", "edge": "#8a7d66", "second": "#e3edf3",
    "second_edge": "#5c7a92", "third": "#f6f4ee", "third_edge": "#b9b2a3", "note": "#f9edcb", "note_edge": "#b3934b",
}  # fmt: skip
DARK = {
    "ground": "#16171a", "ink": "#e9e5db", "line": "#b4b1a8", "box": "#2a2822", "edge": "#9c8f76", "second": "#1f2f39",
    "second_edge": "#7396ad", "third": "#1d1f23", "third_edge": "#5b5d62", "note": "#3d3418", "note_edge": "#a98f4a",
}  # fmt: skip

Operation = merman.MermanTextMeasurementOperation
Kind = merman.MermanTextMeasurementResultKind
LENGTHS = frozenset(
    {
        Operation.COMPUTED_LENGTH,
        Operation.SIMPLE_B_BOX_WIDTH,
        Operation.RAW_B_BOX_WIDTH,
        Operation.TSPAN_B_BOX_WIDTH,
        Operation.WRAP_PROBE_B_BOX_WIDTH,
        Operation.BOUNDING_CLIENT_RECT_WIDTH,
        Operation.CANVAS_MEASURE_TEXT_WIDTH,
    }
)


@functools.cache
def face(weight: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FACES[weight]), EM, layout_engine=ImageFont.Layout.BASIC)


@functools.cache
def has_glyph(character: str) -> bool:
    """Whether our own font can draw the character."""
    if character.isspace():
        return True
    return bytes(face(400).getmask(character)) != bytes(face(400).getmask("\uffff"))


class Measurer(merman.MermanTextMeasurer):
    """Answers the layout's questions about text with the measures of our font; what is not asked here keeps the
    renderer's own estimate."""

    def measure(self, request: Any) -> Any:
        weight = 600 if request.font_weight in BOLD else 400

        @functools.cache
        def width(text: str) -> float:
            return face(weight).getlength(text) * request.font_size / EM * SPARE

        lines = request.text.split("\n")
        natural = max(map(width, lines))
        if request.operation in LENGTHS:
            return result(Kind.LENGTH, length=natural)
        if request.operation in {Operation.MEASURE, Operation.MERMAID_CALCULATE_TEXT_DIMENSIONS}:
            size = {"width": natural, "height": request.line_height * len(lines)}
            return result(Kind.METRICS, line_count=len(lines), **size)
        if request.operation not in {Operation.WRAPPED, Operation.WRAPPED_WITH_RAW_WIDTH}:
            return None
        needed = natural
        if request.max_width and natural > request.max_width:
            lines = [part for line in lines for part in wrap(line, request.max_width, width)]
            needed = max(request.max_width, *map(width, lines))
        wrapped: dict[str, Any] = {"width": needed, "height": request.line_height * len(lines)}
        if request.operation is Operation.WRAPPED:
            return result(Kind.METRICS, line_count=len(lines), **wrapped)
        return result(Kind.WRAPPED_WITH_RAW_WIDTH, line_count=len(lines), raw_width=natural, **wrapped)


def wrap(line: str, room: float, width: Any) -> list[str]:
    """The line broken at spaces so that each part fits into `room`, unless it is one word."""
    parts, held = [], ""
    for word in line.split(" "):
        longer = f"{held} {word}".strip()
        if held and width(longer) > room:
            parts.append(held)
            held = word
        else:
            held = longer
    return [*parts, held]


def result(kind: Any, **values: Any) -> Any:
    """A result of the measuring protocol; what a kind does not use is zero or None."""
    unused: dict[str, Any] = {
        "width": 0.0, "height": 0.0, "length": 0.0, "line_count": 0,
        "bbox_left": None, "bbox_right": None, "raw_width": None,
    }  # fmt: skip
    return merman.MermanTextMeasureResult(result_kind=kind, **(unused | values))


def options(colours: dict[str, str], *, dark: bool) -> str:
    """The renderer's configuration: our colours and letters, and its narrowest limits."""
    ink = colours["ink"]
    variables = {
        "darkMode": dark, "background": colours["ground"], "fontFamily": FAMILY, "fontSize": "16px",
        "useGradient": False, "dropShadow": "none",
        "textColor": ink, "titleColor": ink, "lineColor": colours["line"], "edgeLabelBackground": colours["ground"],
        "primaryColor": colours["box"], "primaryTextColor": ink, "primaryBorderColor": colours["edge"],
        "secondaryColor": colours["second"], "secondaryTextColor": ink, "secondaryBorderColor": colours["second_edge"],
        "tertiaryColor": colours["third"], "tertiaryTextColor": ink, "tertiaryBorderColor": colours["third_edge"],
        "clusterBkg": colours["third"], "clusterBorder": colours["third_edge"], "noteTextColor": ink,
        "noteBkgColor": colours["note"], "noteBorderColor": colours["note_edge"],
    }  # fmt: skip
    return json.dumps(
        {
            "runtime_policy": "deterministic",
            "svg": {"pipeline": "resvg-safe"},
            "resources": {"profile": "constrained"},
            "site_config": {"theme": "base", "themeVariables": variables, "fontFamily": FAMILY},
        }
    )


def drawn(source: str, scale: int) -> tuple[bytes, bytes, int, int]:
    """The light and the dark picture as PNG, and their width and height in pixels.

    Raises:
        DiagramRefused: the source is no diagram, or asks for what is not drawn.
    """
    if found := DIRECTIVE.search(source):
        raise DiagramRefused("diagram-directive", source.count("\n", 0, found.start(1)) + 1, sign="%%{…}%%")
    pictures: list[tuple[bytes, int, int]] = []
    for colours in (LIGHT, DARK):
        svg = to_svg(source, options(colours, dark=colours is DARK))
        pictures.append(to_png(svg, source, colours["ground"], scale))
    (light, width, height), (dark, *_) = pictures
    return light, dark, width, height


def to_svg(source: str, configuration: str) -> str:
    services = merman.MermanEngineServices().with_text_measurer(Measurer())
    try:
        svg = merman.MermanEngine(configuration, services).render_svg(source, None)
    except merman.MermanError.Binding as trouble:
        raise refusal(trouble, source) from None
    if FOREIGN.search(svg):
        raise DiagramRefused("diagram-foreign")
    return svg


def refusal(trouble: Any, source: str) -> DiagramRefused:
    """What the renderer says, as a sentence with its line."""
    if trouble.code_name == "MERMAN_RESOURCE_LIMIT_EXCEEDED":
        return DiagramRefused("diagram-parts")
    if trouble.capability_id:
        return DiagramRefused("diagram-without", capability=trouble.capability_id)
    said = re.sub(r"^Diagram parse error \([\w-]+\): ", "", str(trouble.message))[:300].strip().rstrip(".")
    span = trouble.diagnostic and trouble.diagnostic.span
    line = source.encode()[: span.start].count(b"\n") + 1 if span else None
    return DiagramRefused("diagram-unreadable", line, reason=said)


def to_png(svg: str, source: str, ground: str, scale: int) -> tuple[bytes, int, int]:
    box = re.search(r'viewBox="\S+ \S+ ([\d.]+) ([\d.]+)"', svg)
    width, height = (float(side) for side in box.groups()) if box else (0.0, 0.0)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height * scale**2 <= MAX_PIXELS):
        raise DiagramRefused("diagram-size", width=round(width), height=round(height), most=MAX_SIDE)
    pixels = round(width * scale), round(height * scale)
    # Letters that our font lacks are looked for among the system's fonts, which take a while to load.
    foreign = not all(has_glyph(character) for character in set(source))
    png = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=pixels[0],
        height=pixels[1],
        background=ground,
        skip_system_fonts=not foreign,
        font_files=[str(path) for path in FACES.values()],
        font_family=FAMILY,
        sans_serif_family=FAMILY,
        serif_family=FAMILY,
        monospace_family=FAMILY,
    )
    data = bytes(png)
    return data, int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
