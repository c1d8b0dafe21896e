import os
import subprocess
import sys

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from blog.publishing import workers
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
