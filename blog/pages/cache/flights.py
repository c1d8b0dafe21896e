"""One render for all who ask for a page at once."""

from __future__ import annotations

import time
from threading import Event, Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")

PATIENCE = 1.0
"""Seconds from the beginning of a render for which others wait for it. A server has few threads: a page that takes long
must not hold them all, so whoever comes later than that does not wait at all."""


class Flight(Generic[Value]):
    """A render under way, of the state of the site that its `era` names."""

    def __init__(self, era: object) -> None:
        self.era = era
        self.began = time.monotonic()
        self.value: Value | None = None
        self.over = Event()

    def wait(self) -> Value | None:
        """What it gave; None when it failed, or when it takes too long."""
        self.over.wait(max(0.0, self.began + PATIENCE - time.monotonic()))
        return self.value


class Flights(Generic[Value]):
    def __init__(self) -> None:
        self.flights: dict[str, Flight[Value]] = {}
        self.lock = Lock()

    def board(self, key: str, era: object) -> tuple[Flight[Value], bool]:
        """The flight for a key, and whether the caller has to fly it: `land` in the end, whatever happens. One that
        shows an older state than the caller may see is not joined, but replaced."""
        with self.lock:
            found = self.flights.get(key)
            if found is not None and found.era is era and not found.over.is_set():
                return found, False
            made = self.flights[key] = Flight(era)
            return made, True

    def land(self, key: str, flight: Flight[Value], value: Value | None) -> None:
        with self.lock:
            flight.value = value
            if self.flights.get(key) is flight:
                del self.flights[key]
        flight.over.set()
