"""How long a request may wait for PostgreSQL. Asked from outside the thread that waits: a server that is stopped, or a
network that is gone, never tells it."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import connections
from psycopg.pq import TransactionStatus

ASKED, CUT = 1.0, 1.4
"""Seconds after which the query is cancelled, and after which the connection is cut that did not heed that."""
TICK = 0.05
GRACE = 0.2
"""The same between both where nobody is answered: most likely nobody is there to heed it."""
WAITS = 2
"""So many looks in a row must find a query under way. A page that takes its time on a busy machine, or the first of its
kind in a new process, is not kept waiting by PostgreSQL, and taking its short queries from it would only lose it."""


class Waiting:
    """A request under way. `broken` once it was told to give up."""

    def __init__(self, connections: Callable[[], list[Any]], firm: bool, patience: float) -> None:
        self.connections, self.firm = connections, firm
        self.asked_at = time.monotonic() + patience
        self.cut_at = 0.0
        self.broken = False
        self.is_cut = False
        self.looks = 0
        self.over = False
        self.lock = threading.Lock()

    def look(self) -> None:
        """Note whether a query is under way."""
        try:
            busy = any(
                one.pgconn.transaction_status == TransactionStatus.ACTIVE for one in self.connections()
            )
        except Exception:  # closed this very moment
            busy = False
        self.looks = self.looks + 1 if busy else 0

    @property
    def waits(self) -> bool:
        """Whether it is PostgreSQL that keeps it, and not what it computes itself."""
        return self.looks >= WAITS

    def cancel(self) -> None:
        """Have the server itself give up, so that nothing waits on for a lock there."""
        self.broken = True
        self.cut_at = time.monotonic() + (CUT - ASKED if self.firm else GRACE)
        threading.Thread(target=self._cancel, daemon=True, name="cancel").start()

    def _cancel(self) -> None:
        for connection in self.connections():
            with suppress(Exception):
                if not self.over:
                    connection.cancel_safe(timeout=CUT - ASKED)

    def cut(self) -> None:
        """Shut the socket down: whoever waits for it wakes up, to an error."""
        with self.lock:
            if self.over:
                return
            for connection in self.connections():
                self.broken = self.is_cut = True
                with suppress(Exception):
                    plug = socket.socket(fileno=os.dup(connection.fileno()))
                    with plug:
                        plug.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        with self.lock:
            self.over = True


class Limits:
    """All requests under way, and the thread that looks at them. `silent` says whether PostgreSQL gives no answer to
    anybody: only then are those cut short that are not `firm`, such as the long work of an editor."""

    def __init__(self, silent: Callable[[], bool]) -> None:
        self.silent = silent
        self.waiting: set[Waiting] = set()
        self._pid = 0

    @contextmanager
    def kept(
        self, *, firm: bool = True, patience: float = ASKED, connection: Callable[[], Any] | None = None
    ) -> Iterator[Waiting]:
        """Keeps what is done within to its time; on this thread's connections of Django's, or another one."""
        # Looked up here: of the thread that watches they would be others.
        wrappers: list[Any] = [] if connection else [connections[name] for name in connections]

        def asked() -> list[Any]:
            found = [connection()] if connection else [wrapper.connection for wrapper in wrappers]
            return [one for one in found if one is not None]

        one = Waiting(asked, firm, patience)
        self._begin()
        self.waiting.add(one)
        try:
            yield one
        finally:
            one.end()
            self.waiting.discard(one)

    def _begin(self) -> None:
        if self._pid != os.getpid():
            self._pid = os.getpid()
            threading.Thread(target=self._run, daemon=True, name="page-cache-limits").start()

    def _run(self) -> None:
        while True:
            time.sleep(TICK)
            if self.waiting:
                now = time.monotonic()
                for one in self.waiting.copy():
                    self._look(one, now)

    def _look(self, one: Waiting, now: float) -> None:
        if now < one.asked_at or one.is_cut or not (one.firm or self.silent()):
            return
        one.look()
        if not one.waits:
            return
        if not one.broken:
            one.cancel()
        elif now >= one.cut_at:
            one.cut()
