"""A site made anew from a backup: beside the present one first, and then, in one step, in its place."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import Error, connections

from blog.models import direct as databases
from blog.models import servers
from blog.models.direct import direct, standing_in

from . import checking, postgres, snapshot
from .archive import FOLDERS, Archive
from .errors import BackupError, Hostile


@dataclass(frozen=True)
class Restored:
    """`pending`: migrations that the backup lacks; `former`: the database that was there, where it can't be dropped."""

    rows: int
    files: int
    pending: list[str]
    former: str = ""


def restore(path: Path, *, overwrite: bool = False, say: Callable[[str], object] = str) -> Restored:
    """Bring back what a backup holds. Until the last step the present site is whole; files are only added, for a name
    stands for its content, and one that has other content than its name promises is exchanged.

    Args:
        overwrite: the database has tables, or the folders files, and shall be exchanged.
        say: hears of each step.

    Raises:
        BackupError: see errors.py; nothing was exchanged.
    """
    with Archive(path) as archive:
        found = checking.usable(archive)
        name = databases.name()
        there = servers.exists(name)
        if not overwrite:
            _refuse_what_is_there(name if there else "")
        _refuse_small_disk(archive)
        with servers.scratch(name) as fresh:
            say("Database …")
            postgres.load(
                fresh, archive.read("database.dump"), tool=found.tool, bytes_then=found.database_bytes
            )
            say("Rows …")
            with standing_in(direct(fresh)):
                rows = checking.compare_rows(archive)
            say("Files …")
            files = put_files(archive)
            connections.close_all()
            former = ""
            if not there:
                servers.tell("ALTER DATABASE {} RENAME TO {}", fresh, name)
            else:
                former = postgres.exchange(name, fresh)
                with suppress(Error):
                    servers.drop(former)
                    former = ""
        return Restored(rows, files, found.pending, former)


def _refuse_what_is_there(database: str) -> None:
    what = []
    if database:
        with servers.standing(direct(database)) as present:
            count = servers.ask(
                present,
                "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
            )
        if count:
            what.append(f"The database {database} has {count} tables.")
    for folder in FOLDERS:
        with suppress(NotImplementedError):
            root = Path(snapshot.storage_of(folder).path(""))
            if root.is_dir() and any(root.iterdir()):
                what.append(f"{root} has files.")
    if what:
        raise BackupError(
            f"{' '.join(what)} Restoring would put the backup in their place; say --overwrite if it shall. "
            "Nothing was changed."
        )


def _refuse_small_disk(archive: Archive) -> None:
    """Files that are not here yet must fit. The database may lie elsewhere; PostgreSQL says when its disk is full."""
    for folder in FOLDERS:
        with suppress(NotImplementedError):
            storage = snapshot.storage_of(folder)
            root = Path(storage.path(""))
            while not root.exists():
                root = root.parent
            needed = sum(
                member.size
                for name, member in archive.members.items()
                if name.startswith(f"{folder}/") and not storage.exists(name.removeprefix(f"{folder}/"))
            )
            free = shutil.disk_usage(root).free
            if needed > free:
                raise BackupError(
                    f"The files need {needed:,} bytes below {root}, where {free:,} are free. Nothing was changed."
                )


def put_files(archive: Archive) -> int:
    """Store every file of the archive that storage does not have as it should be. Returns how many were written."""
    written = 0
    for folder in FOLDERS:
        storage = snapshot.storage_of(folder)
        for name in archive.members:
            if name.startswith(f"{folder}/"):
                short = name.removeprefix(f"{folder}/")
                if not _has(storage, short, archive.read(name)):
                    _put(storage, short, archive.read(name))
                    written += 1
    return written


def _has(storage: Storage, name: str, chunks: Iterable[bytes]) -> bool:
    """Whether storage has the file, byte for byte."""
    if not storage.exists(name):
        return False
    try:
        with storage.open(name) as file:
            return all(file.read(len(chunk)) == chunk for chunk in chunks) and not file.read(1)
    except OSError:
        return False


def _put(storage: Storage, name: str, chunks: Iterable[bytes]) -> None:
    """Write a file whole or not at all. Raises BackupError: it can't be written."""
    try:
        target = Path(storage.path(name))
    except NotImplementedError:
        storage.delete(name)
        storage.save(name, ContentFile(b"".join(chunks)))
        return
    fresh = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    try:
        if _leads_out(storage, target):
            raise Hostile(f"{target.parent} is a link that leads out of {storage.path('')}.")
        target.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("xb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        why = (
            f"the disk of {target.parent} is full" if full else f"{target} can't be written: {error.strerror}"
        )
        raise BackupError(f"{why[0].upper()}{why[1:]}. The database was not exchanged.") from None
    finally:
        with suppress(OSError):
            fresh.unlink()


def _leads_out(storage: Storage, target: Path) -> bool:
    root = Path(os.path.realpath(storage.path("")))
    return not Path(os.path.realpath(target.parent)).is_relative_to(root)
