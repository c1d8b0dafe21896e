"""The thread that learns from PostgreSQL when something has changed: one, with a connection of its own, a process.

It listens, which takes a millisecond, and asks all the same every 0.4 s, for a notification may be lost: where a
connection broke, behind a pooler, on a standby.
"""

from __future__ import annotations

import logging
import os
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.utils import timezone
from psycopg import Error as PsycopgError

from blog.models.direct import direct
from blog.models.move import CHANNEL, read_stamp

from .freshness import Freshness
from .limits import Limits

logger = logging.getLogger(__name__)

PAUSE = 0.4
"""Seconds between two questions while nothing is heard."""
PATIENCE = 1.2
"""Seconds that an answer may take."""
DOUBT = 0.9
"""Seconds without an answer after which an editor, who has waited for longer than that too, is not kept waiting on."""
FIRST_RETRY, LAST_RETRY = 0.1, 1.0
"""Seconds before the connection is tried again: at first, and at most."""


class Watch:
    """Keeps a Freshness true. `works` is None until it is known."""

    def __init__(self, freshness: Freshness) -> None:
        self.freshness = freshness
        self.works: bool | None = None
        self.lag = 0.0
        """Seconds the last question took."""
        self.limits: Limits | None = None
        self.on_loss: Callable[[object], None] = lambda why: None
        """Called when the server can't be reached any more, once each time."""
        self.on_return: Callable[[], None] = lambda: None
        """Called when it answers over a new connection, in the place of one that was lost."""
        self._asked: float | None = None
        self._heard = threading.Event()
        self._begun = threading.Lock()
        self._pid = 0
        self._ended = False
        self._thread: threading.Thread | None = None
        self._gave_up = False

    def begin(self) -> None:
        """Start the thread in this process, unless it runs: at the first request, since a server forks before that."""
        if self._pid == os.getpid():
            return
        with self._begun:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                self._thread = threading.Thread(target=self._run, daemon=True, name="page-cache-watch")
                self._thread.start()

    def end(self) -> None:
        """Let the thread end, which takes as long as it waits between two questions."""
        self._ended = True
        if self._thread:
            self._thread.join()

    def is_in_doubt(self) -> bool:
        """Whether PostgreSQL owes it an answer for so long that it answers nobody, most likely."""
        asked = self._asked
        return asked is not None and time.monotonic() - asked > DOUBT

    def _run(self) -> None:
        retry, failed = FIRST_RETRY, 0
        while not self._ended:
            connection = None
            try:
                connection = connect()
                # Of what arrives while it is asked; see `wait` for the rest.
                connection.add_notify_handler(lambda _: self._heard.set())
                connection.execute(f"LISTEN {CHANNEL}")
                while not self._ended:
                    self._ask(connection)
                    if failed:
                        self.on_return()
                    retry, failed = FIRST_RETRY, 0
                    wait(connection, self._heard)
            except (Error, PsycopgError, OSError) as error:
                failed += 1
                # A server that began anew answers the next time; one that was given up would hold up the next try too.
                if failed > 1 or self._gave_up:
                    self._lose(error)
            except Exception:
                # Nobody would start another; pages are made anew for each request meanwhile.
                logger.exception("The page cache can't learn what has changed.")
                self._lose(None)
            finally:
                if connection is not None:
                    with suppress(Exception):
                        connection.close()
            if failed != 1:
                time.sleep(retry)
                retry = min(2 * retry, LAST_RETRY)

    def _ask(self, connection: Any) -> None:
        asked, at = time.monotonic(), timezone.now()
        limits = self.limits or Limits(lambda: False)
        with limits.kept(connection=lambda: connection, patience=PATIENCE) as waiting:
            self._asked = asked
            try:
                with connection.cursor() as cursor:
                    stamp = read_stamp(cursor, at=at)
            finally:
                self._asked, self._gave_up = None, waiting.broken
        self.freshness.learn(stamp, asked=asked, at=at)
        self.lag = time.monotonic() - asked
        if not self.works:
            self._say(True)

    def _lose(self, error: Exception | None) -> None:
        was = self.works
        self._say(False, error)
        self.freshness.lose()
        if was is not False and error is not None:
            self.on_loss(error)

    def _say(self, works: bool, error: Exception | None = None) -> None:
        """A line in the log when it changes, and only then."""
        if works == self.works:
            return
        if not works:
            logger.warning("The page cache has no connection to learn what has changed: %s", error)
        elif self.works is False:
            logger.warning("The page cache learns again what has changed.")
        self.works = works


def wait(connection: Any, heard: threading.Event) -> None:
    """Until PostgreSQL notifies, or some time has passed. Raises psycopg's OperationalError when it hung up."""
    if not heard.is_set():
        ready = select.poll()  # `select` itself refuses a descriptor beyond the thousandth
        ready.register(connection.fileno(), select.POLLIN)
        if ready.poll(PAUSE * 1_000):
            connection.pgconn.consume_input()
            while connection.pgconn.notifies():
                pass
    heard.clear()


def connect(*, pooler: bool = False) -> Any:
    """A connection that is no pool's and, unless through the `pooler`, goes past PgBouncer, which hears no
    notifications. psycopg's own, without what Django does with each new one: that would take another from the pool, and
    keep it."""
    wrapper: Any = direct()
    if pooler:
        told = connections[DEFAULT_DB_ALIAS].settings_dict
        wrapper.settings_dict = told | {"OPTIONS": wrapper.settings_dict["OPTIONS"]}
    # A thread may wait for the embedded server to be started again; those who answer requests may not.
    wrapper.settings_dict = wrapper.settings_dict | {"PATIENT": True}
    params = wrapper.get_connection_params()
    for name in ("context", "cursor_factory"):
        params.pop(name, None)
    connection = wrapper.get_new_connection(params | {"autocommit": True})
    connection.execute("SET TIME ZONE 'UTC'")
    return connection
