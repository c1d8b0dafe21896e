"""Whether somebody does the work that waits. A worker holds a lock for as long as it is connected: PostgreSQL lets go
of it the moment the worker is gone, however that ended, so that nobody has to believe an old sign of life."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from blog.models.direct import direct

# Any number will do, if only it is always the same; this one spells "strawork".
AT_WORK = 0x73747261_776F726B

HALVES = (AT_WORK >> 32, AT_WORK & 0xFFFFFFFF)
CHANNEL = "stratum_appointments"

HOLD = "SELECT pg_advisory_lock_shared(%s)"
HOLD_NAME = "SELECT pg_advisory_lock_shared(hashtextextended(%s, 0))"
"""Held by each worker for its own name, by which the tasks that it is at are known."""
HELD = """
    SELECT EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND classid::bigint = %s AND objid::bigint = %s
    )
"""


def session() -> psycopg.Connection:
    """A connection of its own, past any pool and pooler: what it holds and hears ends with it."""
    own = direct()
    own.connect()
    line: psycopg.Connection = own.connection
    line.autocommit = True
    return line


@contextmanager
def named(worker: str) -> Iterator[None]:
    """Within the block others leave to this worker what it is at, and do not count on it for what will come."""
    with session() as line:
        line.execute(HOLD_NAME, [worker])
        yield


def wake() -> None:
    """Tells the workers, when the transaction commits, that an appointment has been made or moved."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def as_column() -> RawSQL:
    """The answer of `alive` as a column of a query that is asked anyway."""
    return RawSQL(HELD, HALVES, output_field=BooleanField())  # noqa: S611  nothing of it comes from outside


def alive() -> bool:
    """Whether a worker (`manage.py db_worker`) is connected to this database. One query."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, HALVES)
        return bool(cursor.fetchone()[0])


def is_alive(name: str) -> bool:
    """Whether the worker of this name is connected to this database. One query."""
    with connection.cursor() as cursor:
        # Let go of in the same breath, for pg_locks shows no names.
        cursor.execute(
            "SELECT CASE WHEN pg_try_advisory_lock(key) THEN NOT pg_advisory_unlock(key) ELSE true END"
            " FROM hashtextextended(%s, 0) AS key",
            [name],
        )
        return bool(cursor.fetchone()[0])
