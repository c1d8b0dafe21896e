import threading
import time

import psycopg
import pytest
from django.utils import timezone

from blog.models import Category
from blog.pages.cache import watch
from blog.pages.cache.freshness import Freshness
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listening(monkeypatch):
    """A connection that listens, and would ask by itself only in a minute."""
    monkeypatch.setattr(watch, "PAUSE", 60.0)
    connection, heard = watch.connect(), threading.Event()
    connection.add_notify_handler(lambda _: heard.set())
    connection.execute(f"LISTEN {watch.CHANNEL}")
    yield connection, heard
    connection.close()


def test_it_hears_of_a_commit_without_asking(listening):
    began = time.monotonic()
    make.category("storage")
    watch.wait(*listening)
    assert time.monotonic() - began < 30


def test_it_does_not_miss_what_came_while_it_was_asking(listening):
    connection, heard = listening
    make.category("storage")
    connection.execute("SELECT 1")
    assert heard.is_set()
    began = time.monotonic()
    watch.wait(connection, heard)
    assert time.monotonic() - began < 30 and not heard.is_set()


def test_it_asks_by_itself_after_a_while(listening, monkeypatch):
    monkeypatch.setattr(watch, "PAUSE", 0.05)
    watch.wait(*listening)


def test_it_says_when_the_connection_is_lost(listening):
    connection, heard = listening
    pid = connection.info.backend_pid
    with watch.connect() as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(psycopg.OperationalError):
        for _ in range(3):  # first it hears why
            watch.wait(connection, heard)


def test_it_tells_what_it_has_learned_and_begins_again_after_a_loss():
    one = watch.Watch(Freshness())
    one.begin()
    one.begin()
    assert sum(thread.name == "page-cache-watch" for thread in threading.enumerate()) >= 1
    era = one.freshness.present(at=timezone.now(), patience=20)
    assert era is not None and one.works
    Category.objects.create(name="Storage", slug="storage")
    until = time.monotonic() + 20
    while one.freshness.era is era:
        assert time.monotonic() < until
        time.sleep(0.01)
    with watch.connect() as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%%blog_move%%'"
            " AND pid <> pg_backend_pid() AND datname = current_database()"
        )
    era = one.freshness.era
    Category.objects.update(name="Stores")
    while one.freshness.era is era:
        assert time.monotonic() < until + 20
        time.sleep(0.01)
    one.end()
