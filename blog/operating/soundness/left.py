"""What was begun and not ended: databases beside the site's whose command was killed, notes that nobody collects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import Error

from blog.models import Touch, servers
from blog.models import direct as databases
from blog.models.move import Move
from blog.publishing import purging, stamp

from .finding import Finding, mended, ok, warning

MANY = 10_000
"""Rows of a table that a worker empties, beyond which none does. The busiest minute brings some hundreds."""
FIX = "manage.py doctor --fix does that."


def closed(*, at: datetime, fix: bool) -> Iterator[Finding]:
    """Nothing to find unless `restore` was killed in the moment in which it exchanged two databases."""
    name = databases.name()
    try:
        with servers.standing(databases.direct(servers.MAINTENANCE)) as server:
            shut = servers.ask(
                server,
                "SELECT NOT datallowconn FROM pg_database WHERE datname = %s AND datname <> 'template0'",
                [name],
            )
    except (Error, servers.CannotWork):
        return  # the server itself is away; said already
    if shut and fix:
        servers.tell("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
        yield mended("database", f"{name} accepts connections again. Look at the rest once more.")
    elif shut:
        yield warning(
            "database", f"{name} was told to accept no connection, and never told the contrary.", FIX
        )


def beside(*, at: datetime, fix: bool) -> Iterator[Finding]:
    """Databases that `restore`, `verify-backup` and `migrate --rehearse` made and did not drop."""
    try:
        left, former = servers.abandoned(databases.name()), servers.former(databases.name())
    except (Error, servers.CannotWork) as error:
        yield warning(
            "databases beside",
            f"They can't be looked at: {str(error).strip()}",
            "Backups can't be verified either.",
        )
        return
    if fix:
        for name in left:
            servers.drop(name)
    if left and fix:
        yield mended("databases beside", f"{len(left)} that a killed command had left are dropped.")
    elif left:
        yield warning("databases beside", f"{len(left)} were left by a killed command, as {left[0]}.", FIX)
    for name in former:
        yield warning(
            "databases beside",
            f"{name} is what the site was before it was restored.",
            f'Once nobody needs it any more: DROP DATABASE "{name}".',
        )
    if not left and not former:
        yield ok("databases beside", "None is left over.")


def notes(*, at: datetime, fix: bool) -> Iterator[Finding]:
    """Rows that triggers append to, for a worker to take away."""
    changes = [
        model._meta.db_table for model in (Touch, Move) if model.objects.all()[: MANY + 1].count() > MANY
    ]
    if not changes:
        yield ok("notes", "What triggers note is collected.")
    elif not fix:
        yield warning(
            "notes",
            f"More than {MANY:,} rows wait in {' and '.join(changes)}: no worker collects them.",
            f"Start manage.py db_worker, with CDN as the web processes have it. {FIX}",
        )
    else:
        stamp.compact()
        if settings.CDN:
            purging.look(at=at)
        else:
            purging.stop()
        yield mended("notes", f"{' and '.join(changes)} are collected.")
