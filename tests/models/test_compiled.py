import time
from functools import partial
from queue import Queue
from threading import Thread

import pytest
from django.db import OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from psycopg.pq import TransactionStatus

from blog.models import Post, prepared
from blog.models.compiled import Compiled
from blog.models.direct import direct
from tests import make

pytestmark = pytest.mark.django_db


def named(*, slug, number):
    return Post.objects.filter(slug=slug, pk__gt=number).values_list("title").order_by("pk")


def limited(most, **given):
    return named(**given)[:most]


def test_it_builds_the_query_once_and_asks_it_for_any_values(monkeypatch):
    calls = []
    ask = Compiled(lambda **given: calls.append(given) or named(**given), slug="a slug", number=77_777)
    make.post("One", slug="one")
    make.post("Two", slug="two")
    assert ask.rows(slug="one", number=0) == [("One",)]
    assert ask.rows(slug="two", number=0) == [("Two",)]
    assert ask.rows(slug="two'; --", number=0) == []
    assert len(calls) == 1


def statements():
    """Of this connection: how often each was planned for its values, and how often it was not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT custom_plans, generic_plans FROM pg_prepared_statements")
        return cursor.fetchall()


@pytest.fixture
def fresh(settings):
    """A connection that keeps no statement yet, and may keep some."""
    settings.DATABASE_PREPARED = True
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    vars(connection.connection).pop(prepared.KEPT, None)


def test_it_has_the_server_plan_a_prepared_query_once_whatever_its_values(fresh):
    ask = Compiled(named, prepared=True, slug="a slug", number=77_777)
    make.post("One", slug="one")
    for number in (0, -1, -100_000, -(2**40)):
        assert ask.rows(slug="one", number=number) == [("One",)]
    assert ask.rows(slug="one", number=2**40) == []
    assert ask.rows(slug="two'; --", number=0) == []
    assert statements() == [(0, 6)]


def test_it_keeps_no_statement_of_other_queries(fresh):
    ask = Compiled(named, slug="a slug", number=77_777)
    for _ in range(10):
        ask.rows(slug="one", number=0)
        list(Post.objects.filter(slug="one"))
    assert statements() == []


@pytest.mark.parametrize("closes", {False, prepared.CLOSES})
def test_it_keeps_the_statements_that_were_asked_last(fresh, monkeypatch, closes):
    monkeypatch.setattr(prepared, "MOST", 3)
    monkeypatch.setattr(prepared, "CLOSES", closes)
    make.post("One", slug="one")
    asks = [
        Compiled(partial(limited, most), prepared=True, slug="a slug", number=77_777) for most in range(1, 9)
    ]
    for ask in (*asks, asks[0], asks[-1], asks[0]):
        assert ask.rows(slug="one", number=0) == [("One",)]
    # The first had to be planned again, the last had not.
    assert sorted(statements()) == [(0, 1), (0, 2), (0, 2)]


def test_it_prepares_nothing_where_the_operator_says_so(fresh, settings):
    settings.DATABASE_PREPARED = False
    make.post("One", slug="one")
    ask = Compiled(named, prepared=True, slug="a slug", number=77_777)
    assert [ask.rows(slug="one", number=0) for _ in range(3)] == [[("One",)]] * 3
    assert statements() == []


def test_it_shows_the_values_to_whoever_logs_queries(settings):
    settings.DATABASE_PREPARED = True
    ask = Compiled(named, prepared=True, slug="a slug", number=77_777)
    with CaptureQueriesContext(connection) as sent:
        ask.rows(slug="one", number=0)
    assert "'one'" in sent[0]["sql"]


def test_it_writes_what_is_no_value_into_the_text():
    make.post("100 % of it", slug="one")
    ask = Compiled(
        lambda slug: Post.objects.filter(slug=slug, title__contains="0 %").values_list("title"),
        prepared=True, slug="a slug",
    )  # fmt: skip
    assert ask.rows(slug="one") == [("100 % of it",)]
    with CaptureQueriesContext(connection):
        assert ask.rows(slug="one") == [("100 % of it",)]


@pytest.mark.django_db(transaction=True)
def test_it_asks_anew_once_a_column_has_another_length(settings):
    settings.DATABASE_PREPARED = True
    make.post("One", slug="one")
    ask = Compiled(
        lambda slug: Post.objects.filter(slug=slug).values_list("canonical_url"), prepared=True, slug="a slug"
    )
    assert ask.rows(slug="one") == [("",)]
    length = Post._meta.get_field("canonical_url").max_length
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE blog_post ALTER canonical_url TYPE varchar({length + 1})")
        try:
            assert ask.rows(slug="one") == [("",)]
        finally:
            cursor.execute(f"ALTER TABLE blog_post ALTER canonical_url TYPE varchar({length})")


@pytest.mark.django_db(transaction=True)
def test_it_asks_anew_once_the_server_has_forgotten_its_statements(fresh):
    ask = Compiled(named, prepared=True, slug="a slug", number=77_777)
    make.post("One", slug="one")
    assert ask.rows(slug="one", number=0) == [("One",)]
    with connection.cursor() as cursor:
        cursor.execute("DISCARD ALL")
    assert ask.rows(slug="one", number=0) == [("One",)]


@pytest.mark.django_db(transaction=True)
def test_it_leaves_the_beginning_of_a_transaction_to_others(fresh):
    ask = Compiled(named, prepared=True, slug="a slug", number=77_777)
    with transaction.atomic():
        ask.rows(slug="one", number=0)
        assert connection.connection.info.transaction_status == TransactionStatus.INTRANS
        make.post("One", slug="one")
        assert ask.rows(slug="one", number=0) == [("One",)]
        transaction.set_rollback(True)
    assert ask.rows(slug="one", number=0) == []


@pytest.mark.django_db(transaction=True)
def test_it_fails_as_any_query_does_where_the_server_ends_the_connection(fresh):
    ask = Compiled(named, prepared=True, slug="a slug", number=77_777)
    ask.rows(slug="one", number=0)
    other = direct()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    other.close()
    with pytest.raises(OperationalError):
        ask.rows(slug="one", number=0)
    connection.close()
    assert ask.rows(slug="one", number=0) == []


@pytest.mark.django_db(transaction=True)
def test_it_lets_other_threads_run_and_cancel_it_while_it_waits(fresh):
    """The query waits for a lock that this thread holds."""
    ask = Compiled(named, prepared=True, slug="a slug", number=77_777)
    asked: Queue = Queue()

    def wait():
        try:
            connection.ensure_connection()
            asked.put(connection.connection)
            ask.rows(slug="one", number=0)
        except OperationalError as error:
            asked.put(error)
        finally:
            connection.close()

    thread = Thread(target=wait)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE blog_post")
        thread.start()
        its = asked.get(timeout=20)
        until(lambda: its.pgconn.transaction_status == TransactionStatus.ACTIVE)
        # Not before it waits: a request to cancel that finds no query is lost.
        until(is_waited_for)
        its.cancel()
        thread.join(20)
    assert "canceling statement" in str(asked.get_nowait())


def is_waited_for():
    """Whether somebody waits for a lock of this connection."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0] > 0


def until(true):
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_it_shows_the_query_to_whoever_wraps_queries(fresh):
    ask = Compiled(named, prepared=True, slug="a slug", number=77_777)
    seen = []
    with connection.execute_wrapper(lambda execute, *asked: seen.append(asked[0]) or execute(*asked)):
        ask.rows(slug="one", number=0)
    assert len(seen) == 1


def test_it_asks_nothing_in_a_transaction_that_is_lost(fresh):
    ask = Compiled(named, prepared=True, slug="a slug", number=77_777)
    with transaction.atomic():
        ask.rows(slug="one", number=0)
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            ask.rows(slug="one", number=0)


def test_its_rows_are_read_one_by_one_and_compared_as_they_were_sent(fresh, monkeypatch):
    ask = Compiled(
        lambda number: Post.objects.filter(pk__gt=number).order_by("slug").values_list("slug", "published_at"),
        prepared=True, number=77_777,
    )  # fmt: skip
    posts = [make.post(slug, slug=slug) for slug in "abcd"]
    expected = [(post.slug, post.published_at) for post in posts]
    rows = ask.rows(number=0)
    assert (len(rows), rows[1], rows[-1]) == (4, expected[1], expected[-1])
    assert rows == expected
    assert rows[1:3][::-1] == expected[1:3][::-1]
    assert rows[1:3].cells(0, [0]) == (b"b",)
    assert rows.given == ask.rows(number=0).given
    assert rows[:3].given == rows.given[:6]
    Post.objects.filter(slug="b").update(slug="bb")
    assert rows.given != ask.rows(number=0).given
    with pytest.raises(IndexError):
        rows[4]


def test_it_refuses_a_query_that_ignores_a_value():
    ask = Compiled(lambda slug, number: named(slug=slug, number=1), slug="a slug", number=77_777)
    with pytest.raises(ValueError, match="number"):
        ask.rows(slug="one", number=0)
