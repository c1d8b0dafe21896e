import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from blog.management.commands.db_worker import Patient
from blog.publishing import unfinished, workers
from blog.publishing.tasks import tidy_listings
from tests.config.servers import ROOT, wait_until
from tests.pages.cache.processes import database_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def running(tmp_path):
    """A worker in a process of its own, on the test's database, and the file that it writes to."""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url()}
    words = [sys.executable, "manage.py", "db_worker", "--no-startup-delay", "--interval", "0.1"]
    said = tmp_path / "said"
    with said.open("w") as out:
        process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=out)
    yield process, said
    process.kill()
    process.wait()


def test_what_a_run_that_ends_by_itself_is_at_is_not_done_twice(monkeypatch):
    seen, run_task = [], Patient.run_task

    def look(worker, task):
        DBTaskResult.objects.filter(pk=task.pk).update(started_at=timezone.now() - timedelta(minutes=1))
        seen.append(
            (unfinished.take_up(at=timezone.now()), workers.is_alive(worker.worker_id), workers.alive())
        )
        return run_task(worker, task)

    monkeypatch.setattr(Patient, "run_task", look)
    task = tidy_listings.enqueue()
    call_command("db_worker", batch=True, startup_delay=False, worker_id="batch")
    assert seen == [(0, True, False)] and is_done(task)
    assert not workers.is_alive("batch")


def only_read(yes):
    """Have everybody else connect anew, to a database that only reads, or no longer so."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        what = "SET default_transaction_read_only = on" if yes else "RESET default_transaction_read_only"
        cursor.execute(f"ALTER DATABASE {name} {what}")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def is_done(task):
    return DBTaskResult.objects.successful().filter(pk=task.id).exists()


def test_it_waits_while_the_database_is_away_and_then_goes_on(running):
    process, said = running
    first = tidy_listings.enqueue()
    wait_until(lambda: is_done(first) and workers.alive(), 60, "it works")
    only_read(True)
    try:
        wait_until(lambda: "the worker waits" in said.read_text(), 60, "it has noticed")
    finally:
        only_read(False)
    task = tidy_listings.enqueue()
    wait_until(lambda: is_done(task) and workers.alive(), 60, "it works again")
    assert process.poll() is None
    assert said.read_text().count("the worker waits") == 1 and "Traceback" not in said.read_text()
