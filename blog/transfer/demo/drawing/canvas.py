"""The paper: shapes and words in design pixels, drawn three times as large and scaled down for smooth edges.

Everything drawn leaves a record, so that `audit` can find what a reader would stumble over.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from .fonts import Face, font
from .geometry import Point, Rect
from .palette import INK, PAPER, Colour, rgb

SCALE = 3


@dataclass(frozen=True)
class Words:
    """A line of text as drawn: its ink, and the colours it was set in and on."""

    text: str
    face: Face
    size: int
    area: Rect
    colour: tuple[int, int, int]
    ground: tuple[int, int, int]


@dataclass(frozen=True)
class Wire:
    """A connector or curve as drawn: its corners and its width."""

    points: tuple[Point, ...]
    width: float


@dataclass
class Record:
    """What stands on a canvas: words, solid boxes, open frames, round markers and wires."""

    words: list[Words] = field(default_factory=list)
    boxes: list[Rect] = field(default_factory=list)
    frames: list[Rect] = field(default_factory=list)
    markers: list[Rect] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)


class Canvas:
    """A sheet of paper, `width` by `height` design pixels, and the simple marks that can be made on it.

    `crossings` is how many times wires may cross: none, unless the tangle is the message.
    """

    def __init__(self, width: int, height: int, ground: Colour = PAPER, *, crossings: int = 0) -> None:
        self.width, self.height, self.crossings = width, height, crossings
        self.record = Record()
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), ground)
        self.pen = ImageDraw.Draw(self.image)

    def panel(
        self,
        area: Rect,
        *,
        radius: float,
        fill: Colour | None,
        edge: Colour | None = None,
        weight: float = 0,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """A rectangle with round corners; its edge is drawn inside `area`, where arrows end exactly on it."""
        corners = [v * SCALE for v in (area.x, area.y)] + [v * SCALE - 1 for v in (area.x2, area.y2)]
        if edge and dash:
            self.pen.rounded_rectangle(corners, radius * SCALE, fill=fill)
            self.path(_outline(area.grown(-weight / 2), radius), edge, weight, dash)
        else:
            thick = round(weight * SCALE) if edge else 0
            self.pen.rounded_rectangle(corners, radius * SCALE, fill=fill, outline=edge, width=thick)

    def disc(
        self, x: float, y: float, radius: float, fill: Colour, edge: Colour | None = None, weight: float = 0
    ) -> None:
        """A filled circle about (x, y)."""
        corners = [
            (x - radius) * SCALE,
            (y - radius) * SCALE,
            (x + radius) * SCALE - 1,
            (y + radius) * SCALE - 1,
        ]
        self.pen.ellipse(corners, fill=fill, outline=edge, width=round(weight * SCALE))

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        """A filled polygon."""
        self.pen.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def path(
        self, points: Sequence[Point], colour: Colour, weight: float, dash: tuple[float, float] | None = None
    ) -> None:
        """A line through `points` with round ends and joints; `dash` is (stroke, gap) in pixels."""
        for piece in _dashes(points, dash) if dash else [list(points)]:
            scaled = [(x * SCALE, y * SCALE) for x, y in piece]
            thick = round(weight * SCALE)
            self.pen.line(scaled, fill=colour, width=thick, joint="curve")
            for x, y in (scaled[0], scaled[-1]):
                r = (thick - 1) / 2
                self.pen.ellipse([x - r, y - r, x + r, y + r], fill=colour)

    def measure(self, text: str, size: int = 22, face: Face = "regular") -> float:
        """How wide a line of text is, in design pixels."""
        return font(face, size * SCALE).getlength(text) / SCALE

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: int = 22,
        face: Face = "regular",
        colour: Colour = INK,
        align: str = "left",
    ) -> Rect:
        """One line of text whose baseline is at `y`; `align` says what `x` is: left, center or right."""
        anchor = {"left": "ls", "center": "ms", "right": "rs"}[align]
        drawn = font(face, size * SCALE)
        at = (round(x * SCALE), round(y * SCALE))
        left, top, right, bottom = self.pen.textbbox(at, text, font=drawn, anchor=anchor)
        area = Rect(left / SCALE, top / SCALE, (right - left) / SCALE, (bottom - top) / SCALE)
        self.record.words.append(Words(text, face, size, area, rgb(colour), self._ground(area)))
        self.pen.text(at, text, font=drawn, fill=colour, anchor=anchor)
        return area

    def _ground(self, area: Rect) -> tuple[int, int, int]:
        x = min(max(round(area.cx * SCALE), 0), self.image.width - 1)
        y = min(max(round(area.cy * SCALE), 0), self.image.height - 1)
        pixel = self.image.getpixel((x, y))
        assert isinstance(pixel, tuple)
        return int(pixel[0]), int(pixel[1]), int(pixel[2])

    def png(self) -> bytes:
        """The finished picture as PNG, the same bytes every time for the same marks."""
        small = self.image.reduce(SCALE)
        out = io.BytesIO()
        small.save(out, "PNG", compress_level=6)
        return out.getvalue()


def rounded(points: Sequence[Point], radius: float) -> list[Point]:
    """The same way with every corner turned into an arc of at most `radius`."""
    way = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        reach = min(radius, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        if reach < 1:
            way.append(corner)
            continue
        enter, leave = _towards(corner, before, reach), _towards(corner, after, reach)
        for step in range(13):
            t = step / 12
            # A quadratic curve with its handle in the corner; close to a circle's quarter and simpler.
            x = (1 - t) ** 2 * enter.x + 2 * t * (1 - t) * corner.x + t * t * leave.x
            y = (1 - t) ** 2 * enter.y + 2 * t * (1 - t) * corner.y + t * t * leave.y
            way.append(Point(x, y))
    return [*way, points[-1]]


def _towards(start: Point, end: Point, length: float) -> Point:
    whole = math.dist(start, end)
    return Point(start.x + (end.x - start.x) * length / whole, start.y + (end.y - start.y) * length / whole)


def _outline(area: Rect, radius: float) -> list[Point]:
    corners = [(area.x, area.y), (area.x2, area.y), (area.x2, area.y2), (area.x, area.y2)]
    start = Point(area.cx, area.y)
    return rounded(
        [start, Point(*corners[1]), Point(*corners[2]), Point(*corners[3]), Point(*corners[0]), start], radius
    )


def _dashes(points: Sequence[Point], dash: tuple[float, float]) -> list[list[Point]]:
    pieces: list[list[Point]] = []
    stroke, left, current = True, dash[0], [points[0]]
    for start, end in zip(points, points[1:], strict=False):
        here = start
        while (rest := math.dist(here, end)) > left:
            here = _towards(here, end, left)
            if stroke:
                pieces.append([*current, here])
            stroke = not stroke
            current, left = [here], dash[0] if stroke else dash[1]
        left -= rest
        current.append(end)
    if stroke and len(current) > 1 and math.dist(current[0], current[-1]) > 1:
        pieces.append(current)
    return pieces
