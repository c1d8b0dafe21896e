"""Axes and curves for the few diagrams that show numbers."""

import math
from collections.abc import Sequence

from .canvas import Wire
from .geometry import Point, Rect
from .palette import LINE, MUTED, Colour, Tone
from .sheet import DASH, Sheet


class Plot:
    """A plotting area on a sheet with linear x and linear or logarithmic y.

    `x_range` and `y_range` are (lowest, highest) in data units; a logarithmic y must start above zero.
    """

    def __init__(
        self,
        sheet: Sheet,
        area: Rect,
        x_range: tuple[float, float],
        y_range: tuple[float, float],
        *,
        log: bool = False,
    ) -> None:
        self.sheet, self.area, self.log = sheet, area, log
        self.x_range, self.y_range = x_range, y_range

    def at(self, x: float, y: float) -> Point:
        """Where the data point (x, y) lies on the sheet."""
        low, high = (math.log10(v) if self.log else v for v in self.y_range)
        value = math.log10(y) if self.log else y
        return Point(
            self.area.x + (x - self.x_range[0]) / (self.x_range[1] - self.x_range[0]) * self.area.w,
            self.area.y2 - (value - low) / (high - low) * self.area.h,
        )

    def axes(
        self,
        x_ticks: Sequence[tuple[float, str]],
        y_ticks: Sequence[tuple[float, str]],
        x_title: str,
        y_title: str,
    ) -> None:
        """Grid lines at the y ticks, both axes, tick labels, and titles under and above the axes."""
        for value, words in y_ticks:
            left = self.at(self.x_range[0], value)
            self.sheet.path([left, Point(self.area.x2, left.y)], LINE, 1.4)
            self.sheet.text(left.x - 16, left.y + 8, words, colour=MUTED, align="right")
        for value, words in x_ticks:
            foot = self.at(value, self.y_range[0])
            self.sheet.path([foot, Point(foot.x, foot.y + 9)], MUTED, 2)
            self.sheet.text(foot.x, foot.y + 38, words, colour=MUTED, align="center")
        corner = Point(self.area.x, self.area.y2)
        self.sheet.path([Point(corner.x, self.area.y), corner, Point(self.area.x2, corner.y)], MUTED, 2)
        self.sheet.text(self.area.cx, corner.y + 80, x_title, face="bold", colour=MUTED, align="center")
        self.sheet.text(self.area.x - 70, self.area.y - 30, y_title, face="bold", colour=MUTED)

    def curve(
        self, points: Sequence[tuple[float, float]], tone: Tone, *, weight: float = 4, dashed: bool = False
    ) -> None:
        """A line through data points."""
        placed = [self.at(x, y) for x, y in points]
        self.sheet.path(placed, tone.strong, weight, DASH if dashed else None)
        self.sheet.record.wires.append(Wire(tuple(placed), weight))

    def fill(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        """The area between a line through data points and the x axis."""
        placed = [self.at(x, y) for x, y in points]
        floor = self.area.y2
        self.sheet.polygon([Point(placed[0].x, floor), *placed, Point(placed[-1].x, floor)], colour)

    def dot(self, x: float, y: float, tone: Tone, radius: float = 9) -> Point:
        """A data point with a rim of its tone; returns where it lies."""
        placed = self.at(x, y)
        self.sheet.disc(placed.x, placed.y, radius, tone.light, tone.strong, 3)
        return placed
