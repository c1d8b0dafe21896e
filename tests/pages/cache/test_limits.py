"""Waiting for PostgreSQL ends in time: a real server, real queries."""

import threading
import time

import psycopg
import pytest

from blog.pages.cache import watch
from blog.pages.cache.limits import Limits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection():
    made = watch.connect()
    yield made
    made.close()


def sleeping(limits, connection, seconds, **more):
    """How long it takes to sleep for so long on the server, or to be told that one may not."""
    began = time.monotonic()
    try:
        with limits.kept(connection=lambda: connection, **more) as waiting:
            connection.execute("SELECT pg_sleep(%s)", [seconds])
    except psycopg.Error:
        assert waiting.broken
    return time.monotonic() - began, waiting.broken


def test_a_query_that_takes_too_long_is_cancelled_on_the_server(connection):
    took, broken = sleeping(Limits(lambda: False), connection, 30, patience=0.2)
    assert broken and took < 10
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_connection_that_heeds_nothing_is_cut(connection):
    limits = Limits(lambda: False)
    connection.cancel_safe = lambda timeout: None
    pid = connection.info.backend_pid
    took, broken = sleeping(limits, connection, 30, patience=0.2)
    assert broken and took < 10
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    with watch.connect() as other:  # it would sleep on
        other.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_what_is_done_in_time_is_left_alone(connection):
    limits = Limits(lambda: False)
    assert not sleeping(limits, connection, 0)[1]
    assert not limits.waiting


def test_a_page_is_not_lost_for_what_it_computes_itself(connection):
    with Limits(lambda: False).kept(connection=lambda: connection, patience=0.1) as waiting:
        for _ in range(3):
            connection.execute("SELECT 1")
            time.sleep(0.2)
    assert not waiting.broken and connection.execute("SELECT 1").fetchone() == (1,)


def test_what_computed_for_long_and_then_waits_is_cancelled(connection):
    limits = Limits(lambda: False)
    with limits.kept(connection=lambda: connection, patience=0.1) as waiting:
        time.sleep(0.3)
        with pytest.raises(psycopg.Error):
            connection.execute("SELECT pg_sleep(30)")
    assert waiting.broken


def test_an_editors_long_work_goes_on_while_the_database_answers(connection):
    assert not sleeping(Limits(lambda: False), connection, 0.6, firm=False, patience=0.1)[1]


def test_an_editors_work_ends_too_when_the_database_answers_nobody(connection):
    took, broken = sleeping(Limits(lambda: True), connection, 30, firm=False, patience=0.1)
    assert broken and took < 10


def test_one_thread_looks_after_all():
    limits = Limits(lambda: False)
    before = threading.active_count()
    for _ in range(20):
        with limits.kept(connection=lambda: None):
            pass
    assert threading.active_count() <= before + 1
