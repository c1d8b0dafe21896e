"""What is known of an archive before anything is touched, and of a database that came out of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from blog.models import servers
from blog.models.direct import direct

from . import postgres, snapshot
from .archive import DATABASE, FOLDERS, Archive
from .errors import Altered, Different, Hostile, WrongVersion


@dataclass(frozen=True)
class Usable:
    """An archive that can be restored here. `tool`: the pg_restore to use; `pending`: migrations that it lacks."""

    archive: Archive
    tool: str
    pending: list[str]
    database_bytes: int


def usable(archive: Archive) -> Usable:
    """Whether this program and this server can take the archive; reads all of it, and changes nothing.

    Raises:
        WrongVersion: a newer Stratum made it, or a newer PostgreSQL.
        Hostile, Altered: its contents are not what they are said to be.
        BackupError: no pg_restore is here that can read it.
    """
    head = archive.head
    names = _texts(head.get("migrations"))
    said = head.get("versions")
    majors = [
        said.get(key) if isinstance(said, dict) else None for key in ("postgresql_major", "pg_dump_major")
    ]
    size = head.get("database_bytes")
    if (
        names is None
        or not all(isinstance(one, int) for one in majors)
        or not isinstance(size, int)
        or not 0 <= size < 1 << 60
    ):
        raise Hostile(f"{archive.path}: its head does not say what a backup says.")
    known = snapshot.known()
    strange = sorted(set(names) - known)
    if strange:
        raise WrongVersion(
            f"{archive.path} was made by a newer or another Stratum: it has migrations that this one does not know "
            f"({', '.join(strange[:3])}{' …' if len(strange) > 3 else ''}). Install that version first."
        )
    with servers.standing(direct(servers.MAINTENANCE)) as server:
        here = servers.major(server)
    made_of, dumped_by = map(int, majors)  # type: ignore[arg-type]
    postgres.refuse_older_server(made_of, dumped_by, here)
    tool, _ = servers.program("pg_restore", at_least=here)
    _check_members(archive)
    return Usable(archive, tool, sorted(known - set(names)), size)


def _check_members(archive: Archive) -> None:
    files = archive.contents.get("files")
    tables, pages = archive.contents.get("tables"), archive.contents.get("pages")
    if not all(isinstance(one, dict) for one in (files, tables, pages)):
        raise Hostile(f"{archive.path}: its contents are not listed as in a backup.")
    assert isinstance(files, dict)
    expected = {**files, DATABASE: archive.contents.get("database")}
    here = {name for name in archive.members if name == DATABASE or name.partition("/")[0] in FOLDERS}
    if here != set(expected):
        odd = sorted(here ^ set(expected))
        raise Hostile(f"{archive.path}: {odd[0]!r} is listed and not there, or there and not listed.")
    for name, digest in expected.items():
        found = hashlib.sha256()
        for chunk in archive.read(name):
            found.update(chunk)
        if found.hexdigest() != digest:
            raise Altered(f"{archive.path}: {name} is not what was put in.")


def _texts(value: Any) -> list[str] | None:
    return value if isinstance(value, list) and all(isinstance(one, str) for one in value) else None


def compare_rows(archive: Archive) -> int:
    """Count the site's database, or what stands in for it, and compare with the archive. Returns the rows there are.

    Raises:
        Different: a table has other rows.
    """
    with transaction.atomic():
        found = snapshot.tables(of=str(archive.contents.get("checksums_of", "")))
    expected = archive.contents["tables"]
    wrong = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    if wrong:
        name = wrong[0]
        raise Different(
            f"The restored table {name} has {_told(found.get(name))}, the backup {_told(expected.get(name))}; "
            f"{len(wrong)} tables differ."
        )
    return sum(int(rows) for rows, _ in found.values())


def _told(table: Any) -> str:
    return f"{table[0]:,} rows with the checksum {table[1]}" if table else "no such table"
