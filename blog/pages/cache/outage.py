"""Whether PostgreSQL answers those who make pages. While it does not, nobody asks it but one thread, and readers are
answered at once with what there is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

logger = logging.getLogger(__name__)

PAUSE = 0.25
"""Seconds between two attempts to reach it."""
SLOW = 2
"""So many pages that took too long, with none in between that did not, are the database's fault and not theirs."""
MEMORY = 10.0
"""Seconds within which they have to follow each other."""
IMPATIENT = 0.05
"""Seconds that whoever needs a connection all the same waits for one, such as an editor."""


class Outage:
    """`away` is read by every request that is no plain hit. `attempt` says whether a page can be made again."""

    def __init__(self, attempt: Callable[[], bool]) -> None:
        self.attempt = attempt
        self.away = False
        self.since = 0.0
        """When it began, in seconds since 1970; of the last one, once that is over."""
        self._slow: list[float] = []
        self._lock = threading.Lock()

    def succeeded(self) -> None:
        if self._slow:
            self._slow = []

    def was_slow(self) -> None:
        """A page was given up since it took too long."""
        now = time.monotonic()
        with self._lock:
            self._slow = [*(at for at in self._slow if now - at < MEMORY), now]
            enough = len(self._slow) >= SLOW
        if enough:
            self.begin("It does not answer in time.")

    def begin(self, why: object) -> None:
        """Nobody asks from now on, until an attempt succeeds. One line in the log, however many notice."""
        with self._lock:
            if self.away:
                return
            self.away, self.since, self._slow = True, time.time(), []
        logger.error("The database is away; readers get the last good copies. %s", " ".join(str(why).split()))
        threading.Thread(target=self._attempt_again, daemon=True, name="page-cache-outage").start()

    def _attempt_again(self) -> None:
        while self.away:
            self._hurry()
            time.sleep(PAUSE)
            with suppress(Exception):
                if self.attempt():
                    self.away = False
                    logger.error("The database is back after %.1f s.", time.time() - self.since)

    def _hurry(self) -> None:
        pool = pool_of(connections[DEFAULT_DB_ALIAS])
        if pool is not None:
            pool.timeout = IMPATIENT


def pool_of(wrapper: Any) -> Any:
    """The pool of a connection of Django's if it has been opened."""
    return getattr(wrapper, "_connection_pools", {}).get(wrapper.alias)


def renew_pool() -> None:
    """Begin a new pool: the old one would try to reach a server that was away for long only seldom."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    wrapper.close()
    pool = getattr(wrapper, "_connection_pools", {}).pop(wrapper.alias, None)
    if pool is not None:
        # It waits for its threads, some of which may hang.
        threading.Thread(target=pool.close, daemon=True, name="page-cache-pool").start()
