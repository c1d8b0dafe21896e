"""A page with a plot for each page measured: what it costs at each number of posts."""

from __future__ import annotations

import html
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ALLOWED = 1.5
"""How much more a page may cost at the most posts than at the fewest that count."""
FEWEST = 10_000
WIDTH, HEIGHT, LEFT, BELOW = 300, 150, 38, 22

STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: 0.2rem } h2 { font-size: 1.15rem; margin-top: 2.5rem }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 1.5rem 1rem }
figure { margin: 0 } figcaption { font-size: 0.9rem } .ratio { opacity: 0.75 } .over { color: #c0392b; opacity: 1; font-weight: 600 }
svg { width: 100%; height: auto; overflow: visible } text { font-size: 10px; fill: currentcolor }
.axis { stroke: currentcolor; stroke-opacity: 0.25 } .p50 { stroke: #2b7a78; fill: #2b7a78 } .p95 { stroke: #b4532a; fill: #b4532a }
polyline { fill: none !important; stroke-width: 2 } table { border-collapse: collapse } td, th { padding: 0.15rem 0.8rem 0.15rem 0; text-align: start }
"""


@dataclass(frozen=True)
class Line:
    """One page at several sizes: for each number of posts its medians and what 95 of 100 do not exceed, in ms."""

    name: str
    points: tuple[tuple[int, float, float], ...]

    @property
    def ratio(self) -> float | None:
        """p95 at the most posts over p95 at ten thousand; None where either was not measured."""
        counted = [point for point in self.points if point[0] >= FEWEST]
        return counted[-1][2] / counted[0][2] if len(counted) > 1 and counted[0][2] else None


def lines(runs: list[dict[str, Any]], part: str) -> list[Line]:
    """`part` is `pages` or `search`. Pages that lie deeper the more posts there are count as one: the deepest."""
    found: dict[str, list[tuple[int, float, float]]] = {}
    for run in sorted(runs, key=lambda run: run["posts"]):
        rows = run.get("pages", []) if part == "pages" else run.get("search", {}).get("questions", [])
        for row in rows:
            which = "deepest" if row["page"].startswith("deepest") else row["page"]
            found.setdefault(f"{row['name']}, {which}" if which else row["name"], []).append(
                (run["posts"], row["p50_ms"], row["p95_ms"])
            )
    return [Line(name, tuple(points)) for name, points in found.items()]


def plot(line: Line) -> str:
    """An SVG: posts to the right, by powers of ten; milliseconds upwards, from zero."""
    sizes = [math.log10(posts) for posts, _, _ in line.points]
    first, last = min(sizes), max(sizes)
    top = max(p95 for _, _, p95 in line.points) * 1.1 or 1
    step = 10 ** math.floor(math.log10(top))
    step = next(one for one in (step / 5, step / 2, step, 2 * step) if top / one <= 6)

    def x(size: float) -> float:
        return LEFT + (WIDTH - LEFT - 10) * ((size - first) / (last - first) if last > first else 0.5)

    def y(ms: float) -> float:
        return (HEIGHT - BELOW) * (1 - ms / top)

    parts = [f'<svg viewBox="0 -6 {WIDTH} {HEIGHT + 6}" role="img" aria-label="{html.escape(line.name)}">']
    for n in range(int(top / step) + 1):
        at = y(n * step)
        parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{at + 3:.1f}" text-anchor="end">{n * step:g}</text>')
    for size, (posts, _, _) in zip(sizes, line.points, strict=True):
        parts.append(f'<text x="{x(size):.1f}" y="{HEIGHT - 4}" text-anchor="middle">{posts:,}</text>')
    for kind, place in (("p50", 1), ("p95", 2)):
        dots = [(x(size), y(point[place])) for size, point in zip(sizes, line.points, strict=True)]
        parts.append(f'<polyline class="{kind}" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in dots)}"/>')
        parts += [f'<circle class="{kind}" cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in dots]
    return "".join([*parts, "</svg>"])


def figure(line: Line) -> str:
    ratio = line.ratio
    words = (
        ""
        if ratio is None
        else f'<span class="ratio{" over" if ratio > ALLOWED else ""}">× {ratio:.2f}</span>'
    )
    return f"<figure>{plot(line)}<figcaption>{html.escape(line.name)} {words}</figcaption></figure>"


def document(runs: list[dict[str, Any]]) -> str:
    newest = max(runs, key=lambda run: run["posts"])
    about = "".join(
        f"<tr><th>{html.escape(str(name))}</th><td>{html.escape(str(value))}</td></tr>"
        for name, value in newest["machine"].items()
    )
    soaks = "".join(
        f"<li>{run['posts']:,} posts: {run['soak']['requests']:,} requests, {run['soak']['first_mb']:.0f} MB at first, "
        f"{run['soak']['last_mb']:.0f} MB at last, {run['soak']['most_mb']:.0f} MB at most</li>"
        for run in runs if run.get("soak")
    )  # fmt: skip
    sections = "".join(
        f'<h2>{title}</h2><div class="plots">{"".join(map(figure, lines(runs, part)))}</div>'
        for title, part in (("Pages", "pages"), ("Search", "search"))
    )
    return (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>What pages cost</title><style>{STYLE}</style>'
        "<h1>What pages cost</h1><p>Milliseconds to the last byte, over the number of posts: "
        '<b style="color:#2b7a78">half of the times</b> and <b style="color:#b4532a">95 times of 100</b>. Behind the name: how much '
        f"more the latter is at the most posts than at {FEWEST:,}; more than {ALLOWED} is too much.</p>"
        f"{sections}{f'<h2>Memory of a web process</h2><ul>{soaks}</ul>' if soaks else ''}"
        f"<h2>Measured on</h2><table>{about}</table></html>\n"
    )


def write(folder: Path) -> Path:
    """Writes `report.html` from all runs whose figures lie in the folder: one at least."""
    runs = [json.loads(file.read_text()) for file in sorted(folder.glob("posts-*.json"))]
    file = folder / "report.html"
    file.write_text(document(runs))
    return file
