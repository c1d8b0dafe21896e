"""All copies of one process, in so many bytes."""

from __future__ import annotations

from threading import Lock

from . import numbers
from .copies import Copy
from .keys import is_question

QUESTIONS = 0.25
"""The share of the memory for pages that readers put together at will, searches above all: a stranger who asks for a
million of them drives out no other page."""
LARGEST = 0.125
"""Of its shelf, that one page may take."""


class Shelf:
    """Copies by key, in so many bytes, with the second chance: what was asked for since it was last looked at stays
    (Corbató's CLOCK, 1968). Reading takes no lock and moves nothing."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.largest = round(most * LARGEST)
        self.bytes = 0
        self.copies: dict[str, Copy] = {}
        self.sizes: dict[str, int] = {}
        self.lock = Lock()

    def put(self, key: str, copy: Copy) -> bool:
        """Whether there was room; whatever has to go is gone."""
        size = copy.size
        if size > self.largest:
            return False
        with self.lock:
            self._take(key)
            while self.bytes + size > self.most:
                oldest = next(iter(self.copies))
                found = self.copies[oldest]
                weight = self._take(oldest)
                if found.used:
                    found.used = False
                    self._add(oldest, found, weight)
                else:
                    numbers.evicted.add()
            self._add(key, copy, size)
        return True

    def remove(self, key: str) -> None:
        with self.lock:
            self._take(key)

    def _add(self, key: str, copy: Copy, size: int) -> None:
        self.copies[key] = copy
        self.sizes[key] = size
        self.bytes += size

    def _take(self, key: str) -> int:
        self.copies.pop(key, None)
        size = self.sizes.pop(key, 0)
        self.bytes -= size
        return size


class Store:
    """A shelf for pages and one for questions."""

    def __init__(self, most: int) -> None:
        self.pages = Shelf(round(most * (1 - QUESTIONS)))
        self.questions = Shelf(round(most * QUESTIONS))

    @property
    def bytes(self) -> int:
        return self.pages.bytes + self.questions.bytes

    def __len__(self) -> int:
        return len(self.pages.copies) + len(self.questions.copies)

    def shelf(self, query: str) -> Shelf:
        return self.questions if is_question(query) else self.pages
