"""Django's PostgreSQL backend with a pool that tells a dead connection from a live one without asking the server."""

from __future__ import annotations

import select
import time
from typing import Any

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import OperationalError
from psycopg_pool import ConnectionPool

ASKED_EVERY = 5.0
"""Seconds that a connection may have lain idle and still be trusted, as long as nothing has come from its server."""


def check(connection: Any) -> None:
    """Raises psycopg's OperationalError for a connection that the pool must not give out.

    A server that ends, or ends a connection, says so: something is there to be read, the end of the stream at least.
    What has vanished without a word, such as a machine behind a network, is found by asking, which costs a round trip;
    so that is done only for connections that nobody has used for a while.
    """
    known = vars(connection)
    now = time.monotonic()
    used, known["used_at"] = known.get("used_at", now - ASKED_EVERY), now
    if now - used < ASKED_EVERY and not has_spoken(connection):
        return
    ConnectionPool.check_connection(connection)


def look(connection: Any) -> None:
    """As `check`, without ever asking: for processes in which nobody may wait, not even for a server that hangs.
    Whoever is given a connection whose server has vanished is told by the page cache's limits."""
    if has_spoken(connection):
        raise OperationalError("The server has closed the connection.")


def has_spoken(connection: Any) -> bool:
    """Whether something has come from the server that nobody asked for: its farewell, as a rule."""
    waiting = select.poll()  # `select` itself refuses a descriptor beyond the thousandth
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


class DatabaseWrapper(base.DatabaseWrapper):
    _connection_pools: dict[str, Any]

    @property
    def pool(self) -> Any:
        """The pool of this process, made at the first use as Django makes it, but for its check."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if options and self.alias not in {NO_DB_ALIAS, *self._connection_pools}:
            made = ConnectionPool(
                kwargs={**self.get_connection_params(), "autocommit": True},
                open=False,
                configure=self._configure_connection,  # type: ignore[attr-defined]
                check=check if self.settings_dict.get("PATIENT", True) else look,
                **options,
            )
            self._connection_pools.setdefault(self.alias, made)
        return super().pool

    def _set_autocommit(self, autocommit: bool) -> None:
        """With LOCK_TIMEOUT, in milliseconds, each transaction waits no longer for a lock. It is told so each time,
        since behind a pooler no session is its own; what is asked outside a transaction waits as the server says."""
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        most = self.settings_dict.get("LOCK_TIMEOUT")
        if most and not autocommit:
            with self.wrap_database_errors:
                self.connection.execute(f"SET LOCAL lock_timeout = {int(most)}")
