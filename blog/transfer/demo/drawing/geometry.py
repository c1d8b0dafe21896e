"""Rectangles, ports and orthogonal routes, in design pixels. Pure arithmetic: draws nothing."""

from dataclasses import dataclass
from typing import NamedTuple


class Point(NamedTuple):
    """A place on the sheet: pixels from the left and from the top."""

    x: float
    y: float


class Port(NamedTuple):
    """A place on an edge and the direction (unit steps) that leads out of the box there."""

    x: float
    y: float
    dx: int
    dy: int


@dataclass(frozen=True)
class Rect:
    """An upright rectangle."""

    x: float
    y: float
    w: float
    h: float

    @property
    def x2(self) -> float:
        return self.x + self.w

    @property
    def y2(self) -> float:
        return self.y + self.h

    @property
    def cx(self) -> float:
        return self.x + self.w / 2

    @property
    def cy(self) -> float:
        return self.y + self.h / 2

    def left(self, along: float = 0) -> Port:
        """The middle of the left edge, moved `along` pixels down."""
        return Port(self.x, self.cy + along, -1, 0)

    def right(self, along: float = 0) -> Port:
        """The middle of the right edge, moved `along` pixels down."""
        return Port(self.x2, self.cy + along, 1, 0)

    def top(self, along: float = 0) -> Port:
        """The middle of the top edge, moved `along` pixels to the right."""
        return Port(self.cx + along, self.y, 0, -1)

    def bottom(self, along: float = 0) -> Port:
        """The middle of the bottom edge, moved `along` pixels to the right."""
        return Port(self.cx + along, self.y2, 0, 1)

    def grown(self, by: float) -> "Rect":
        """The same rectangle with every edge moved out by `by` (in, when negative)."""
        return Rect(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)

    def overlaps(self, other: "Rect") -> bool:
        """Whether the two share any area; touching edges do not count."""
        return self.x < other.x2 and other.x < self.x2 and self.y < other.y2 and other.y < self.y2

    def holds(self, other: "Rect") -> bool:
        """Whether `other` lies wholly within."""
        return self.x <= other.x and self.y <= other.y and other.x2 <= self.x2 and other.y2 <= self.y2

    def meets(self, start: Point, end: Point) -> bool:
        """Whether the segment passes through the inside (clipping after Liang and Barsky, 1984)."""
        enter, leave = 0.0, 1.0
        dx, dy = end.x - start.x, end.y - start.y
        for step, room in (
            (-dx, start.x - self.x),
            (dx, self.x2 - start.x),
            (-dy, start.y - self.y),
            (dy, self.y2 - start.y),
        ):
            if step == 0:
                if room <= 0:
                    return False
            elif step < 0:
                enter = max(enter, room / step)
            else:
                leave = min(leave, room / step)
        return enter < leave


def route(start: Port, end: Port, bend: float | None = None) -> list[Point]:
    """The corners of an orthogonal way from one port to another.

    `bend` is where the middle stretch of a three-part way lies: an x for ports on left and right edges, a y
    for ports on top and bottom edges. Without it the middle is taken, or 40 pixels outside for two equal edges.
    """
    first, last = Point(start.x, start.y), Point(end.x, end.y)
    if start.dx and end.dx:
        if start.y == end.y and start.dx != end.dx:
            return [first, last]
        if bend is None:
            outside = max(start.x, end.x) + 40 if start.dx > 0 else min(start.x, end.x) - 40
            bend = outside if start.dx == end.dx else (start.x + end.x) / 2
        return [first, Point(bend, start.y), Point(bend, end.y), last]
    if start.dy and end.dy:
        if start.x == end.x and start.dy != end.dy:
            return [first, last]
        if bend is None:
            outside = max(start.y, end.y) + 40 if start.dy > 0 else min(start.y, end.y) - 40
            bend = outside if start.dy == end.dy else (start.y + end.y) / 2
        return [first, Point(start.x, bend), Point(end.x, bend), last]
    corner = Point(end.x, start.y) if start.dx else Point(start.x, end.y)
    return [first, corner, last]


def crosses(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the segments a-b and c-d cross at a point inside both."""

    def side(p: Point, q: Point, r: Point) -> float:
        return (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x)

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
