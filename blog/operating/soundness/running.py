"""What the site needs while it runs, each by its name. Checks are quick, change nothing and never raise."""

from __future__ import annotations

import errno
import functools
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Count, Min, Value
from django.db.models.functions import Greatest, NullIf
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from blog.models import backups
from blog.models.standby import STANDBY
from blog.publishing import appointments

from .finding import Finding, failure, ok, warning

SCARCE = 1_000_000_000
"""Bytes of the disk that should stay free."""
FULL = 100_000_000
"""Bytes below which an upload, a backup or PostgreSQL itself may fail at any moment."""
LATE = timedelta(minutes=2)
"""How long work that is due may wait before the worker counts as away. The longest task takes seconds."""
APART = 2.0
"""Seconds by which the clocks of this machine and of the database may differ."""
STORED = ("default", "originals")
"""The storages of files that editors bring."""
EMPTY = "The database has no tables yet."
JUMP = 5.0
"""Seconds by which the wall clock may depart from the steady one between two looks."""

Check = Callable[[], Iterator[Finding]]


def readiness() -> list[Finding]:
    """All findings on what runs; the database is asked for at most a handful of rows."""
    found = [*database()]
    if found[0].state != "failure":
        found += _answered("migrations", migrations)
        if found[-1].words != EMPTY:
            for name, check in ASKED.items():
                found += _answered(name, check)
    for check in (standby, disk, files, steady_clock):
        found += check()
    return found


def _answered(name: str, check: Check) -> list[Finding]:
    try:
        return list(check())
    except Error as error:
        return [failure(name, f"The database did not say: {_first_line(error)}", "See database.")]


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300]


def database() -> Iterator[Finding]:
    began = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_read_only'), pg_is_in_recovery()")
            read_only, standby = cursor.fetchone()
    except Error as error:
        yield failure(
            "database",
            f"PostgreSQL does not answer: {_first_line(error)}",
            "Start it, or look at DATABASE_URL. Readers get the pages that were kept; editors have to wait.",
        )
        return
    took = (time.monotonic() - began) * 1000
    if standby or read_only == "on":
        what = "a standby" if standby else "read-only"
        yield warning(
            "database",
            f"PostgreSQL is {what}: readers notice nothing, editors can't save.",
            "Promote it, or point DATABASE_URL to the primary.",
        )
    elif took > 1_000:
        yield warning(
            "database", f"PostgreSQL took {took:.0f} ms for nothing.", "Look at its load and locks."
        )
    else:
        yield ok("database", f"PostgreSQL answers within {max(took, 0.1):.1f} ms.")


@functools.cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def migrations() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            yield failure(
                "migrations",
                EMPTY,
                "Run manage.py migrate, or restore a backup. Is DATABASE_URL the right one?",
            )
            return
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    known = _known_migrations()
    apps = {app for app, _ in known}
    if missing := sorted(known - applied):
        yield failure(
            "migrations",
            f"{len(missing)} not applied, the first is {'.'.join(missing[0])}.",
            "Run manage.py migrate.",
        )
    elif newer := sorted(one for one in applied - known if one[0] in apps):
        yield warning(
            "migrations",
            f"The database is of a newer release: it has {'.'.join(newer[0])}, which this one does not know.",
            "This is right in the middle of an upgrade; else start the newer release here too.",
        )
    else:
        yield ok("migrations", f"All {len(known)} are applied.")


def standby() -> Iterator[Finding]:
    """What this process has seen of it since its first reader; nothing to find where there is none."""
    if "replica" not in settings.DATABASES or not STANDBY.known:
        return
    if not STANDBY.answers():
        yield warning(
            "standby",
            "It does not answer: readers ask the primary.",
            "Start it, or look at DATABASE_REPLICA_URL.",
        )
    elif not STANDBY.fit():
        yield warning(
            "standby",
            f"It is more than {settings.REPLICA_LAG:g} s behind, or promoted: readers ask the primary.",
            "Look at pg_stat_replication on the primary.",
        )
    elif STANDBY.alone():
        yield warning("standby", "The primary is away: readers ask the standby.", "See database.")
    else:
        yield ok("standby", f"It is {STANDBY.lag:.1f} s behind at most.")


def oldest_due() -> tuple[datetime | None, int]:
    """Since when the oldest task that is due has been waiting, None where there is none, and how many are due."""
    since = Greatest(
        NullIf("run_after", Value(get_date_max())), "enqueued_at"
    )  # the last day there is says: at once
    found = DBTaskResult.objects.ready().aggregate(oldest=Min(since), due=Count("pk"))
    return found["oldest"], found["due"]


def worker() -> Iterator[Finding]:
    """By the work that is due and not begun: a worker that lives and does nothing is found out too."""
    oldest, due = oldest_due()
    waited = timezone.now() - oldest if oldest else timedelta()
    if waited > LATE:
        yield failure(
            "worker",
            f"{due} tasks are due, one of them for {waited.total_seconds() / 60:.0f} minutes.",
            "Start manage.py db_worker, or more of them. Renditions, social cards and scheduled drafts wait for it.",
        )
    else:
        yield ok("worker", f"{due} tasks are due, none for long." if due else "Nothing is due.")


def drafts_by_appointment() -> Iterator[Finding]:
    """Whether drafts that were to replace what readers see have done so. Posts' own dates need no worker."""
    if late := appointments.late(timezone.now()):
        yield failure(
            "appointments",
            f"{late} drafts should have appeared by now."
            if late > 1
            else "A draft should have appeared by now.",
            "Start manage.py db_worker; it brings them out at once.",
        )
    else:
        yield ok("appointments", "No draft is late.")


def clock() -> Iterator[Finding]:
    """Schedules follow the clock of each machine, so it should be right."""
    with connection.cursor() as cursor:
        before = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    here = before + (timezone.now() - before) / 2
    apart = abs((there - here).total_seconds())
    if apart > APART:
        yield warning(
            "clock",
            f"The clocks of this machine and of the database differ by {apart:.1f} s.",
            "Let NTP set both: posts go live by the clock of the machine that is asked.",
        )
    else:
        yield ok("clock", f"This machine and the database agree within {max(apart, 0.001):.3f} s.")


def backup() -> Iterator[Finding]:
    """Nothing to find where nobody has said how old the newest may be."""
    if not settings.BACKUP_DAYS:
        return
    made = backups.newest()
    allowed = timedelta(days=settings.BACKUP_DAYS)
    if made is None:
        yield failure("backup", "None was ever made.", "manage.py backup FILE makes one.")
    elif timezone.now() - made > allowed:
        days = (timezone.now() - made).total_seconds() / 86_400
        yield failure(
            "backup", f"The newest is {days:.1f} days old.", "Look at the timer that runs manage.py backup."
        )
    else:
        yield ok("backup", f"The newest was made on {made:%Y-%m-%d at %H:%M} UTC.")


ASKED: dict[str, Check] = {
    "worker": worker, "appointments": drafts_by_appointment, "clock": clock, "backup": backup,
}  # fmt: skip
"""What is asked of a database that has its tables."""


class _SteadyClock:
    """Remembers how far the wall clock is from the steady one, to notice when somebody sets it."""

    def __init__(self) -> None:
        self.offset = time.time() - time.monotonic()
        self.jumped_at: datetime | None = None
        self.jump = 0.0

    def look(self) -> None:
        offset = time.time() - time.monotonic()
        if abs(offset - self.offset) > JUMP:
            self.jump, self.jumped_at = offset - self.offset, timezone.now()
        self.offset = offset


STEADY = _SteadyClock()


def steady_clock() -> Iterator[Finding]:
    STEADY.look()
    recent = STEADY.jumped_at and abs(timezone.now() - STEADY.jumped_at) < timedelta(minutes=10)
    if recent:
        yield warning(
            "clock jump",
            f"The clock of this machine was set by {STEADY.jump:+.0f} s within the last ten minutes.",
            "If that was not on purpose, look at NTP: posts go live and expire by this clock.",
        )
    else:
        yield ok("clock jump", "The clock runs steadily.")


def disk() -> Iterator[Finding]:
    for folder in _disks():
        try:
            free = shutil.disk_usage(folder).free
        except OSError as error:
            yield failure(
                "disk", f"{folder} can't be looked at: {error.strerror}.", "Look at the file system."
            )
            continue
        words = f"{free / 1e9:.1f} GB are free below {folder}."
        if free < FULL:
            yield failure("disk", words, "Make room now: uploads and saves are about to fail.")
        elif free < SCARCE:
            yield warning("disk", words, "Make room, or use a larger disk.")
        else:
            yield ok("disk", words)


def _disks() -> list[Path]:
    """The data folder, and the pictures' where that is on another disk."""
    folders: dict[int, Path] = {}
    for folder in (Path(settings.DATA), *_folders()):
        there = folder
        while not there.exists() and there != there.parent:
            there = there.parent
        folders.setdefault(there.stat().st_dev, there)
    return list(folders.values())


def _folders() -> list[Path]:
    """Where files are stored, as far as that is on this machine."""
    stored = [storages[name] for name in STORED]
    return [Path(one.location) for one in stored if isinstance(one, FileSystemStorage)]


def files() -> Iterator[Finding]:
    """Whether pictures could be stored, by storing a file of no bytes."""
    for folder in _folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            way_out = (
                "Make room."
                if error.errno == errno.ENOSPC
                else "Let the account that runs the site write there."
            )
            yield failure("files", f"Nothing can be stored in {folder}: {error.strerror}.", way_out)
        else:
            yield ok("files", f"Files can be stored in {folder}.")
    for name in STORED:
        yield from _elsewhere(name)


def _elsewhere(name: str) -> Iterator[Finding]:
    """Whether a storage that is no folder answers."""
    storage = storages[name]
    if isinstance(storage, FileSystemStorage):
        return
    try:
        storage.exists("nothing")
    except Exception as error:  # each engine has its own
        yield failure(
            "files", f"The storage “{name}” does not answer: {_first_line(error)}", "Look at MEDIA_S3_…."
        )
    else:
        yield ok("files", f"The storage “{name}” answers.")
