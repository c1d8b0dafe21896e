"""Where what was made is kept, by all that it was made of."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, AnyStr, Generic

from django.conf import settings
from django.core.signals import setting_changed
from django.urls import get_script_prefix
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language

from .told import each


class Shelf(Generic[AnyStr]):
    """What was made, in about `most` bytes of memory together with what it was made of; what was not asked for longest
    goes first."""

    def __init__(self, most: int) -> None:
        self.most, self.size, self.lock = most, 0, Lock()
        self.made: OrderedDict[Hashable, AnyStr] = OrderedDict()
        self.sizes: dict[Hashable, int] = {}
        # Settings stay as they are while a site runs; tests change them.
        setting_changed.connect(self.clear)

    def get(self, key: Hashable) -> AnyStr | None:
        with self.lock:
            found = self.made.get(key)
            if found is not None:
                self.made.move_to_end(key)
            return found

    def put(self, key: Hashable, made: AnyStr) -> None:
        size = weight(key) + weight(made)
        with self.lock:
            self.made.pop(key, None)
            self.size += size - self.sizes.pop(key, 0)
            self.made[key], self.sizes[key] = made, size
            while self.size > self.most:
                gone, _ = self.made.popitem(last=False)
                self.size -= self.sizes.pop(gone)

    def clear(self, **_: Any) -> None:
        with self.lock:
            self.made.clear()
            self.sizes.clear()
            self.size = 0

    def keep(self, name: str, values: dict[str, Any], make: Callable[[], AnyStr]) -> AnyStr:
        """What `make` makes of the template `name` and these values, made anew only where it may differ."""
        if settings.DEBUG:  # templates change
            return make()
        try:
            key = _key(name, values)
            found = self.get(key)
        except TypeError:  # Unknown, or what can't be hashed
            return make()
        if found is None:
            found = make()
            self.put(key, found)
        return found


def _key(name: str, values: dict[str, Any]) -> Hashable:
    shown = each(values.values(), frozenset())
    return name, get_language(), get_current_timezone(), get_script_prefix(), *values, *shown


def weight(value: Any) -> int:
    """Bytes of memory that a value takes, about. What several values share is counted with each."""
    if type(value) is tuple:
        return sys.getsizeof(value) + sum(map(weight, value))
    return sys.getsizeof(value)


# In each process.
parts: Shelf[str] = Shelf(16_000_000)
pages: Shelf[bytes] = Shelf(16_000_000)
