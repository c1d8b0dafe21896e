"""A site into one file: from one snapshot of the database, while editors work on."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import IsolationLevel

from blog.models import servers
from blog.models.backups import MADE
from blog.models.direct import MIGRATING, direct, standing_in, take
from blog.models.direct import name as direct_name
from blog.publishing import audit

from . import postgres, rendered, snapshot, versions
from .archive import CHUNK, DATABASE, Writer
from .errors import BackupError

PAGES = 300
"""Pages whose bytes are kept for comparison, unless told otherwise."""
LEFT = re.compile(r"\..+\.[0-9a-f]{8}\.part")
"""What a backup is called until it is whole."""


@dataclass(frozen=True)
class Made:
    """What a backup holds. `missing`: files that rows name and storage does not have."""

    bytes: int
    digest: str
    rows: int
    files: int
    pages: int
    missing: list[str]


def backup(
    path: Path,
    *,
    at: datetime,
    overwrite: bool = False,
    pages: int = PAGES,
    say: Callable[[str], object] = str,
) -> Made:
    """Write a backup of the whole site to `path`: whole or not at all, closed to other users.

    Args:
        at: the instant at which pages are rendered and compared.
        pages: how many pages are kept for comparison, about; 0: none.
        say: hears of each step.

    Raises:
        BackupError: there is such a file already, the disk is full, a program is missing or failed.
    """
    if not overwrite and os.path.lexists(path):
        raise BackupError(f"{path} is there already. Name another file, or say --overwrite.")
    with fresh_file(path, overwrite=overwrite) as file:
        made = _write(file, at=at, pages=pages, say=say)
    with transaction.atomic():
        audit.record(MADE, None, by=None, at=at, bytes=made.bytes, sha256=made.digest, file=path.name)
    return made


def _write(file: IO[bytes], *, at: datetime, pages: int, say: Callable[[str], object]) -> Made:
    with (
        standing_in(direct(isolation_level=IsolationLevel.REPEATABLE_READ)) as source,
        _no_migration(source, say),
        transaction.atomic(),
        rendered.clock_at(at),
        source.cursor() as cursor,
    ):
        cursor.execute("SET TRANSACTION READ ONLY")
        if not servers.ask(source, "SELECT to_regclass('django_migrations') IS NOT NULL"):
            raise BackupError(
                f"The database {direct_name()} has no tables: there is no site to keep. Is DATABASE_URL the right one?"
            )
        server = servers.major(source)
        tool, dumped_by = servers.program("pg_dump", at_least=server)
        head = {
            "made_at": at.isoformat(),
            "versions": versions.versions()
            | {
                "postgresql": servers.ask(source, "SHOW server_version"),
                "postgresql_major": server,
                "pg_dump_major": dumped_by,
            },
            "migrations": snapshot.applied(),
            "settings": versions.told_settings(),
            "database_bytes": servers.ask(source, "SELECT pg_database_size(current_database())"),
        }
        writer = Writer(file, head, at=int(at.timestamp()))
        if dumped_by > server:
            say(
                f"Only the pg_dump of {dumped_by} is here: the backup needs a server of {dumped_by} or newer."
            )
        say("Database …")
        exported = str(servers.ask(source, "SELECT pg_export_snapshot()"))
        _, database = writer.add(DATABASE, postgres.dump(source, snapshot=exported, tool=tool))
        say("Rows …")
        tables = snapshot.tables()
        say("Files …")
        stored, missing = _add_files(writer)
        say("Pages …")
        told = {}
        if pages:
            renderer = rendered.Renderer()
            told = rendered.render(rendered.addresses(renderer, pages), renderer)
    contents = {
        "database": database,
        "tables": tables,
        "checksums_of": snapshot.GIVEN,
        "files": stored,
        "missing": missing,
        "pages": told,
        "shown": rendered.shown(),
    }
    size, digest = writer.finish(contents)
    return Made(size, digest, sum(int(rows) for rows, _ in tables.values()), len(stored), len(told), missing)


@contextmanager
def _no_migration(source: BaseDatabaseWrapper, say: Callable[[str], object]) -> Iterator[None]:
    """A migration between the snapshot and the dump would break that: it waits for us as we do for it. Locked before
    the transaction, whose snapshot would be older than the wait."""
    take(source, MIGRATING, shared=True, waiting=lambda: say("Waiting for a migration to end …"))
    try:
        yield
    finally:
        source.close()


def _add_files(writer: Writer) -> tuple[dict[str, str], list[str]]:
    """The SHA-256 of every file, and the names of those that are not there."""
    stored: dict[str, str] = {}
    missing = []
    for folder, name in snapshot.files():
        try:
            file = snapshot.storage_of(folder).open(name)
        except OSError:
            missing.append(f"{folder}/{name}")
            continue
        with file:
            _, stored[f"{folder}/{name}"] = writer.add(f"{folder}/{name}", _chunks(file))
    return stored, missing


def _chunks(file: Any) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


@contextmanager
def fresh_file(path: Path, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """A file that gets its name when the block has ended well, and is gone when not. Mode 0600, on the disk.

    Raises:
        BackupError: the folder can't be written, the disk is full, or `path` came to be meanwhile.
    """
    _sweep(path.parent)
    mark = hashlib.sha256(os.urandom(16)).hexdigest()[:8]
    part = path.with_name(f".{path.name[:200]}.{mark}.part")
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "w+b") as file:
                # Held as long as this process lives: what nobody holds is a dead one's.
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file
                file.flush()
                os.fsync(file.fileno())
            _name(part, path, overwrite=overwrite)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise BackupError(f"The disk of {path.parent} is full. Nothing was left of the backup.") from None
        raise BackupError(f"{error.filename or path} can't be written: {error.strerror}.") from None
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _sweep(folder: Path) -> None:
    """Remove what backups have left in a folder whose process was killed."""
    for part in folder.glob(".*.part"):
        if LEFT.fullmatch(part.name):
            with suppress(OSError), part.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                part.unlink()


def _name(part: Path, path: Path, *, overwrite: bool) -> None:
    if overwrite:
        part.replace(path)
        return
    try:
        # A link fails where there is a file, a renaming would destroy it.
        path.hardlink_to(part)
    except FileExistsError:
        raise BackupError(f"{path} has come to be meanwhile; it was left as it is.") from None
    except OSError:
        # Some file systems know no links.
        if os.path.lexists(path):
            raise BackupError(f"{path} has come to be meanwhile; it was left as it is.") from None
        part.rename(path)
