import time

import psycopg
import pytest

from blog.publishing import workers


@pytest.mark.django_db
def test_nobody_is_at_work_where_nobody_says_so():
    assert not workers.alive()


@pytest.mark.django_db
def test_a_worker_is_there_for_as_long_as_it_is_connected(worker):
    assert workers.alive()
    worker.close()
    end = time.monotonic() + 10  # PostgreSQL notices in its own time
    while workers.alive() and time.monotonic() < end:
        pass
    assert not workers.alive()


@pytest.mark.django_db
def test_one_that_works_on_another_database_does_not_count(worker):
    elsewhere = psycopg.connect(
        worker.info.dsn, dbname="postgres", password=worker.info.password, autocommit=True
    )
    elsewhere.execute(workers.HOLD, [workers.AT_WORK])
    worker.execute("SELECT pg_advisory_unlock_all()")
    assert not workers.alive()
    elsewhere.close()
