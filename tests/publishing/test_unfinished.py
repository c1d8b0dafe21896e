from datetime import timedelta

import pytest
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from blog.publishing import unfinished, workers
from blog.publishing.tasks import tidy_listings

pytestmark = pytest.mark.django_db


def begun(now, *names, ago=timedelta(minutes=1)):
    """A task that workers of these names were at, one after the other."""
    task = DBTaskResult.objects.get(pk=tidy_listings.enqueue().id)
    for name in names:
        task.claim(name)
    DBTaskResult.objects.filter(pk=task.pk).update(started_at=now - ago)
    return task


def status(task):
    task.refresh_from_db()
    return task.status


def test_what_a_dead_worker_was_at_is_done_by_another(now):
    task = begun(now, "dead")
    assert unfinished.take_up(at=now) == 1
    assert status(task) == TaskResultStatus.READY and task.started_at is None
    assert DBTaskResult.objects.ready().filter(pk=task.pk).exists()


def test_what_a_living_one_is_at_is_left_to_it(now, worker):
    worker.execute(workers.HOLD_NAME, ["alive"])
    task = begun(now, "dead", "alive")
    assert unfinished.take_up(at=now) == 0 and status(task) == TaskResultStatus.RUNNING


def test_who_has_just_begun_need_not_have_said_so(now):
    begun(now, "young", ago=timedelta(seconds=1))
    assert unfinished.take_up(at=now) == 0


def test_a_task_over_which_workers_die_is_given_up(now):
    task = begun(now, "one", "two", "three")
    assert unfinished.take_up(at=now) == 1
    assert status(task) == TaskResultStatus.FAILED and task.finished_at == now


def test_a_worker_whose_database_went_away_gives_back_what_is_its_own(now):
    mine, others = begun(now, "mine"), begun(now, "another")
    assert unfinished.release("mine", at=now) == 1
    assert (status(mine), status(others)) == (TaskResultStatus.READY, TaskResultStatus.RUNNING)


@pytest.mark.parametrize(
    ("state", "days", "kept"),
    [("SUCCESSFUL", 0.9, 1), ("SUCCESSFUL", 1.1, 0), ("FAILED", 29, 1), ("FAILED", 31, 0), ("READY", 99, 1)],
)
def test_it_forgets_what_is_long_done(now, state, days, kept):
    task = begun(now, "any")
    DBTaskResult.objects.exclude(pk=task.pk).delete()
    DBTaskResult.objects.update(status=state, finished_at=now - timedelta(days=days))
    assert unfinished.forget(at=now) == 1 - kept
    assert DBTaskResult.objects.count() == kept
