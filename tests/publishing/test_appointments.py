"""Drafts that appear by appointment: with a real worker's thread and real connections."""

import logging
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from blog.models import Post, Revision
from blog.models.touch import key_of
from blog.publishing import appointments, contents, editing, workers
from tests import make


def draft_of(post, now, **changes):
    editing.save(post, contents.head(post) | changes, at=now, by=None, on_top=True)
    return Post.objects.get(pk=post.pk)


@pytest.fixture
def clock(transactional_db):
    """A worker's clock that runs until the test is over."""
    running = appointments.Clock(timezone.now)
    running.start()
    yield running
    running.stop()
    running.join(10)
    assert not running.is_alive()


def until(condition, *, most: float = 10.0) -> float:
    """Waits for it; returns the instant at which it was seen, in seconds since the epoch."""
    end = time.time() + most
    while time.time() < end:
        if condition():
            return time.time()
        time.sleep(0.002)
    raise AssertionError("It did not come to pass.")


@pytest.mark.django_db
def test_it_knows_the_next_appointment_and_those_that_were_missed(now):
    post = draft_of(make.post("A queue"), now, title="Two queues")
    assert (appointments.next_due(), appointments.late(now)) == (None, 0)
    editing.schedule_draft(post, now + timedelta(hours=1), by=None)
    assert appointments.next_due() == now + timedelta(hours=1)
    assert appointments.late(now + timedelta(hours=1, seconds=5)) == 0
    assert appointments.late(now + timedelta(hours=1, minutes=1)) == 1


def test_it_brings_a_draft_out_at_its_very_instant(clock):
    until(workers.alive)
    post = draft_of(make.post("A queue"), timezone.now(), title="Two queues")
    when = timezone.now() + timedelta(seconds=1.5)
    editing.schedule_draft(post, when, by=None)
    seen = until(lambda: Post.objects.get(pk=post.pk).title == "Two queues")
    # Never early; a busy machine may make it a little late.
    assert 0 <= seen - when.timestamp() < 1.0
    assert Post.objects.get(pk=post.pk).draft is None


def test_it_brings_out_what_was_missed_when_a_worker_starts(transactional_db):
    now = timezone.now()
    post = draft_of(make.post("A queue"), now, title="Two queues")
    Post.objects.filter(pk=post.pk).update(draft_at=now - timedelta(hours=1))
    running = appointments.Clock(timezone.now)
    running.start()
    until(lambda: Post.objects.get(pk=post.pk).title == "Two queues")
    running.stop()
    running.join(10)


def test_it_goes_on_after_its_connection_was_lost(clock, caplog):
    caplog.set_level(logging.ERROR)
    until(workers.alive)
    post = draft_of(make.post("A queue"), timezone.now(), title="Two queues")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid::bigint = %s",
            [workers.AT_WORK & 0xFFFFFFFF],
        )
    editing.schedule_draft(post, timezone.now() + timedelta(milliseconds=50), by=None)
    until(lambda: Post.objects.get(pk=post.pk).title == "Two queues")
    assert until(workers.alive)


@pytest.mark.django_db
class TestWithoutAWorker:
    def test_the_next_save_brings_a_due_draft_out_first(self, now):
        post = draft_of(make.post("A queue"), now, title="Two queues")
        opened = contents.head(post)
        when = now + timedelta(hours=1)
        editing.schedule_draft(post, when, by=None)
        later = when + timedelta(minutes=5)
        mine = opened | {"summary": opened["summary"] + " And more."}
        done = editing.save(post, mine, at=later, by=None, seen=post.version, on_top=True)
        stored = Post.objects.get(pk=post.pk)
        assert (stored.title, stored.draft_at) == ("Two queues", None)
        assert not stored.summary.endswith("And more.") and done.on_top
        assert contents.head(stored)["summary"].endswith("And more.")

    def test_what_is_not_due_stays_on_top(self, now):
        post = draft_of(make.post("A queue"), now, title="Two queues")
        editing.schedule_draft(post, now + timedelta(hours=1), by=None)
        editing.save(post, contents.head(post) | {"language": "de"}, at=now, by=None)
        stored = Post.objects.get(pk=post.pk)
        assert (stored.title, stored.draft_at) == ("A queue", now + timedelta(hours=1))


@pytest.mark.django_db
def test_those_that_are_due_at_once_appear_at_once(now):
    when, seen = now + timedelta(hours=1), []
    posts = [draft_of(make.post(f"Queue {n}", slug=f"queue-{n}"), now, title=f"New {n}") for n in range(3)]
    lacking = draft_of(make.post("Lacking", slug="lacking"), now, summary="")
    for post in (*posts, lacking):
        Post.objects.filter(pk=post.pk).update(draft_at=when)

    def hold() -> None:
        seen.append(set(Post.objects.filter(pk__in=[p.pk for p in posts]).values_list("title", flat=True)))

    assert editing.publish_due(at=when, hold=hold) == 3
    assert seen == [{"New 0", "New 1", "New 2"}]
    stayed = Post.objects.get(pk=lacking.pk)
    assert stayed.draft_id and stayed.draft_at is None
    assert Revision.objects.get(pk=stayed.draft_id).note.startswith("Not published in time: ")


def test_with_a_cdn_the_clock_has_it_told_of_a_commit(transactional_db, settings):
    settings.CDN, settings.CDN_OPTIONS = "varnish", {"url": "http://127.0.0.1:9", "token": ""}
    running = appointments.Clock(timezone.now)
    running.start()
    try:
        until(lambda: DBTaskResult.objects.filter(task_path__endswith="purging.purge").exists())
        make.post("Shown", slug="shown")

        def told():
            rows = DBTaskResult.objects.filter(task_path__endswith="purging.purge")
            return any(key_of("p", "shown") in row.args_kwargs["args"][0] for row in rows)

        until(told)
    finally:
        running.stop()
        running.join(10)
