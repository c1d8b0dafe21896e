"""The proof that a backup works: it is restored beside the site, and what comes out is compared with what went in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import transaction

from blog.models import direct as databases
from blog.models import servers
from blog.models.backups import VERIFIED
from blog.models.direct import direct, standing_in
from blog.publishing import audit

from . import checking, postgres, rendered, versions
from .archive import Archive
from .errors import Different, Hostile


@dataclass(frozen=True)
class Verified:
    """What was compared. `not_compared`: why the pages' bytes were not, "" if they were; `missing`: files that the
    site had lost already when the backup was made."""

    made_at: datetime
    rows: int
    files: int
    pages: int
    not_compared: str
    missing: list[str] = field(default_factory=list)


def verify(path: Path, *, at: datetime, say: Callable[[str], object] = str) -> Verified:
    """Restore a backup into a scratch database, compare rows, files and pages, and drop the database again. The site
    is not touched, but for a line in its audit log.

    Raises:
        BackupError: see errors.py; Different says what is.
    """
    with Archive(path) as archive:
        try:
            made_at = datetime.fromisoformat(archive.head["made_at"])
        except (KeyError, TypeError, ValueError):
            raise Hostile(f"{path} does not say when it was made.") from None
        found = checking.usable(archive)
        with servers.scratch(databases.name()) as fresh:
            say("Database …")
            postgres.load(
                fresh, archive.read("database.dump"), tool=found.tool, bytes_then=found.database_bytes
            )
            with standing_in(direct(fresh)):
                say("Rows …")
                rows = checking.compare_rows(archive)
                if found.pending:
                    say("Migrations …")
                    call_command("migrate", verbosity=0, interactive=False)
                say("Pages …")
                why = _compare_pages(archive, found.pending, made_at)
        files, pages = archive.contents["files"], archive.contents["pages"]
        # On a machine that holds no site there is no log to write into.
        if servers.exists(databases.name()) and _has_log():
            with transaction.atomic():
                audit.record(VERIFIED, None, by=None, at=at, sha256=archive.digest, file=path.name)
        missing = [str(one) for one in archive.contents.get("missing", [])]
        return Verified(made_at, rows, len(files), len(pages), why, missing)


def _has_log() -> bool:
    with servers.standing(direct()) as present:
        return bool(servers.ask(present, "SELECT to_regclass('blog_event') IS NOT NULL"))


def _compare_pages(archive: Archive, pending: list[str], at: datetime) -> str:
    """Render the pages that the archive tells of from the restored rows. Returns why bytes were not compared, or "".

    Raises:
        Different: a page answers with another status, or, where bytes can be compared, with others.
    """
    expected: dict[str, Any] = archive.contents["pages"]
    why = incomparable(archive, pending)
    with transaction.atomic(), rendered.clock_at(at):
        found = rendered.render(list(expected), rendered.Renderer())
    wrong = [
        path
        for path in expected
        if (found[path][:1] if why else found[path]) != expected[path][: 1 if why else 2]
    ]
    if wrong:
        path = wrong[0]
        what = f"answers {found[path][0]} and answered {expected[path][0]}"
        if found[path][0] == expected[path][0]:
            what = "has other bytes than at the time of the backup"
        raise Different(
            f"The page {path} of the restored site {what}; {len(wrong)} of {len(found)} pages differ."
        )
    return why


def incomparable(archive: Archive, pending: list[str]) -> str:
    """Why the bytes of pages can't be what they were then; "" where they must be."""
    if pending:
        return f"the backup is older than {len(pending)} migrations of this program"
    if archive.head["versions"].get("code") != versions.code():
        return "the backup was made by another release, whose pages may look otherwise"
    then, now = archive.contents.get("shown"), rendered.shown()
    if isinstance(then, dict) and then != now:
        other = sorted(name for name in now if now[name] != then.get(name))
        words = ", ".join(f"{name}={then.get(name)!r}" for name in other)
        return f"pages show other settings here; to compare bytes, verify with {words}"
    return ""
