"""All checks that an operator may ask for, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from . import files, left, machine, running, stored
from .finding import Finding, State


def examine(*, at: datetime, fix: bool = False) -> Iterator[Finding]:
    """Looks at everything; with `fix`, mends what can be made again from what is known. May be stopped and repeated.

    Nothing below is asked where the database does not answer or lacks tables: the first failure says so.
    """
    found = running.readiness()
    yield from found
    yield from machine.versions()
    yield from machine.rights()
    if any(one.state == State.FAILURE and one.name in {"database", "migrations"} for one in found):
        yield from left.closed(at=at, fix=fix)
        return
    yield from machine.extensions()
    yield from machine.letters()
    yield from machine.failed_tasks(at=at)
    for check in (stored.tree, stored.listing, stored.tally, stored.rendering, stored.search, stored.links):
        yield from check(at=at, fix=fix)
    for look in (files.missing, files.renditions, files.orphaned, left.beside, left.notes):
        yield from look(at=at, fix=fix)
