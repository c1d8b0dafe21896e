"""Small pictures of our own for the things that diagrams are made of, drawn on a grid of 24 by 24 units."""

import math
from collections.abc import Callable

from .canvas import Canvas
from .geometry import Point, Rect
from .palette import Colour


class Pen:
    """Strokes in glyph units on a square of `size` design pixels whose top left corner is (x, y)."""

    def __init__(self, canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
        self.canvas, self.x, self.y, self.unit, self.colour = canvas, x, y, size / 24, colour
        self.weight = 1.7 * self.unit

    def line(self, *points: tuple[float, float]) -> None:
        """A line through all points."""
        placed = [Point(self.x + px * self.unit, self.y + py * self.unit) for px, py in points]
        self.canvas.path(placed, self.colour, self.weight)

    def arc(self, cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> None:
        """Part of an ellipse, clockwise from `start` to `end` degrees; 0 is to the right."""
        steps = 40
        turns = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
        self.line(*[(cx + rx * math.cos(t), cy + ry * math.sin(t)) for t in turns])

    def ring(self, cx: float, cy: float, r: float) -> None:
        """A circle's outline."""
        self.arc(cx, cy, r, r, 0, 360)

    def dot(self, cx: float, cy: float, r: float) -> None:
        """A filled circle."""
        self.canvas.disc(self.x + cx * self.unit, self.y + cy * self.unit, r * self.unit, self.colour)

    def box(self, x: float, y: float, w: float, h: float, r: float = 1.5) -> None:
        """A rectangle's outline with round corners."""
        half = self.weight / self.unit / 2
        area = Rect(x - half, y - half, w + 2 * half, h + 2 * half)
        placed = Rect(
            self.x + area.x * self.unit, self.y + area.y * self.unit, area.w * self.unit, area.h * self.unit
        )
        self.canvas.panel(
            placed, radius=(r + half) * self.unit, fill=None, edge=self.colour, weight=self.weight
        )

    def head(self, x: float, y: float, dx: int, dy: int, size: float = 3) -> None:
        """The open head of an arrow that points along (dx, dy)."""
        self.line(
            (x - dx * size + dy * size, y - dy * size + dx * size),
            (x, y),
            (x - dx * size - dy * size, y - dy * size - dx * size),
        )


def _database(p: Pen) -> None:
    p.arc(12, 5.5, 8, 3, 0, 360)
    p.line((4, 5.5), (4, 18.5))
    p.line((20, 5.5), (20, 18.5))
    p.arc(12, 12, 8, 3, 0, 180)
    p.arc(12, 18.5, 8, 3, 0, 180)


def _queue(p: Pen) -> None:
    for x in (2.5, 9.5, 16.5):
        p.box(x, 7, 5, 10, 1)


def _dead(p: Pen) -> None:
    p.line((3, 11), (3, 20), (21, 20), (21, 11))
    p.line((8.5, 4), (15.5, 13))
    p.line((15.5, 4), (8.5, 13))


def _key(p: Pen) -> None:
    p.ring(7.5, 12, 4.5)
    p.line((12, 12), (22, 12), (22, 16))
    p.line((17.5, 12), (17.5, 15))


def _lock(p: Pen) -> None:
    p.box(4, 11, 16, 10, 2)
    p.arc(12, 11, 5, 7.5, 180, 360)
    p.dot(12, 16, 1.6)


def _shield(p: Pen) -> None:
    p.line(
        (12, 2.5), (20, 5.5), (20, 11.5), (18.6, 16), (12, 21.5), (5.4, 16), (4, 11.5), (4, 5.5), (12, 2.5)
    )
    p.line((8.3, 11.8), (11, 14.5), (15.8, 9.3))


def _firewall(p: Pen) -> None:
    p.box(3, 4, 18, 16, 1)
    for y in (9.3, 14.6):
        p.line((3, y), (21, y))
    for x, y in ((9, 4), (15.5, 4), (6, 9.3), (12.3, 9.3), (18, 9.3), (9, 14.6), (15.5, 14.6)):
        p.line((x, y), (x, y + 5.3))


def _function(p: Pen) -> None:
    p.line((5, 3.5), (8.5, 3.5), (17.5, 20.5), (20, 20.5))
    p.line((11.2, 11.5), (5, 20.5))


def _document(p: Pen) -> None:
    p.line((14, 2.5), (5, 2.5), (5, 21.5), (19, 21.5), (19, 7.5), (14, 2.5), (14, 7.5), (19, 7.5))
    p.line((8.5, 12.5), (15.5, 12.5))
    p.line((8.5, 16.8), (15.5, 16.8))


def _globe(p: Pen) -> None:
    p.ring(12, 12, 9.5)
    p.arc(12, 12, 4, 9.5, 0, 360)
    p.line((2.5, 12), (21.5, 12))


def _server(p: Pen) -> None:
    for y in (3, 13.5):
        p.box(3, y, 18, 7.5, 1.5)
        p.dot(7, y + 3.75, 1.2)
        p.line((11, y + 3.75), (17.5, y + 3.75))


def _person(p: Pen) -> None:
    p.ring(12, 7.5, 4.3)
    p.arc(12, 21, 8, 6.5, 180, 360)


def _people(p: Pen) -> None:
    p.ring(8.5, 8, 3.8)
    p.arc(8.5, 20.5, 6.5, 6, 180, 360)
    p.arc(16.5, 8, 3.2, 3.4, -110, 90)
    p.arc(15.5, 20.5, 7, 6, 290, 360)


def _gauge(p: Pen) -> None:
    p.arc(12, 14.5, 9.5, 9.5, 160, 380)
    p.line((12, 14.5), (16.5, 9))
    p.dot(12, 14.5, 1.8)


def _clock(p: Pen) -> None:
    p.ring(12, 12, 9.5)
    p.line((12, 6.5), (12, 12), (16, 14.5))


def _model(p: Pen) -> None:
    for x, y in ((5, 6), (5, 18), (12, 12), (19, 6), (19, 18)):
        p.dot(x, y, 2.3)
    for x, y in ((5, 6), (5, 18), (19, 6), (19, 18)):
        p.line((x, y), (12, 12))


def _bucket(p: Pen) -> None:
    p.arc(12, 5.5, 9, 2.8, 0, 360)
    p.line((3, 5.5), (5.5, 19.5))
    p.line((21, 5.5), (18.5, 19.5))
    p.arc(12, 19.5, 6.5, 2, 0, 180)


def _container(p: Pen) -> None:
    p.line((12, 2.5), (20.5, 7), (20.5, 17), (12, 21.5), (3.5, 17), (3.5, 7), (12, 2.5))
    p.line((3.5, 7), (12, 11.5), (20.5, 7))
    p.line((12, 11.5), (12, 21.5))


def _layers(p: Pen) -> None:
    p.line((12, 3), (21.5, 8), (12, 13), (2.5, 8), (12, 3))
    p.line((2.5, 12.5), (12, 17.5), (21.5, 12.5))
    p.line((2.5, 16.8), (12, 21.8), (21.5, 16.8))


def _search(p: Pen) -> None:
    p.ring(10.5, 10.5, 7)
    p.line((15.8, 15.8), (21.5, 21.5))


def _stream(p: Pen) -> None:
    for y in (6.5, 12, 17.5):
        p.line((2.5, y), (17, y))
        p.head(21.5, y, 1, 0, 2.4)
        p.line((17, y), (21.5, y))


def _bus(p: Pen) -> None:
    p.box(2.5, 9, 19, 6, 3)
    for x in (6.5, 12, 17.5):
        p.line((x, 3), (x, 9))
        p.line((x, 15), (x, 21))


def _rule(p: Pen) -> None:
    p.line((2.5, 4), (21.5, 4), (14.5, 12.5), (14.5, 20.5), (9.5, 18), (9.5, 12.5), (2.5, 4))


def _bell(p: Pen) -> None:
    p.line((3.5, 17.5), (20.5, 17.5), (18.3, 14.5), (18.3, 10))
    p.arc(12, 10, 6.3, 6.8, 180, 360)
    p.line((5.7, 10), (5.7, 14.5), (3.5, 17.5))
    p.arc(12, 18.5, 3, 3, 15, 165)


def _door(p: Pen) -> None:
    p.line((5, 21), (5, 3), (18, 3), (18, 21))
    p.line((2.5, 21), (21.5, 21))
    p.dot(14.3, 12.3, 1.4)


def _device(p: Pen) -> None:
    p.box(6.5, 2.5, 11, 19, 2)
    p.line((10.5, 18), (13.5, 18))


def _truck(p: Pen) -> None:
    p.line((5, 17.5), (2.5, 17.5), (2.5, 5.5), (14.5, 5.5), (14.5, 17.5), (9, 17.5))
    p.line((14.5, 9.5), (18.5, 9.5), (21.5, 13), (21.5, 17.5), (20, 17.5))
    p.line((14.5, 17.5), (16, 17.5))
    p.ring(7, 18, 2)
    p.ring(18, 18, 2)


def _cart(p: Pen) -> None:
    p.line((2, 4), (5, 4), (7.5, 15.5), (18.5, 15.5), (21, 7.5), (6, 7.5))
    p.dot(9, 19.8, 1.7)
    p.dot(17, 19.8, 1.7)


def _gear(p: Pen) -> None:
    p.ring(12, 12, 3)
    p.ring(12, 12, 6.6)
    for turn in range(8):
        c, s = math.cos(turn * math.pi / 4), math.sin(turn * math.pi / 4)
        p.line((12 + 7.2 * c, 12 + 7.2 * s), (12 + 9.7 * c, 12 + 9.7 * s))


def _flow(p: Pen) -> None:
    p.box(8.5, 2.5, 7, 5, 1)
    p.box(2.5, 16.5, 7, 5, 1)
    p.box(14.5, 16.5, 7, 5, 1)
    p.line((12, 7.5), (12, 12))
    p.line((6, 16.5), (6, 12), (18, 12), (18, 16.5))


def _route(p: Pen) -> None:
    p.ring(12, 12, 9.5)
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        p.line((12 + 2 * dx, 12 + 2 * dy), (12 + 6.2 * dx, 12 + 6.2 * dy))
        p.head(12 + 6.2 * dx, 12 + 6.2 * dy, dx, dy, 2)


def _chart(p: Pen) -> None:
    p.line((3, 3), (3, 21), (21, 21))
    p.line((6.5, 16), (11, 11), (14.5, 13.5), (20, 6))


def _spark(p: Pen) -> None:
    p.line((13.5, 2.5), (4.5, 13.5), (11.5, 13.5), (10, 21.5), (19.5, 10), (12.5, 10), (13.5, 2.5))


def _helix(p: Pen) -> None:
    steps = [i / 30 for i in range(31)]
    for phase in (0.0, math.pi):
        p.line(*[(12 + 6 * math.sin(phase + t * 2.2 * math.pi), 2.5 + 19 * t) for t in steps])
    for t in (0.11, 0.34, 0.57, 0.8):
        reach = 5 * abs(math.sin(t * 2.2 * math.pi))
        p.line((12 - reach, 2.5 + 19 * t), (12 + reach, 2.5 + 19 * t))


def _building(p: Pen) -> None:
    p.box(5, 2.5, 14, 19, 1)
    for y in (7, 11.5):
        for x in (9.3, 14.7):
            p.dot(x, y, 1.2)
    p.line((10, 21.5), (10, 16.5), (14, 16.5), (14, 21.5))


def _eye(p: Pen) -> None:
    p.arc(12, 19, 12.2, 12.2, 218, 322)
    p.arc(12, 5, 12.2, 12.2, 38, 142)
    p.ring(12, 12, 3)


def _wrench(p: Pen) -> None:
    p.arc(16.5, 7.5, 5, 5, -20, 290)
    p.line((21.2, 5.8), (17.5, 8.8), (15.2, 6.5), (18.2, 2.8))
    p.line((12.8, 11), (4, 19.8))


def _cross(p: Pen) -> None:
    p.line((5.5, 5.5), (18.5, 18.5))
    p.line((18.5, 5.5), (5.5, 18.5))


def _merge(p: Pen) -> None:
    for y in (4.5, 12, 19.5):
        p.line((2.5, y), (8, y), (13, 12))
    p.line((13, 12), (21.5, 12))
    p.head(21.5, 12, 1, 0, 3)


GLYPHS: dict[str, Callable[[Pen], None]] = {
    name.removeprefix("_"): drawn
    for name, drawn in globals().items()
    if name.startswith("_") and callable(drawn) and not name.startswith("__")
}
"""Each glyph by its name, for example `database`, `queue` or `shield`."""
