"""What the site stands on: versions, extensions, and what its accounts may do."""

from __future__ import annotations

import platform
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import django
from django.conf import settings
from django.db import Error, connection
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from .finding import Finding, failure, ok, warning

OLDEST = 15
"""The PostgreSQL from which on everything used here is there."""
EXTENSIONS = {"unaccent", "pg_trgm"}
PACKAGES = ("psycopg", "markdown", "nh3", "pillow", "granian")


def versions() -> Iterator[Finding]:
    with_them = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield ok("versions", f"Python {platform.python_version()}, Django {django.get_version()}, {with_them}.")
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version_num')::int, current_setting('server_version')"
            )
            number, words = cursor.fetchone()
    except Error:
        return  # said already
    if number // 10_000 < OLDEST:
        yield failure("PostgreSQL", f"It is {words}.", f"Use {OLDEST} or newer.")
    else:
        yield ok("PostgreSQL", f"It is {words}.")


def extensions() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        there = {name for (name,) in cursor.fetchall()}
    if missing := sorted(EXTENSIONS - there):
        yield failure(
            "extensions",
            f"The database lacks {' and '.join(missing)}.",
            "As its owner or a superuser: " + "; ".join(f"CREATE EXTENSION {one}" for one in missing),
        )
    else:
        yield ok("extensions", f"{' and '.join(sorted(EXTENSIONS))} are there.")


def letters() -> Iterator[Finding]:
    """Whether texts are cut into words at quotation marks and dashes: where LC_CTYPE is C, whatever is not ASCII is a
    letter."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_tsvector('simple', '“a” –') = to_tsvector('simple', 'a')")
        (known,) = cursor.fetchone()
    if known:
        yield ok("letters", "The database knows which characters are letters.")
    else:
        yield warning(
            "letters",
            "The database takes “ and – for letters, for its LC_CTYPE is C: searches miss words beside them.",
            "Restore a backup into a new database: see *Letters* in OPERATING.md.",
        )


def rights() -> Iterator[Finding]:
    """Whoever may do more than is needed does more harm when something goes wrong."""
    key = Path(settings.DATA) / "secret_key"
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield failure("secret key", f"Others on this machine may read {key}.", f"chmod 600 {key}")
    if settings.DEBUG:
        yield warning(
            "DEBUG",
            "Error pages show the code and settings of the site.",
            "Take DEBUG out of the environment.",
        )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            (superuser,) = cursor.fetchone()
    except Error:
        return  # said already
    if superuser:
        yield warning(
            "database role",
            "The site is connected as a superuser, who may read the files of the server.",
            "Let an ordinary role own the database, and name it in DATABASE_URL.",
        )
    else:
        yield ok("database role", "The site is connected as an ordinary role.")


def failed_tasks(*, at: datetime) -> Iterator[Finding]:
    recent = DBTaskResult.objects.filter(
        status=TaskResultStatus.FAILED, finished_at__gte=at - timedelta(days=7)
    )
    names = sorted({path.rpartition(".")[2] for path in recent.values_list("task_path", flat=True)[:200]})
    if names:
        yield warning(
            "tasks",
            f"{recent.count()} have failed within a week: {', '.join(names)}.",
            "The worker's log says why. What they were to make is found missing below, where that is so.",
        )
    else:
        yield ok("tasks", "None has failed within a week.")
