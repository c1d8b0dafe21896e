"""Drawings of what was measured, as SVG: they take their colours from the page that they stand in."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass

ALLOWED = 1.5
"""How much more a page may cost at the most posts than at the fewest that count."""
FEWEST = 10_000
WIDTH, HEIGHT, LEFT, BELOW, ABOVE, RIGHT = 240, 120, 30, 18, 6, 6
MOST_LINES = 4


@dataclass(frozen=True)
class Line:
    """One page at several sizes: for each number of posts its medians and what 95 of 100 do not exceed, in ms."""

    name: str
    points: tuple[tuple[int, float, float], ...]

    @property
    def counted(self) -> tuple[tuple[int, float, float], ...]:
        return tuple(point for point in self.points if point[0] >= FEWEST)

    def grown(self, place: int) -> float | None:
        """What is at this place of a point, at the most posts over ten thousand; None where either was not measured."""
        counted = self.counted
        return counted[-1][place] / counted[0][place] if len(counted) > 1 and counted[0][place] else None

    @property
    def ratio(self) -> float | None:
        return self.grown(2)


def scale(most: float) -> tuple[float, float]:
    """A round step of an axis that ends above `most`, and where it ends."""
    power = 10 ** math.floor(math.log10(most or 1))
    step = next(s for n in (0.25, 0.5, 1, 2, 2.5, 5) if most / (s := n * power) <= MOST_LINES)
    return step, step * max(1, math.ceil(most / step))


def plot(line: Line) -> str:
    """Posts to the right, by powers of ten; milliseconds upwards, from zero."""
    sizes = [math.log10(posts) for posts, _, _ in line.points]
    first, last = min(sizes), max(sizes)
    step, top = scale(max(p95 for _, _, p95 in line.points))

    def x(size: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ((size - first) / (last - first) if last > first else 0.5)

    def y(ms: float) -> float:
        return ABOVE + (HEIGHT - BELOW - ABOVE) * (1 - ms / top)

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(told(line))}">']
    for n in range(round(top / step) + 1):
        at = y(n * step)
        parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{at + 3:.1f}" text-anchor="end">{n * step:g}</text>')
    for size, (posts, _, _) in zip(sizes, line.points, strict=True):
        anchor = "middle" if first < size < last or first == last else "start" if size == first else "end"
        parts.append(f'<text x="{x(size):.1f}" y="{HEIGHT - 3}" text-anchor="{anchor}">{posts:,}</text>')
    for kind, place in (("p50", 1), ("p95", 2)):
        dots = [(x(size), y(point[place])) for size, point in zip(sizes, line.points, strict=True)]
        parts.append(f'<polyline class="{kind}" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in dots)}"/>')
        parts += [f'<circle class="{kind}" cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in dots]
    return "".join([*parts, "</svg>"])


def told(line: Line) -> str:
    """The same in words, for those who do not see it."""
    points = ", ".join(f"{p50:.1f} and {p95:.1f} ms at {posts:,} posts" for posts, p50, p95 in line.points)
    return f"{line.name}: {points}"


def bar(ratio: float) -> str:
    """How much more, from nothing to twice the allowed; a stroke stands where too much begins."""
    long = min(ratio / ALLOWED, 2) * 50
    over = " over" if ratio > ALLOWED else ""
    return (
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="share{over}" width="{long:.1f}" height="10"/><line class="limit" x1="50" x2="50" y1="0" y2="10"/></svg>'
    )
