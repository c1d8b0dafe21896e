"""Databases beside the site's, on the same server, and PostgreSQL's own programs."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from django.conf import settings
from django.db import Error, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql
from psycopg.conninfo import make_conninfo

from .direct import direct

MAINTENANCE = "postgres"
"""Every server has it. From here databases are made and renamed, which nobody may use meanwhile."""
DISCONNECT = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = ANY(%s) AND usename = current_user AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


class CannotWork(Exception):
    """A program, a right or a server is missing; `str()` says which, and what to do. Nothing was changed."""


def program(name: str, *, at_least: int) -> tuple[str, int]:
    """The path of pg_dump or pg_restore of this major version, or of the next newer one, and which that is.

    Raises:
        CannotWork: there is none.
    """
    found = settings.POSTGRES_PROGRAM(name, at_least)
    if found is None:
        raise CannotWork(
            f"No {name} of PostgreSQL {at_least} or newer was found on this machine. Install the client programs "
            f"(Debian: apt install postgresql-client-{at_least}) or name their folder in STRATUM_PG_BIN."
        )
    path, version = found
    return str(path), version


def address(connection: BaseDatabaseWrapper) -> tuple[str, dict[str, str]]:
    """What PostgreSQL's programs need to connect as this connection does: conninfo, and an environment.

    The password stands in the environment, where other users of the machine can't read it.
    """
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    given = {key: value for key, value in connection.get_connection_params().items() if key in known}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    password = given.pop("password", "")
    if password:
        environment["PGPASSWORD"] = str(password)
    return make_conninfo(**given), environment


def ask(connection: BaseDatabaseWrapper, words: str, values: Iterable[Any] = ()) -> Any:
    """The one value that a query answers with; None where it has no row."""
    with connection.cursor() as cursor:
        cursor.execute(words, list(values))
        row = cursor.fetchone()
    return row[0] if row else None


@contextmanager
def standing(connection: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """A connection for the time of the block.

    Raises:
        CannotWork: the server admits the site's role to the site's database alone.
    """
    try:
        yield connection
    except OperationalError as error:
        if "pg_hba.conf" not in str(error):
            raise
        raise CannotWork(
            f"{str(error).strip()}\nDatabases beside the site's are needed for this: let the line in pg_hba.conf admit "
            "the role to all, not to one."
        ) from None
    finally:
        connection.close()


def major(connection: BaseDatabaseWrapper) -> int:
    return int(ask(connection, "SELECT current_setting('server_version_num')::int / 10000"))


def exists(database: str) -> bool:
    with standing(direct(MAINTENANCE)) as server:
        return bool(ask(server, "SELECT 1 FROM pg_database WHERE datname = %s", [database]))


@contextmanager
def scratch(beside: str) -> Iterator[str]:
    """An empty database for the time of the block, dropped at its end unless it was renamed meanwhile. What others have
    left who were killed is dropped at its beginning.

    Raises:
        CannotWork: the role may not create databases.
    """
    for one in abandoned(beside):
        with suppress(Error):
            drop(one)
    # The process and the time: two at once, and one after a kill, each have their own.
    name = f"{beside[:40]}_scratch_{os.getpid()}_{time.time_ns() // 1000 % 10**9}"
    with standing(direct(MAINTENANCE)) as holding:
        try:
            with holding.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
                cursor.execute(named("CREATE DATABASE {} TEMPLATE template0", name) + _like(cursor, beside))
        except Error as error:
            raise CannotWork(
                f"A scratch database can't be made: {str(error).strip()}. The role needs the right to: "
                "ALTER ROLE … CREATEDB."
            ) from None
        try:
            yield name
        finally:
            with suppress(Error):
                drop(name)


def abandoned(beside: str) -> list[str]:
    """Scratch databases whose process is gone: nobody holds the lock on their name, and nobody is connected."""
    with standing(direct(MAINTENANCE)) as server, server.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database AS d WHERE datname ~ %s AND pg_has_role(datdba, 'MEMBER') AND NOT EXISTS"
            " (SELECT FROM pg_stat_activity AS a WHERE a.datname = d.datname AND backend_type = 'client backend')"
            " ORDER BY 1",
            [f"^{re.escape(beside[:40])}_scratch_[0-9]+_[0-9]+$"],
        )
        found = []
        for (name,) in cursor.fetchall():
            cursor.execute(
                "SELECT CASE WHEN pg_try_advisory_lock(hashtext(%s)) THEN pg_advisory_unlock(hashtext(%s)) END",
                [name, name],
            )
            if cursor.fetchone()[0]:
                found.append(name)
        return found


def former(beside: str) -> list[str]:
    """What the site was before it was restored, where that could not be dropped."""
    with standing(direct(MAINTENANCE)) as server, server.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname ~ %s ORDER BY 1",
            [f"^{re.escape(beside[:40])}_former_[0-9]+_[0-9]+$"],
        )
        return [name for (name,) in cursor.fetchall()]


def _like(cursor: Any, database: str) -> Any:
    """The encoding and sorting of a database, for another to have the same; nothing where there is none."""
    cursor.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype, datlocprovider,"
        " coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')"
        " FROM pg_database AS d WHERE datname = %s",
        [database],
    )
    row = cursor.fetchone()
    if row is None:
        return sql.SQL("").join([])
    names = ["ENCODING", "LC_COLLATE", "LC_CTYPE"]
    values = [*row[:3]]
    provider = {"i": "ICU", "b": "BUILTIN"}.get(row[3])
    if provider:
        names += ["LOCALE_PROVIDER", f"{provider}_LOCALE"]
        values += [provider.lower(), row[4]]
    return sql.SQL("").join(
        sql.SQL(f" {name} {{}}").format(sql.Literal(value)) for name, value in zip(names, values, strict=True)
    )


def tell(words: str, *names: str) -> None:
    """A statement about databases, outside all of them; each {} of it is one of the names."""
    with standing(direct(MAINTENANCE)) as server, server.cursor() as cursor:
        cursor.execute(sql.SQL(words).format(*map(sql.Identifier, names)))


def drop(database: str) -> None:
    """Drop a database and disconnect those of our role from it. Not WITH (FORCE), which may not end what the server
    does there on its own, as a vacuum; the plain word waits for that."""
    with standing(direct(MAINTENANCE)) as server, server.cursor() as cursor:
        cursor.execute(DISCONNECT, [[database]])
        cursor.execute(named("DROP DATABASE IF EXISTS {}", database))


def named(words: str, *names: str) -> Any:
    return sql.SQL(words).format(*map(sql.Identifier, names))
