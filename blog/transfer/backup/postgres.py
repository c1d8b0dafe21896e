"""PostgreSQL's own programs, and databases made and exchanged beside the site's."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from tempfile import TemporaryFile
from typing import Any

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from blog.models import servers
from blog.models.direct import direct

from .archive import CHUNK
from .errors import BackupError, Hostile, WrongVersion

SLACK = 256 << 20
"""Bytes that a restored database may take beyond thrice what it took: indexes are packed differently."""


def dump(connection: BaseDatabaseWrapper, *, snapshot: str, tool: str) -> Iterator[bytes]:
    """What pg_dump writes of a snapshot that `connection` has exported and keeps.

    Raises:
        BackupError: with pg_dump's own words.
    """
    where, environment = servers.address(connection)
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
    where, environment = servers.address(target)
    limit = 3 * bytes_then + SLACK
    words = [tool, "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={where}"]
    with TemporaryFile() as complaints, servers.standing(direct(servers.MAINTENANCE)) as watch:
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
    size = servers.ask(watch, "SELECT pg_database_size(%s)", [database])
    if size > limit:
        raise Hostile(
            f"The database grew to {size:,} bytes while it was restored; the archive promised less."
        )


def _tail(complaints: Any) -> str:
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    return "\n".join(lines[-4:]) or "it says nothing."


def exchange(database: str, fresh: str) -> str:
    """Put the database `fresh` in the place of `database`, in one transaction: at every moment one of both is there.

    Whoever of the site's role uses one of them is disconnected. Returns the name that the former has now.

    Raises:
        BackupError: another role is connected; nothing was changed.
    """
    former = f"{database[:40]}_former_{os.getpid()}_{time.time_ns() // 1000 % 10**9}"
    with servers.standing(direct(servers.MAINTENANCE)) as server, server.cursor() as cursor:
        try:
            cursor.execute(servers.named("ALTER DATABASE {} ALLOW_CONNECTIONS false", database))
            cursor.execute(servers.DISCONNECT, [[database, fresh]])
            server.set_autocommit(False)
            cursor.execute(servers.named("ALTER DATABASE {} RENAME TO {}", database, former))
            cursor.execute(servers.named("ALTER DATABASE {} RENAME TO {}", fresh, database))
            server.commit()
        except Error as error:
            server.close()
            servers.tell("ALTER DATABASE {} ALLOW_CONNECTIONS true", database)
            raise BackupError(
                f"The databases could not be exchanged: {str(error).strip()}. Nothing was changed."
            ) from None
    return former


def refuse_older_server(made_of: int, dumped_by: int, here: int) -> None:
    """Raises WrongVersion: what a newer server or a newer pg_dump wrote is not for an older server."""
    needed = max(made_of, dumped_by)
    if here < needed:
        by = "" if dumped_by == made_of else f" by the pg_dump of {dumped_by}"
        raise WrongVersion(
            f"The backup was made of PostgreSQL {made_of}{by}, and this server is PostgreSQL {here}. "
            f"Restore it on a server of version {needed} or newer."
        )
