"""The measurements as a table for people and as JSON for comparing."""

from __future__ import annotations

import os
import statistics
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from . import client
from .measure import SAVE_MS, Answers, Ratio, Saves, percentile
from .moving import Moved
from .soak import MOST_MB, Soak
from .targets import Target

if TYPE_CHECKING:
    from .run import Run

HEAD = ("page", "", "queries", "sql ms", "p50 ms", "p95 ms", "req/s", "kB sent")
SEARCH_HEAD = ("search", "", "queries", "sql ms", "p50 ms", "p95 ms")


def machine(server_version: str, settings: dict[str, str]) -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "generator": client.generator(),
        "connections": client.CONNECTIONS,
        "postgresql": server_version,
        **settings,
    }


def row(target: Target) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": target.name,
        "page": target.page,
        "path": target.path,
        "queries": target.queries,
        "sql_ms": round(target.sql_ms, 2),
        "p50_ms": round(percentile(target.samples, 0.50), 2),
        "p95_ms": round(percentile(target.samples, 0.95), 2),
        "p99_ms": round(percentile(target.samples, 0.99), 2),
        "bytes": target.bytes,
    }
    return found | (
        {"requests_per_second": round(statistics.median(target.rates), 1)} if target.rates else {}
    )


def table(targets: list[Target]) -> str:
    lines = [HEAD]
    for target in targets:
        one = row(target)
        last = (
            f"{one['p95_ms']:.1f}",
            f"{one['requests_per_second']:,.0f}" if target.rates else "",
            f"{one['bytes'] / 1_000:.1f}",
        )
        lines.append((*_begun(one, target), *last))
    return _aligned(lines)


def search_table(questions: list[Target]) -> str:
    """Each question with what was typed."""
    rows = [(row(target), target) for target in questions]
    return _aligned([SEARCH_HEAD, *((*_begun(one, target), f"{one['p95_ms']:.1f}") for one, target in rows)])


def _begun(one: dict[str, Any], target: Target) -> tuple[str, ...]:
    return (
        target.name,
        target.page,
        str(one["queries"]),
        f"{one['sql_ms']:.1f}",
        f"{one['p50_ms']:.1f}",
    )


def _aligned(lines: list[tuple[str, ...]]) -> str:
    """The rows under their heads, words to the left and figures to the right."""
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n < 2 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def verdict(ratio: Ratio) -> str:
    return (
        f"{'PASS' if ratio.passes else 'FAIL'}: the deepest page of the largest category costs {ratio.value:.2f} times its "
        f"first ({ratio.deepest_ms:.1f} ms, {ratio.first_ms:.1f} ms; allowed: 1.2)"
    )


def answers(found: Answers) -> str:
    return (
        f"{'PASS' if found.passes else 'FAIL'}: the search answers in {found.p95_ms:.1f} ms or less, 95 times of 100 "
        f"(half of the times in {found.p50_ms:.1f} ms; allowed: {found.allowed_ms:.0f})"
    )


def saving(found: Saves) -> str:
    return (
        f"{'PASS' if found.passes else 'FAIL'}: a post is saved in {found.p95_ms:.0f} ms or less, 95 times of 100 "
        f"(half of the times in {found.p50_ms:.0f} ms; allowed: {SAVE_MS})"
    )


def moving(found: Moved) -> str:
    return "\n  ".join([_moving(found), *found.failures])


def _moving(found: Moved) -> str:
    return (
        f"{'PASS' if found.passes else 'FAIL'}: a category of {found.posts:,} posts moves in {found.move_ms:.0f} ms, its "
        f"listings in {found.seconds:.0f} s; meanwhile readers wait {found.p95('during'):.0f} ms or less, 95 times of 100 "
        f"(before: {found.p95('before'):.0f}; at most {max(found.during, default=0):.0f}), an editor of its posts "
        f"{found.p95('saves'):.0f} ms (at most {max(found.saves, default=0):.0f})"
    )


def memory(found: Soak) -> str:
    return (
        f"{'PASS' if found.passes else 'FAIL'}: after {found.requests:,} requests the largest web process has "
        f"{found.last_mb:.0f} MB, after a fifth of them {found.first_mb:.0f}, at most {found.most_mb:.0f} (allowed: {MOST_MB}); {found.requests / found.seconds:.0f} requests a second"
    ) + "".join(f"\n  {n:,} times: {failure}" for failure, n in Counter(found.failures).most_common(10))


def as_json(run: Run) -> dict[str, Any]:
    """What has been measured of a run."""
    found: dict[str, Any] = {"posts": run.posts, "words": run.words, "machine": run.about}
    if run.pages and run.pages[0].samples:
        found["pages"] = [row(target) for target in run.pages]
    if run.answers:
        found["search"] = {**asdict(run.answers), "questions": [row(one) for one in run.asked]}
    if run.ratio:
        found["deepest_over_first"] = {
            **asdict(run.ratio),
            "value": round(run.ratio.value, 3),
            "passes": run.ratio.passes,
        }
    if run.moved:
        found["moved"] = {
            "posts": run.moved.posts,
            "move_ms": run.moved.move_ms,
            "seconds": run.moved.seconds,
            "passes": run.moved.passes,
            **{f"{name}_p95_ms": run.moved.p95(name) for name in ("before", "during", "saves")},
        }
    for name, one in (("save", run.saved), ("soak", run.soaked)):
        if one:
            found[name] = {**asdict(one), "passes": one.passes}
    return found | ({"load": asdict(run.loaded)} if run.loaded else {})
