"""What follows from a key alone, worked out once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """Of at most `most` keys, those that were asked for last. Unlike `lru_cache` it need not be able to work the value
    out from the key, which may be a part of what that takes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.known: OrderedDict[Hashable, Value] = OrderedDict()
        self.lock = Lock()

    def of(self, key: Hashable, work_out: Callable[[], Value]) -> Value:
        with self.lock:
            if key in self.known:
                self.known.move_to_end(key)
                return self.known[key]
        value = work_out()
        with self.lock:
            self.known[key] = value
            if len(self.known) > self.most:
                self.known.popitem(last=False)
        return value
