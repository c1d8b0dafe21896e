"""In a process that answers requests nobody waits long for a connection."""

import copy
import time

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from psycopg_pool import ConnectionPool

from blog.pages.away import LOCKED
from config.patience import CONNECT, LOCK, WAIT, be_impatient
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
    options = {"pool": {"timeout": WAIT}, "connect_timeout": CONNECT, "options": f"-c lock_timeout={LOCK}"}
    assert told == {"PATIENT": False, "OPTIONS": options}


def test_behind_a_pooler_it_is_each_transaction_that_says_how_long_it_waits():
    told = {"OPTIONS": {}}
    be_impatient(told, pooler=True)
    assert told == {"PATIENT": False, "LOCK_TIMEOUT": LOCK, "OPTIONS": {"connect_timeout": CONNECT}}


@pytest.fixture(params=[False, True], ids=["session", "pooler"])
def impatient(request, transactional_db):
    """A connection of Django's as a process that answers requests has it."""
    made = connection.copy()
    made.settings_dict = copy.deepcopy(made.settings_dict)
    made.settings_dict["OPTIONS"].pop("pool", None)
    be_impatient(made.settings_dict, pooler=request.param)
    yield made
    made.close()


def test_it_does_not_wait_long_for_what_another_has_locked(impatient):
    with transaction.atomic(), connection.cursor() as other:
        other.execute("LOCK TABLE blog_learninglevel IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        with pytest.raises(OperationalError) as refused, impatient.cursor() as cursor:
            impatient.set_autocommit(False)
            cursor.execute("SELECT FROM blog_learninglevel")
        assert refused.value.__cause__.sqlstate == LOCKED
        assert LOCK / 1_000 <= time.monotonic() - began < LOCK / 1_000 + 5


def test_it_may_compute_for_longer_than_it_may_wait(impatient):
    with impatient.cursor() as cursor:
        impatient.set_autocommit(False)
        cursor.execute("SELECT pg_sleep(%s)", [LOCK / 1_000 + 0.2])


def test_what_a_transaction_was_told_ends_with_it(impatient):
    with impatient.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (before,) = cursor.fetchone()
        impatient.set_autocommit(False)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == (f"{LOCK}ms",)
        impatient.rollback()
        impatient.set_autocommit(True)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == (before,)


def test_a_live_connection_is_not_asked(open_one, monkeypatch):
    monkeypatch.setattr(ConnectionPool, "check_connection", lambda one: pytest.fail("asked"))
    look(open_one)


def test_a_connection_that_the_server_has_closed_is_not_given_out(open_one):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s), pg_sleep(0.2)", [open_one.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        look(open_one)
