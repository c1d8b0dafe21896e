"""Connections of their own: to another database of the site's server, or to the same one outside the pool.

For work that a pool would break, or that would break a pool: locks of a session, exported snapshots, long transactions.
Where the site asks through PgBouncer, they go past it, to DATABASE_DIRECT_URL.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

MIGRATING = 0x73_6368_656D_61
"""The advisory lock of those who change the schema and, shared, of those whom a change would break: “schema”."""

DIRECT = "STRATUM_DIRECT"
"""Marks the settings of connections that were made here: they name a database by its name on the server."""


def name() -> str:
    """The name of the site's database, on the server itself: PgBouncer may give it another. Where another database
    stands in for the site's, it is that one's, or a migration meant for a scratch database would run on the site."""
    known = connections["default"]
    stands_in = known.settings_dict.get(DIRECT)
    return str((not stands_in and settings.DATABASE_DIRECT or known.settings_dict)["NAME"])


def direct(database: str = "", **options: Any) -> BaseDatabaseWrapper:
    """A connection that is not open yet, outside any pool, to `database` on the site's server; "" is the site's own.

    Args:
        options: more of Django's OPTIONS, such as `isolation_level`.
    """
    known = connections["default"]
    told = {**known.settings_dict, **settings.DATABASE_DIRECT}
    plain = {key: value for key, value in told["OPTIONS"].items() if key != "pool"}
    wanted = {
        **told,
        "NAME": database or name(),
        "OPTIONS": plain | options,
        "CONN_MAX_AGE": 0,
        DIRECT: True,
    }
    return type(known)(wanted, alias="default")


def take(
    connection: BaseDatabaseWrapper, key: int, *, shared: bool = False, waiting: Callable[[], object] = str
) -> None:
    """Take an advisory lock, the connection's until it closes. `waiting` is called once if others have it.

    Asked for again and again, never waited for in the database: who waits there keeps a snapshot, for whose end an
    index that is built beside the traffic waits; where its builder has the lock, both would wait for ever.
    """
    words = f"SELECT pg_try_advisory_lock{'_shared' if shared else ''}(%s)"
    told = False
    while True:
        with connection.cursor() as cursor:
            cursor.execute(words, [key])
            if cursor.fetchone()[0]:
                return
        if not told:
            waiting()
            told = True
        time.sleep(0.1)


@contextmanager
def standing_in(connection: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """Whatever asks the site's database within this block asks `connection`, which is closed at its end. Of this
    thread alone: for commands, never for a server."""
    former = connections["default"]
    connections["default"] = connection
    try:
        yield connection
    finally:
        connections["default"] = former
        connection.close()
