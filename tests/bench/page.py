"""A page to look at: whether everything is as quick as it should be, what grows most, and a plot for each page."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from blog.transfer.synthetic import corpus

from . import databases
from .plots import ALLOWED, FEWEST, Line, bar, plot

MOST_ROWS = 12
EDITORS = "admin"
"""What the names of pages begin with that only editors see."""
STYLE = (Path(__file__).parent / "page.css").read_text()


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


def ratio(line: Line) -> str:
    if line.ratio is None:
        return ""
    return f'<span class="ratio{" over" if line.ratio > ALLOWED else ""}">× {line.ratio:.2f}</span>'


def figure(line: Line, beside: str) -> str:
    return f"<figure><figcaption>{html.escape(line.name)} {beside}</figcaption>{plot(line)}</figure>"


def plots(title: str, found: list[Line], *, judged: bool = True) -> str:
    """`judged` are pages, each by how much it grows; the search is by what its answers take all together."""
    drawn = "".join(figure(line, ratio(line) if judged else "") for line in found)
    return f'<h2>{title}</h2><div class="plots">{drawn}</div>' if found else ""


def growing(found: list[Line]) -> str:
    """The pages that cost more the more posts there are, most of all first."""
    first = sorted((line for line in found if line.ratio), key=lambda line: -(line.ratio or 0))[:MOST_ROWS]
    if not first:
        return ""
    least, _, _ = first[0].counted[0]
    most, _, _ = first[0].counted[-1]
    rows = "".join(
        f'<tr><th scope="row">{html.escape(line.name)}</th>'
        f"<td>{line.counted[0][1]:.1f}</td><td>{line.counted[-1][1]:.1f}</td>"
        f"<td>{line.counted[0][2]:.1f}</td><td>{line.counted[-1][2]:.1f}</td>"
        f"<td>{ratio(line)}</td><td>{bar(line.ratio or 0)}</td></tr>"
        for line in first
    )
    return (
        '<h2>What grows most</h2><div class="wide" role="region" aria-label="What grows most" tabindex="0"><table class="figures"><thead>'
        '<tr><td></td><th colspan="2" scope="colgroup" class="p50">half of the times, ms</th>'
        '<th colspan="2" scope="colgroup" class="p95">95 times of 100, ms</th><th colspan="2" scope="colgroup" class="more">as much, 95 times of 100</th></tr>'
        f'<tr><th scope="col">page</th>{f"<th scope=col>{least:,}</th><th scope=col>{most:,}</th>" * 2}<td colspan="2"></td></tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
    )


def verdicts(newest: dict[str, Any], found: list[Line]) -> Iterator[tuple[str, str, bool]]:
    """What was measured at the most posts: its name, what came out, and whether that is within bounds."""
    compared = [line.ratio for line in found if line.ratio]
    if compared:
        within = sum(one <= ALLOWED for one in compared)
        yield "Pages", f"{within} of {len(compared)} cost at most {ALLOWED} times as much", within == len(compared)  # fmt: skip
    if one := newest.get("deepest_over_first"):
        yield "Deepest page of a category", f"{one['value']:.2f} times its first", one.get("passes", True)
    if one := newest.get("search"):
        words = f"{one['p95_ms']:.0f} ms or less 95 times of 100, {one['allowed_ms']:.0f} allowed"
        yield "Search", words, one["p95_ms"] <= one["allowed_ms"]
    if one := newest.get("save"):
        yield "Saving a post", f"{one['p95_ms']:.0f} ms or less 95 times of 100", one.get("passes", True)
    if one := newest.get("moved"):
        words = (
            f"{one['posts']:,} posts: addresses right in {one['move_ms']:.0f} ms, listings in {one['seconds']:,.0f} s; "
            f"readers waited {one['during_p95_ms']:.0f} ms or less 95 times of 100 ({one['before_p95_ms']:.0f} before)"
        )
        yield "Moving a category", words, one.get("passes", True)
    if one := newest.get("soak"):
        words = f"{one['first_mb']:.0f} MB after a fifth of {one['requests']:,} requests, {one['last_mb']:.0f} at the end"
        yield "Memory of a web process", words, one.get("passes", True)


def document(runs: list[dict[str, Any]]) -> str:
    """Of runs with posts of one length: one at least."""
    newest = max(runs, key=lambda run: run["posts"])
    pages, questions = lines(runs, "pages"), lines(runs, "search")
    about = "".join(
        f'<tr><th scope="row">{html.escape(str(name)).replace("_", " ")}</th><td>{html.escape(str(value))}</td></tr>'
        for name, value in newest["machine"].items()
    )
    results = "".join(
        f'<div><dt>{name}</dt><dd>{words}</dd><dd class="{"well" if well else "over"}">{"within bounds" if well else "too much"}</dd></div>'
        for name, words, well in verdicts(newest, pages)
    )
    return (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>What pages cost</title><style>{STYLE}</style>"
        f"<h1>What pages cost</h1><p>With {' and '.join(f'{posts:,}' for posts in sorted(run['posts'] for run in runs))} posts of "
        f"{newest.get('words', corpus.WORDS):,} words.</p>"
        + (f"<h2>At {newest['posts']:,} posts</h2><dl>{results}</dl>" if results else "")
        + growing(pages)
        + '<h2>Each page</h2><p>Milliseconds to the last byte, over the number of posts: <b class="p50">half of the times</b> and '
        f'<b class="p95">95 times of 100</b>. Beside the name: how much more the latter is at the most posts than at {FEWEST:,}; '
        f"more than {ALLOWED} is too much. Each plot has its own scale.</p>"
        + plots("For readers", [line for line in pages if not line.name.startswith(EDITORS)])
        + plots("For editors", [line for line in pages if line.name.startswith(EDITORS)])
        + plots("Search", questions, judged=False)
        + f'<h2>Measured on</h2><table class="about">{about}</table></html>\n'
    )


def write(folder: Path, words: int = corpus.WORDS) -> Path:
    """Writes the report from all runs with posts of this length whose figures lie in the folder: one at least."""
    known = [json.loads(file.read_text()) for file in sorted(folder.glob("posts-*.json"))]
    file = folder / f"report{databases.of_length(words)}.html"
    file.write_text(document([run for run in known if run.get("words", corpus.WORDS) == words]))
    return file
