"""In a process that answers requests nobody waits long for a connection."""

import pytest
from django.db import connection
from psycopg import OperationalError
from psycopg_pool import ConnectionPool

from config.patience import CONNECT, WAIT, be_impatient
from config.postgresql.base import look


@pytest.fixture
def open_one(transactional_db):
    """A connection of psycopg's own."""
    made = connection.copy()
    made.connect()
    yield made.connection
    made.close()


def test_it_changes_what_a_pool_waits_for():
    told = {"OPTIONS": {"pool": {"timeout": 10}}}
    be_impatient(told)
    assert told == {"PATIENT": False, "OPTIONS": {"pool": {"timeout": WAIT}, "connect_timeout": CONNECT}}


def test_a_live_connection_is_not_asked(open_one, monkeypatch):
    monkeypatch.setattr(ConnectionPool, "check_connection", lambda one: pytest.fail("asked"))
    look(open_one)


def test_a_connection_that_the_server_has_closed_is_not_given_out(open_one):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s), pg_sleep(0.2)", [open_one.info.backend_pid])
    with pytest.raises(OperationalError):
        look(open_one)
