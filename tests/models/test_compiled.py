from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Post
from blog.models.compiled import Compiled
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
        cursor.connection.prepare_threshold = 0
        cursor.cursor.execute("DEALLOCATE ALL", prepare=False)
        cursor.connection.prepare_threshold = None


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


def test_it_keeps_a_bounded_number_of_statements(fresh):
    with connection.cursor() as cursor:
        cursor.connection.prepared_max, former = 3, cursor.connection.prepared_max
    try:
        for most in range(1, 9):
            ask = Compiled(partial(limited, most), prepared=True, slug="a slug", number=77_777)
            ask.rows(slug="one", number=0)
        assert len(statements()) <= 4
    finally:
        with connection.cursor() as cursor:
            cursor.connection.prepared_max = former


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


def test_it_refuses_a_query_that_ignores_a_value():
    ask = Compiled(lambda slug, number: named(slug=slug, number=1), slug="a slug", number=77_777)
    with pytest.raises(ValueError, match="number"):
        ask.rows(slug="one", number=0)
