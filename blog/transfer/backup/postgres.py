"""PostgreSQL's own programs, and databases made and exchanged beside the site's."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryFile
from typing import Any

import psycopg
from django.conf import settings
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql
from psycopg.conninfo import make_conninfo

from blog.models.direct import direct

from .archive import CHUNK
from .errors import BackupError, Hostile, WrongVersion

MAINTENANCE = "postgres"
"""Every server has it. From here databases are made and renamed, which nobody may use meanwhile."""
DISCONNECT = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = ANY(%s) AND usename = current_user AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
SLACK = 256 << 20
"""Bytes that a restored database may take beyond thrice what it took: indexes are packed differently."""


def program(name: str, *, at_least: int) -> tuple[str, int]:
    """The path of pg_dump or pg_restore of this major version, or of the next newer one, and which that is.

    Raises:
        BackupError: there is none.
    """
    found = settings.POSTGRES_PROGRAM(name, at_least)
    if found is None:
        raise BackupError(
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


def dump(connection: BaseDatabaseWrapper, *, snapshot: str, tool: str) -> Iterator[bytes]:
    """What pg_dump writes of a snapshot that `connection` has exported and keeps.

    Raises:
        BackupError: with pg_dump's own words.
    """
    where, environment = address(connection)
    words = [tool, "-Fc", "--no-owner", "--no-privileges"]
    words += [f"--snapshot={snapshot}", "--lock-wait-timeout=60s", f"--dbname={where}"]
    with TemporaryFile() as complaints:
        running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=complaints, env=environment)
        try:
            assert running.stdout
            while chunk := running.stdout.read(CHUNK):
                yield chunk
            code = running.wait()
        finally:
            if running.poll() is None:
                running.kill()
            running.wait()
        if code:
            raise BackupError(f"pg_dump failed: {_tail(complaints)}")


def load(database: str, chunks: Iterable[bytes], *, tool: str, bytes_then: int) -> None:
    """Restore a dump into an empty database of the site's server.

    Args:
        tool: the path of pg_restore.
        bytes_then: what the database took when it was dumped; one that grows far beyond is no dump of ours.

    Raises:
        BackupError: with pg_restore's own words.
        Hostile: the database grew too large.
    """
    target = direct(database)
    where, environment = address(target)
    limit = 3 * bytes_then + SLACK
    words = [tool, "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={where}"]
    with TemporaryFile() as complaints, standing(direct(MAINTENANCE)) as watch:
        running = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=complaints, stderr=complaints, env=environment
        )
        try:
            assert running.stdin
            with suppress(BrokenPipeError):
                for chunk in chunks:
                    running.stdin.write(chunk)
                    _refuse_growth(watch, database, limit)
            with suppress(BrokenPipeError):
                running.stdin.close()
            while running.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    running.wait(0.5)
                _refuse_growth(watch, database, limit)
        finally:
            if running.poll() is None:
                running.kill()
            running.wait()
        if running.returncode:
            raise BackupError(f"pg_restore failed: {_tail(complaints)}")


def _refuse_growth(watch: BaseDatabaseWrapper, database: str, limit: int) -> None:
    size = ask(watch, "SELECT pg_database_size(%s)", [database])
    if size > limit:
        raise Hostile(
            f"The database grew to {size:,} bytes while it was restored; the archive promised less."
        )


def _tail(complaints: Any) -> str:
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    return "\n".join(lines[-4:]) or "it says nothing."


def ask(connection: BaseDatabaseWrapper, words: str, values: Iterable[Any] = ()) -> Any:
    """The one value that a query answers with; None where it has no row."""
    with connection.cursor() as cursor:
        cursor.execute(words, list(values))
        row = cursor.fetchone()
    return row[0] if row else None


@contextmanager
def standing(connection: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    try:
        yield connection
    finally:
        connection.close()


def major(connection: BaseDatabaseWrapper) -> int:
    return int(ask(connection, "SELECT current_setting('server_version_num')::int / 10000"))


def exists(database: str) -> bool:
    with standing(direct(MAINTENANCE)) as server:
        return bool(ask(server, "SELECT 1 FROM pg_database WHERE datname = %s", [database]))


@contextmanager
def scratch(beside: str) -> Iterator[str]:
    """An empty database for the time of the block, dropped at its end unless it was renamed meanwhile.

    Raises:
        BackupError: the role may not create databases.
    """
    # The process and the time: two at once, and one after a kill, each have their own.
    name = f"{beside[:40]}_scratch_{os.getpid()}_{time.time_ns() // 1000 % 10**9}"
    try:
        with standing(direct(MAINTENANCE)) as server, server.cursor() as cursor:
            cursor.execute(_named("CREATE DATABASE {} TEMPLATE template0", name) + _like(cursor, beside))
    except Error as error:
        raise BackupError(
            f"A scratch database can't be made: {str(error).strip()}. The role needs the right to: "
            "ALTER ROLE … CREATEDB."
        ) from None
    try:
        yield name
    finally:
        with suppress(Error):
            drop(name)


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
        cursor.execute(_named("DROP DATABASE IF EXISTS {}", database))


def exchange(database: str, fresh: str) -> str:
    """Put the database `fresh` in the place of `database`, in one transaction: at every moment one of both is there.

    Whoever of the site's role uses one of them is disconnected. Returns the name that the former has now.

    Raises:
        BackupError: another role is connected; nothing was changed.
    """
    former = f"{database[:40]}_former_{os.getpid()}_{time.time_ns() // 1000 % 10**9}"
    with standing(direct(MAINTENANCE)) as server, server.cursor() as cursor:
        try:
            cursor.execute(_named("ALTER DATABASE {} ALLOW_CONNECTIONS false", database))
            cursor.execute(DISCONNECT, [[database, fresh]])
            server.set_autocommit(False)
            cursor.execute(_named("ALTER DATABASE {} RENAME TO {}", database, former))
            cursor.execute(_named("ALTER DATABASE {} RENAME TO {}", fresh, database))
            server.commit()
        except Error as error:
            server.close()
            tell("ALTER DATABASE {} ALLOW_CONNECTIONS true", database)
            raise BackupError(
                f"The databases could not be exchanged: {str(error).strip()}. Nothing was changed."
            ) from None
    return former


def _named(words: str, *names: str) -> Any:
    return sql.SQL(words).format(*map(sql.Identifier, names))


def refuse_older_server(made_of: int, dumped_by: int, here: int) -> None:
    """Raises WrongVersion: what a newer server or a newer pg_dump wrote is not for an older server."""
    needed = max(made_of, dumped_by)
    if here < needed:
        by = "" if dumped_by == made_of else f" by the pg_dump of {dumped_by}"
        raise WrongVersion(
            f"The backup was made of PostgreSQL {made_of}{by}, and this server is PostgreSQL {here}. "
            f"Restore it on a server of version {needed} or newer."
        )
