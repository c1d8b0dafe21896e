"""What operators are told of the page cache, which stands before this room and hands over what it knows of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .soundness.finding import Finding, ok, warning


@dataclass(frozen=True)
class Reported:
    """Of this process: whether the cache learns what changes (None until it is known), how many seconds it took to ask
    last, and what it has counted since it began, by name."""

    works: Callable[[], bool | None]
    lag: Callable[[], float]
    totals: Callable[[], dict[str, int]]


_reported: list[Reported] = []


def report(found: Reported) -> None:
    """From now on, this process tells of its cache."""
    _reported[:] = [found]


def cache() -> Iterator[Finding]:
    """Nothing to find in a process that has none."""
    for one in _reported:
        if one.works() is False:
            yield warning(
                "cache",
                "The page cache does not learn what changes: pages are made anew, or shown as they were.",
                "See database. Behind PgBouncer, name the server itself in DATABASE_DIRECT_URL.",
            )
        else:
            yield ok("cache", f"The page cache asks what has changed within {one.lag() * 1000:.1f} ms.")


def totals() -> dict[str, int]:
    return _reported[0].totals() if _reported else {}
