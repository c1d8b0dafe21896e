"""The vocabulary of an architecture diagram: boxes, groups, arrows, steps, notes and a legend."""

import math
from collections.abc import Sequence
from typing import Literal

from .canvas import Canvas, Wire, rounded
from .geometry import Point, Port, Rect, route
from .glyphs import GLYPHS, Pen
from .palette import DATA, GROUP, INK, LINE, MUTED, PAPER, PLAIN, QUIET, WHITE, Colour, Tone

Side = Literal["above", "below", "left", "right"]
TITLE, BODY = 24, 22
LINE_HEIGHT = 1.3
HEAD = 17
DASH = (9.0, 8.0)


class Sheet(Canvas):
    """A canvas that knows boxes, groups and arrows. All measures are design pixels."""

    def box(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        title: str,
        sub: str = "",
        *,
        glyph: str = "",
        tone: Tone = PLAIN,
        strong: bool = False,
        stack: bool = False,
        dashed: bool = False,
    ) -> Rect:
        """A rounded box with a title and a smaller line or more below it (split by newlines).

        `strong` fills the box with its tone; `stack` puts the glyph above the words instead of beside them.
        Raises ValueError when the words do not fit.
        """
        area = Rect(x, y, w, h)
        self.panel(
            area,
            radius=12,
            fill=tone.light if strong else WHITE,
            edge=tone.strong if strong or dashed else LINE,
            weight=2.5 if strong else 2,
            dash=DASH if dashed else None,
        )
        self.record.boxes.append(area)
        lines = [(t, TITLE, True) for t in title.split("\n") if t] + [
            (s, BODY, False) for s in sub.split("\n") if s
        ]
        height = sum(size * LINE_HEIGHT for _, size, _ in lines)
        width = max(self.measure(t, size, "bold" if bold else "regular") for t, size, bold in lines)
        tile = 48 if glyph else 0
        if stack:
            top = area.cy - (tile + 10 + height) / 2
            if glyph:
                self.tile(area.cx - tile / 2, top, glyph, tone, WHITE if strong else tone.light)
            self._lines(area.cx, top + tile + 10, lines, "center")
            needed = (width + 24, tile + 10 + height + 20)
        elif glyph:
            self.tile(x + 18, area.cy - tile / 2, glyph, tone, WHITE if strong else tone.light)
            self._lines(x + 18 + tile + 14, area.cy - height / 2, lines, "left")
            needed = (18 + tile + 14 + width + 14, max(tile, height) + 16)
        else:
            self._lines(area.cx, area.cy - height / 2, lines, "center")
            needed = (width + 24, height + 16)
        if needed[0] > w or needed[1] > h:
            raise ValueError(
                f"'{title}' needs a box of {needed[0]:.0f} by {needed[1]:.0f}, it has {w:.0f} by {h:.0f}"
            )
        return area

    def tile(self, x: float, y: float, glyph: str, tone: Tone, fill: Colour, size: float = 48) -> None:
        """A glyph on a small square in its tone's light colour."""
        self.panel(Rect(x, y, size, size), radius=10, fill=fill)
        inner = size * 0.64
        GLYPHS[glyph](Pen(self, x + (size - inner) / 2, y + (size - inner) / 2, inner, tone.strong))

    def group(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        title: str = "",
        *,
        tone: Tone = PLAIN,
        fill: Colour = GROUP,
        dashed: bool = False,
    ) -> Rect:
        """A frame around boxes that belong together, with its name at the top left."""
        area = Rect(x, y, w, h)
        edge = LINE if tone is PLAIN else tone.strong
        self.panel(area, radius=18, fill=fill, edge=edge, weight=2, dash=DASH if dashed else None)
        self.record.frames.append(area)
        if title:
            self.text(x + 22, y + 37, title, face="bold", colour=tone.text)
        return area

    def arrow(
        self,
        start: Port,
        end: Port,
        *,
        tone: Tone = DATA,
        via: Sequence[tuple[float, float]] = (),
        bend: float | None = None,
        label: str = "",
        side: Side = "above",
        leg: int | None = None,
        along: float = 0.5,
        step: int | None = None,
        step_leg: int | None = None,
        step_along: float = 0.5,
        dashed: bool = False,
        both: bool = False,
        head: bool = True,
        weight: float = 3,
        straight: bool = False,
    ) -> None:
        """An arrow from edge to edge; its tip ends exactly at `end`.

        Without `via` (corners to pass) the way is orthogonal. `label` stands at `side` of stretch `leg`
        (the longest by default) at the fraction `along` of it; `step` puts a numbered circle on a stretch.
        """
        first, last = Point(start.x, start.y), Point(end.x, end.y)
        points = route(start, end, bend)
        if via or straight:
            points = [first, *(Point(*p) for p in via), last]
        self.wire(points, tone, weight, dashed=dashed, head=head, tail=both)
        legs = list(zip(points, points[1:], strict=False))
        longest = max(range(len(legs)), key=lambda i: math.dist(*legs[i]))
        if label:
            a, b = legs[longest if leg is None else leg]
            at = Point(a.x + (b.x - a.x) * along, a.y + (b.y - a.y) * along)
            self.label(at, label, side, tone)
        if step is not None:
            a, b = legs[longest if step_leg is None else step_leg]
            self.step(a.x + (b.x - a.x) * step_along, a.y + (b.y - a.y) * step_along, step, tone)

    def wire(
        self,
        points: Sequence[Point],
        tone: Tone,
        weight: float = 3,
        *,
        dashed: bool = False,
        head: bool = True,
        tail: bool = False,
        radius: float = 14,
    ) -> None:
        """A line through `points` with round corners and, by choice, a head at its end and at its start."""
        ink = list(points)
        if head:
            ink[-1] = self._tip(ink[-2], ink[-1], tone.strong)
        if tail:
            ink[0] = self._tip(ink[1], ink[0], tone.strong)
        self.path(rounded(ink, radius), tone.strong, weight, DASH if dashed else None)
        self.record.wires.append(Wire(tuple(points), weight))

    def _tip(self, before: Point, tip: Point, colour: Colour) -> Point:
        """Draw an arrow head and say where the line must stop so that the tip stays sharp."""
        whole = math.dist(before, tip)
        ux, uy = (tip.x - before.x) / whole, (tip.y - before.y) / whole
        base = Point(tip.x - ux * HEAD, tip.y - uy * HEAD)
        half = HEAD * 0.5
        left = Point(base.x - uy * half, base.y + ux * half)
        right = Point(base.x + uy * half, base.y - ux * half)
        self.polygon([tip, left, right], colour)
        return Point(tip.x - ux * (HEAD - 2), tip.y - uy * (HEAD - 2))

    def label(self, at: Point, text: str, side: Side, tone: Tone = PLAIN) -> None:
        """A word or two (split by newlines) beside a point on a line."""
        lines = [(t, BODY, False) for t in text.split("\n")]
        height = len(lines) * BODY * LINE_HEIGHT
        colour = tone.text
        if side == "above":
            self._lines(at.x, at.y - height - 6, lines, "center", colour)
        elif side == "below":
            self._lines(at.x, at.y + 6, lines, "center", colour)
        elif side == "right":
            self._lines(at.x + 14, at.y - height / 2, lines, "left", colour)
        else:
            self._lines(at.x - 14, at.y - height / 2, lines, "right", colour)

    def step(self, x: float, y: float, number: int, tone: Tone = QUIET) -> None:
        """A numbered circle about (x, y), on a halo of paper so that a line seems to pass behind it."""
        self.disc(x, y, 21, PAPER)
        self.disc(x, y, 18, tone.text)
        self.record.markers.append(Rect(x - 18, y - 18, 36, 36))
        self.text(x, y + 8, str(number), face="bold", colour=WHITE, align="center")

    def link(self, one: Rect, other: Rect, tone: Tone, *, dashed: bool = False, weight: float = 3) -> Point:
        """A straight arrow from box to box along the line between their middles; returns its middle."""
        start, end = _leaves(one, other), _leaves(other, one)
        self.wire([start, end], tone, weight, dashed=dashed)
        return Point((start.x + end.x) / 2, (start.y + end.y) / 2)

    def cross(self, x: float, y: float, tone: Tone) -> None:
        """A round mark with a cross in it: here something fails."""
        self.disc(x, y, 21, PAPER)
        self.disc(x, y, 18, tone.text)
        self.record.markers.append(Rect(x - 18, y - 18, 36, 36))
        GLYPHS["cross"](Pen(self, x - 13, y - 13, 26, WHITE))

    def steps(
        self, x: float, y: float, words: Sequence[str], *, tone: Tone = QUIET, gap: float = 36, start: int = 1
    ) -> None:
        """A row of numbered circles and what happens there, centred on `y`."""
        for number, text in enumerate(words, start):
            self.step(x + 18, y, number, tone)
            area = self.text(x + 48, y + 8, text, colour=MUTED)
            x = area.x2 + gap

    def note(
        self,
        x: float,
        y: float,
        text: str,
        *,
        align: str = "left",
        colour: Colour = MUTED,
        bold: bool = False,
        size: int = BODY,
    ) -> float:
        """Lines of text (split by newlines) whose top is at `y`; returns where they end."""
        lines = [(t, size, bold) for t in text.split("\n")]
        self._lines(x, y, lines, align, colour)
        return y + len(lines) * size * LINE_HEIGHT

    def legend(self, x: float, y: float, entries: Sequence[tuple[Tone, str, bool]], gap: float = 44) -> None:
        """A row of line samples and what they mean, centred on `y`: (tone, words, dashed)."""
        for tone, words, dashed in entries:
            self.wire([Point(x, y), Point(x + 52, y)], tone, dashed=dashed)
            area = self.text(x + 66, y + 8, words, colour=MUTED)
            x = area.x2 + gap

    def _lines(
        self,
        x: float,
        top: float,
        lines: Sequence[tuple[str, int, bool]],
        align: str,
        colour: Colour | None = None,
    ) -> None:
        for text, size, bold in lines:
            height = size * LINE_HEIGHT
            ink = colour or (INK if bold else MUTED)
            # Half the height of a capital below the middle of the line sets words optically centred.
            baseline = top + height / 2 + size * 0.35
            self.text(
                x, baseline, text, size=size, face="bold" if bold else "regular", colour=ink, align=align
            )
            top += height


def _leaves(box: Rect, towards: Rect) -> Point:
    """Where the line between two middles leaves `box`."""
    dx, dy = towards.cx - box.cx, towards.cy - box.cy
    share = min(box.w / 2 / abs(dx) if dx else math.inf, box.h / 2 / abs(dy) if dy else math.inf)
    return Point(box.cx + dx * share, box.cy + dy * share)
