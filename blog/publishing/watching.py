"""Asking again and again whether links still answer: a task that leaves the next behind, where CHECK_LINKS is on."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet

from blog.models import Post

from . import links
from .rules.known import outward

A_DAY = timedelta(days=1)  # after which all posts are looked through for addresses that are new or gone


@task(priority=-20)
def check_links(collected_at: str = "") -> int:
    """Asks a few of the addresses that posts link to, and leaves the rest to a task of its own kind a second later, so
    that no host is asked more often and nothing else waits long. Returns how many were asked; none where CHECK_LINKS is
    off. `collected_at` is when all posts were last looked through (ISO 8601)."""
    if not settings.CHECK_LINKS:
        return 0
    at = timezone.now()
    seen = datetime.fromisoformat(collected_at) if collected_at else None
    if seen is None or at - seen >= A_DAY:
        links.forget()
        links.collect(at=at)
        seen = at
    asked = links.check_round(at=at)
    now = timezone.now()  # a round takes seconds where a host is slow
    if not _waiting().exists():
        again = now + timedelta(seconds=1) if asked else links.next_due(at=now)
        check_links.using(run_after=again).enqueue(collected_at=seen.isoformat())
    return len(asked)


@task(priority=-10)
def note_links(post_id: int) -> int:
    """Notes the addresses of a post that has come out, and has them asked for soon. Returns how many were new."""
    at = timezone.now()
    new = links.collect(at=at, post_id=post_id)
    if new and not _waiting().update(run_after=at):
        check_links.enqueue()
    return new


def begin() -> None:
    """Has the asking begin, unless it is under way: for a worker that starts."""
    if settings.CHECK_LINKS and not _waiting().exists():
        check_links.enqueue()


def _waiting() -> DBTaskResultQuerySet:
    return DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=check_links.module_path)


def watch_links(post: Post) -> None:
    """Sees to it that the links of a post that has been published are asked for, and that asking goes on."""
    if (
        settings.CHECK_LINKS
        and post.status == Post.Status.PUBLISHED
        and any(map(outward, post.facts.get("links", [])))
    ):
        transaction.on_commit(lambda: note_links.enqueue(post.pk))
