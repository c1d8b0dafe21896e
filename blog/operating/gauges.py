"""Numbers that are read when somebody asks for them: of the database, once, however many processes there are."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import Error
from django.db.models import Count
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from blog.models import Post, backups

from .readiness import WATCH
from .soundness import State
from .soundness.running import oldest_due

Gauge = tuple[str, str, list[str], list[tuple[list[str], float]]]
"""Name, what it says, the names of its labels, and for each set of their values the number."""


def read() -> Iterator[Gauge]:
    """While the database is away, only what is known without it."""
    found = {one.name: float(one.state != State.FAILURE) for one in WATCH.ask()}
    yield (
        "check",
        "1 where the check of /readyz is content.",
        ["name"],
        [([name], ok) for name, ok in found.items()],
    )
    if not found.get("database", 0.0):
        return
    try:
        rows = [*_of_tasks(), *_of_drafts(), *_of_backups()]
    except Error:
        return  # it went away in between
    yield from rows


def _of_tasks() -> Iterator[Gauge]:
    now = timezone.now()
    by_status = DBTaskResult.objects.values_list("status").annotate(Count("pk")).order_by("status")
    counted = [([str(status).lower()], float(n)) for status, n in by_status]
    yield "tasks", "Tasks of the queue, by their status.", ["status"], counted
    oldest, _ = oldest_due()
    waited = (now - oldest).total_seconds() if oldest else 0.0
    yield (
        "task_wait_seconds",
        "How long the oldest task that is due has waited.",
        [],
        [([], max(0.0, waited))],
    )


def _of_backups() -> Iterator[Gauge]:
    made = backups.newest()
    if made:
        age = (timezone.now() - made).total_seconds()
        yield "backup_age_seconds", "How old the newest backup is.", [], [([], age)]


def _of_drafts() -> Iterator[Gauge]:
    """Posts' own dates need nobody; drafts on top of live posts wait for the worker."""
    now = timezone.now()
    first = (
        Post.objects.filter(draft_at__lte=now).order_by("draft_at").values_list("draft_at", flat=True).first()
    )
    late = (now - first).total_seconds() if first else 0.0
    yield (
        "publish_delay_seconds",
        "How late the draft is that should have appeared first.",
        [],
        [([], max(0.0, late))],
    )
