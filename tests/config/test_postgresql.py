import pytest
from django.db import connection, connections
from psycopg import OperationalError
from psycopg_pool import ConnectionPool

from blog.models.direct import direct
from config.postgresql.base import ASKED_EVERY, DatabaseWrapper, check

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch):
    """The connections whose server was really asked."""
    found, ask = [], ConnectionPool.check_connection
    monkeypatch.setattr(
        ConnectionPool, "check_connection", staticmethod(lambda one: found.append(one) or ask(one))
    )
    return found


@pytest.fixture
def one():
    """A connection of its own."""
    wrapper = direct()
    wrapper.ensure_connection()
    yield wrapper.connection
    wrapper.close()


@pytest.fixture
def pooled():
    """The site's database through a pool of one."""
    known = connections["default"].settings_dict
    told = {
        **known,
        "OPTIONS": {**known["OPTIONS"], "pool": {"min_size": 1, "max_size": 1}},
        "CONN_MAX_AGE": 0,
    }
    wrapper = type(connections["default"])(told, alias="default")
    wrapper._connection_pools = {}
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def end(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_it_trusts_a_connection_that_was_just_used(one, asked):
    for _ in range(3):
        check(one)
    assert asked == [one]


def test_it_asks_a_connection_that_has_lain_idle(one, asked):
    check(one)
    vars(one)["used_at"] -= ASKED_EVERY
    check(one)
    assert len(asked) == 2


def test_it_finds_a_connection_that_the_server_has_just_ended(one, asked):
    check(one)
    end(one.info.backend_pid)
    with pytest.raises(OperationalError):
        check(one)


def test_its_pool_gives_another_connection_for_one_that_has_ended(pooled, asked):
    assert isinstance(pooled, DatabaseWrapper)
    for _ in range(3):
        with pooled.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        pooled.close()
    assert len(asked) == 1
    end(pid)
    with pooled.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != pid
