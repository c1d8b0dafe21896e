"""Tasks that a worker was at when it was killed, and tasks that are long done. Without this the ones would wait for
ever, and the others fill the table, a few rows for each save."""

from __future__ import annotations

from datetime import datetime, timedelta

from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet

from . import workers

PATIENCE = timedelta(seconds=10)
"""A worker that has just begun has its first task before its lock."""
TRIES = 3
"""Workers that may die over a task; then it is given up, lest it end every worker there will be."""
KEPT = timedelta(days=1)
KEPT_FAILED = timedelta(days=30)
BATCH = 5_000
"""Rows that are deleted at once."""


def take_up(*, at: datetime) -> int:
    """Have what dead workers were at done by those that live. Returns how many tasks that were."""
    found = DBTaskResult.objects.running().filter(started_at__lt=at - PATIENCE)
    dead = [pk for pk, ids in found.values_list("pk", "worker_ids") if ids and not workers.is_alive(ids[-1])]
    return _release(DBTaskResult.objects.filter(pk__in=dead), at=at)


def release(worker: str, *, at: datetime) -> int:
    """The same of a worker that lives and is at nothing any more: the database went away under its task."""
    return _release(DBTaskResult.objects.filter(worker_ids__contains=[worker]), at=at)


def _release(tasks: DBTaskResultQuerySet, *, at: datetime) -> int:
    running = tasks.running()
    given_up = running.filter(**{f"worker_ids__{TRIES - 1}__isnull": False})
    failed = given_up.update(status=TaskResultStatus.FAILED, finished_at=at)
    return failed + running.update(status=TaskResultStatus.READY, started_at=None)


def forget(*, at: datetime) -> int:
    """Delete tasks that were done a day ago, or failed a month ago; some thousand at a time. Returns how many."""
    done = {TaskResultStatus.SUCCESSFUL: KEPT, TaskResultStatus.FAILED: KEPT_FAILED}
    gone = 0
    for status, kept in done.items():
        old = DBTaskResult.objects.filter(status=status, finished_at__lt=at - kept)
        gone += DBTaskResult.objects.filter(pk__in=old.values("pk")[:BATCH]).delete()[0]
    return gone
