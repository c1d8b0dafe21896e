"""What is counted of the page cache of this process, since it began."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count


class Counter:
    """Counts from many threads at once and loses nothing: in CPython, `next` on this iterator is one step."""

    def __init__(self) -> None:
        self._ticks: Iterator[int] = count()
        self.add = self._ticks.__next__

    @property
    def value(self) -> int:
        return int(self._ticks.__reduce__()[1][0])


hits = Counter()
"""Answered from memory with what is committed, 304 included."""
unchanged = Counter()
"""Of the hits: the client had it already."""
stale = Counter()
"""Answered with an older copy, for PostgreSQL did not answer."""
misses = Counter()
"""Asked for a page that is kept, and not there or no longer true."""
renders = Counter()
"""Pages that Django made for the cache; the other misses waited for one of these."""
bypassed = Counter()
"""Not for the cache: signed in, another method, or a page that is never kept."""
refused = Counter()
"""Told to come back later: PostgreSQL did not answer, and there was no copy."""
discarded = Counter()
"""Renders that were over only when the site had moved on already."""
evicted = Counter()
"""Copies that made room for others."""
moves = Counter()
"""How often all copies became void."""

COUNTERS = {
    name: value for name, value in list(globals().items()) if isinstance(value, Counter)
}  # in the order above


def totals() -> dict[str, int]:
    return {name: counter.value for name, counter in COUNTERS.items()}
