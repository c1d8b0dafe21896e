"""How far the streaming standby is behind the primary, known to each process without asking during a request.

Two threads, so that a server which hangs keeps nobody from knowing of the other: one asks the primary where its log of
changes ends and notes when that was, the other asks the standby how far it has replayed. What was noted last of all
that the standby has passed says how old its state is at most; no clock but this process's own is compared.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from .direct import direct

logger = logging.getLogger(__name__)

PAUSE = 0.25
"""Seconds between two questions to the same server."""
GONE = 2.0
"""Seconds without a word after which the primary counts as away. Then the standby is all there is, however old."""
WAIT: dict[str, Any] = {"connect_timeout": 2, "tcp_user_timeout": 2_000}

END_OF_LOG = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
REPLAYED = """
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint END
"""


class Standby:
    """`fit` and `answers` are asked by requests, and take no lock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.as_of = float("-inf")
        """An instant (of the clock) of which the standby is known to have the whole state."""
        self.answers_until = float("-inf")
        self.primary_at = clock()
        """When the primary last answered."""
        self._marks: deque[tuple[float, int]] = deque(maxlen=4_000)
        self._begun = threading.Lock()
        self._pid = 0
        self._since = clock()

    @property
    def begun(self) -> bool:
        return self._pid == os.getpid()

    @property
    def known(self) -> bool:
        """Whether this process can say something of it: its state was seen once, or there was the time for it."""
        return self.begun and (self.as_of > float("-inf") or self.clock() - self._since > 2 * GONE)

    @property
    def lag(self) -> float:
        """Seconds by which it is behind at most; infinite while that is not known."""
        return self.clock() - self.as_of

    def fit(self) -> bool:
        """Whether readers may be answered from it."""
        return self.answers() and (self.lag <= settings.REPLICA_LAG or self.alone())

    def answers(self) -> bool:
        return self.clock() < self.answers_until

    def alone(self) -> bool:
        """Whether the primary is away, so that nothing newer is to be had."""
        return self.clock() - self.primary_at > GONE

    def note_primary(self, end_of_log: int, *, asked: float) -> None:
        self.primary_at = self.clock()
        self._marks.append((asked, end_of_log))

    def note_standby(self, replayed: int | None, *, asked: float) -> None:
        """Take note of how far it has replayed; None where it is no standby any more: its log has nothing to do
        with the primary's then, though its words are the newest there are once that is away."""
        self.answers_until = asked + 4 * PAUSE + GONE
        if replayed is None:
            self.as_of = float("-inf")
            return
        while self._marks and self._marks[0][1] <= replayed:
            self.as_of = self._marks.popleft()[0]

    def fail(self) -> None:
        """Somebody asked it in vain: nobody else shall, until it has answered again."""
        self.answers_until = float("-inf")

    def begin(self) -> None:
        """Start the threads in this process, unless they run: at the first request, since a server forks before."""
        if self.begun:
            return
        with self._begun:
            if self._pid != os.getpid():
                self._pid, self._since = os.getpid(), self.clock()
                for ask, connect in ((self._ask_primary, _primary), (self._ask_standby, _standby)):
                    threading.Thread(target=_repeat, args=[ask, connect], daemon=True, name="standby").start()

    def _ask_primary(self, connection: BaseDatabaseWrapper) -> None:
        asked = self.clock()
        self.note_primary(_number(connection, END_OF_LOG) or 0, asked=asked)

    def _ask_standby(self, connection: BaseDatabaseWrapper) -> None:
        asked = self.clock()
        try:
            self.note_standby(_number(connection, REPLAYED), asked=asked)
        except Error:
            self.fail()
            raise


STANDBY = Standby()


def _primary() -> BaseDatabaseWrapper:
    return direct(**WAIT)


def _standby() -> BaseDatabaseWrapper:
    known = connections["replica"]
    options = {**known.settings_dict["OPTIONS"], **WAIT}
    return type(known)({**known.settings_dict, "OPTIONS": options, "CONN_MAX_AGE": 0}, alias="replica")


def _number(connection: BaseDatabaseWrapper, words: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(words)
        (number,) = cursor.fetchone()
    return None if number is None else int(number)


def _repeat(ask: Callable[[Any], None], connect: Callable[[], BaseDatabaseWrapper]) -> None:
    connection = connect()
    while True:
        try:
            ask(connection)
        except Exception as error:
            if not isinstance(error, Error):
                # Nobody would start another thread; until the next try, the primary is asked.
                logger.exception("The standby can't be looked at.")
            with suppress(Exception):
                connection.close()
        time.sleep(PAUSE)
