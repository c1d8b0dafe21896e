"""Migrations that wait for readers, and for whom no reader waits.

A statement that wants a lock stands in a queue, and everybody who comes later stands behind it. So it gives up after
half a second, lets them pass, and comes again. Migrations in one transaction begin anew; of those that are not, the
statement alone. https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError

from blog.models.direct import MIGRATING, direct, standing_in, take

PATIENCE = "500ms"
"""How long others may have to stand behind us, at most, before we step aside."""
TRIES = 40
LONGEST_PAUSE = 5.0
"""Seconds between two tries; the first pause is a tenth of a second, and each is longer than the one before."""
IN_THE_WAY = {"55P03", "40P01"}
"""SQLSTATEs: lock_not_available, deadlock_detected."""
CONCURRENT = re.compile(
    r"\A\s*(CREATE\s+(?:UNIQUE\s+)?|DROP\s+|RE)INDEX\s+CONCURRENTLY\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?\"?(\w+)\"?",
    re.IGNORECASE,
)
LONG_TRANSACTIONS = """
    SELECT pid, usename, application_name, extract(epoch FROM clock_timestamp() - xact_start)::int, left(query, 80)
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < clock_timestamp() - interval '1 s'
    ORDER BY xact_start LIMIT 3
"""

Say = Callable[[str], object]


class StillInUse(Exception):
    """A table was in use each time; `str()` says by whom. What was applied before stays applied."""


@contextmanager
def alone(say: Say) -> Iterator[BaseDatabaseWrapper]:
    """A block in which this process alone changes the schema, over a connection that stands in for the site's.

    Others wait until it ends, and backups too; it waits for them. The lock goes when the connection does.
    """
    with standing_in(direct()) as own:
        take(
            own,
            MIGRATING,
            waiting=lambda: say("Another migration or a backup is at work; waiting for its end …"),
        )
        with own.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
        with own.execute_wrapper(Patient(say)):
            yield own


def until_it_fits(deed: Callable[[], Any], say: Say, *, pause: Callable[[float], object] = time.sleep) -> Any:
    """Do something again and again while tables that it needs are in use.

    Args:
        deed: what can be done again, since it was all undone or is recorded as done.
        pause: given seconds, waits.

    Raises:
        StillInUse: after TRIES.
    """
    for number in range(1, TRIES + 1):
        try:
            return deed()
        except OperationalError as error:
            if not is_in_the_way(error):
                raise
            if number == TRIES:
                raise StillInUse(
                    f"A table was in use all {TRIES} times: {str(error).strip()}\n{_who()}"
                    "Nobody was kept waiting, and what was applied stays. Run migrate again when it is quieter."
                ) from error
            wait = min(LONGEST_PAUSE, 0.1 * 1.4**number)
            say(f"A table is in use; stepped aside, trying again in {wait:.1f} s ({number} of {TRIES}) …")
            pause(wait)
    raise AssertionError("the last try returns or raises")


def is_in_the_way(error: Exception) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in IN_THE_WAY


def _who() -> str:
    """Transactions that have been open for long, of whom one is likely in the way."""
    try:
        with direct().cursor() as cursor:
            cursor.execute(LONG_TRANSACTIONS)
            rows = cursor.fetchall()
    except Error:
        return ""
    return "".join(
        f"Process {pid} ({user}, {program or 'unnamed'}) has had a transaction open for {age} s: {query}\n"
        for pid, user, program, age, query in rows
    )


class Patient:
    """Wraps the statements of a connection: those outside a transaction are tried again by themselves.

    An index that is built beside the traffic blocks nobody while it waits, so it may wait for ever. A build that was
    killed leaves an index that nobody uses and everybody maintains; the next one removes it first.
    """

    def __init__(self, say: Say) -> None:
        self.say = say

    def __call__(self, execute: Callable[..., Any], words: Any, params: Any, many: bool, context: Any) -> Any:
        own = context["connection"]
        if own.in_atomic_block:
            return execute(words, params, many, context)
        found = CONCURRENT.match(str(words))
        if not found:
            return until_it_fits(lambda: execute(words, params, many, context), self.say)
        if found[1].upper().startswith("CREATE"):
            self._make_room(own, found[2])
        own.connection.execute("SET lock_timeout = 0")
        try:
            return execute(words, params, many, context)
        finally:
            if own.is_usable():
                own.connection.execute(f"SET lock_timeout = '{PATIENCE}'")

    def _make_room(self, own: BaseDatabaseWrapper, name: str) -> None:
        """Drop what an earlier run has left under the name of an index that is to be built, whole or not: that run was
        ended before the migration was recorded, and nothing but it knows the index."""
        row = own.connection.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(quote_ident(%s))", [name]
        ).fetchone()
        if row is not None:
            kind = "finished" if row[0] else "unfinished"
            self.say(f"Removing the {kind} index {name} that an interrupted run has left …")
            own.connection.execute("SET lock_timeout = 0")
            own.connection.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')
