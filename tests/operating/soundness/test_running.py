"""Each test takes away what a check is named for."""

import shutil
import time
from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from blog.models import Post, backups
from blog.operating.soundness import State, readiness, running
from blog.publishing import audit, contents, editing
from blog.publishing.tasks import tidy_listings
from tests import make

pytestmark = pytest.mark.django_db


def states():
    return {one.name: one.state for one in readiness()}


def only(found):
    (finding,) = found
    return finding


def test_it_finds_a_whole_site_ready():
    assert set(states()) == {
        "database",
        "migrations",
        "worker",
        "appointments",
        "clock",
        "disk",
        "files",
        "clock jump",
    }
    assert states()["database"] == states()["migrations"] == states()["files"] == State.OK


def test_it_says_which_migration_is_missing():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'blog' AND name = '0004_levels'")
    finding = only(running.migrations())
    assert finding.state == State.FAILURE
    assert "blog.0004_levels" in finding.words and "manage.py migrate" in finding.mend


def test_it_says_that_the_database_is_empty_and_of_its_tables_nothing_else():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO elsewhere")
    found = {one.name: one for one in readiness()}
    assert "manage.py migrate" in found["migrations"].mend and "worker" not in found


def test_it_lives_with_a_schema_that_is_newer_than_the_code():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('blog', '9999_next', now())"
        )
    finding = only(running.migrations())
    assert (finding.state, "9999_next" in finding.words) == (State.WARNING, True)


def test_it_finds_the_worker_away_by_what_waits_for_it():
    tidy_listings.enqueue()
    assert only(running.worker()).state == State.OK
    DBTaskResult.objects.update(enqueued_at=timezone.now() - running.LATE - timedelta(seconds=1))
    assert only(running.worker()).state == State.FAILURE


def test_it_finds_drafts_that_have_not_appeared_in_time():
    post = make.post("A queue")
    content = contents.head(post) | {"title": "Two queues"}
    editing.save(post, content, at=timezone.now(), by=None, on_top=True)
    Post.objects.filter(pk=post.pk).update(draft_at=timezone.now() + timedelta(hours=1))
    assert only(running.drafts_by_appointment()).state == State.OK
    Post.objects.filter(pk=post.pk).update(draft_at=timezone.now() - timedelta(minutes=1))
    assert only(running.drafts_by_appointment()).state == State.FAILURE


def test_it_expects_no_work_before_it_is_due():
    tidy_listings.using(run_after=timezone.now() + timedelta(hours=1)).enqueue()
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(hours=5))
    assert only(running.worker()).state == State.OK


def test_it_sees_that_the_database_takes_no_writes():
    with connection.cursor() as cursor:
        cursor.execute("SET transaction_read_only = on")
    finding = only(running.database())
    assert finding.state == State.WARNING and "read-only" in finding.words


@pytest.mark.parametrize(
    ("free", "state"), [(10**7, State.FAILURE), (5 * 10**8, State.WARNING), (10**10, State.OK)]
)
def test_it_sees_the_disk_fill_up(monkeypatch, free, state):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10**11, 10**11 - free, free))
    assert {one.state for one in running.disk()} == {state}


def test_it_names_the_folder_in_which_nothing_can_be_stored(settings, tmp_path):
    (tmp_path / "taken").write_text("a file, where a folder ought to be")
    settings.MEDIA_ROOT = tmp_path / "taken"
    found = [one for one in running.files() if one.state == State.FAILURE]
    assert len(found) == 1 and str(tmp_path / "taken") in found[0].words


def test_it_leaves_no_file_behind(settings):
    list(running.files())
    assert list(settings.MEDIA_ROOT.iterdir()) == []


def test_it_notices_that_the_clock_was_set(monkeypatch):
    monkeypatch.setattr(running, "STEADY", running._SteadyClock())
    assert only(running.steady_clock()).state == State.OK
    wall = time.time
    monkeypatch.setattr(time, "time", lambda: wall() - 3600)
    finding = only(running.steady_clock())
    assert finding.state == State.WARNING and "-3600 s" in finding.words


def test_it_misses_a_backup_only_where_one_is_expected(settings):
    assert list(running.backup()) == []
    settings.BACKUP_DAYS = 1.5
    assert only(running.backup()).state == State.FAILURE
    audit.record(backups.MADE, None, by=None, at=timezone.now() - timedelta(days=2))
    assert "2.0 days old" in only(running.backup()).words
    audit.record(backups.MADE, None, by=None, at=timezone.now() - timedelta(days=1))
    assert only(running.backup()).state == State.OK


def test_it_says_what_it_could_not_ask():
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {DBTaskResult._meta.db_table} RENAME TO gone")
    (finding,) = running._answered("worker", running.worker)
    assert finding.name == "worker" and finding.state == State.FAILURE and "did not say" in finding.words
