import pytest
from django.db import connection

from blog.admin import searching
from blog.models import Post
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def posts(module_rows):
    for title in ("Queues that shed load", "Queues that wait", "A lake of data", "Or is it a lake"):
        make.post(title)


def found(term):
    return {post.title for post in searching.find(Post.objects.all(), term)}


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("queue", {"Queues that shed load", "Queues that wait"}),
        ("queues sh", {"Queues that shed load"}),
        ("  Queues\tWAIT ", {"Queues that wait"}),
        ('"shed load"', {"Queues that shed load"}),
        ("queues -load", {"Queues that shed load", "Queues that wait"}),
        ("wait or lake", {"Queues that wait", "A lake of data", "Or is it a lake"}),
        ("a-lake-of", {"A lake of data", "Or is it a lake"}),
        ("queues-that-w", {"Queues that wait"}),
        ("zebra", set()),
        ("'", set()),
    ],
)
def test_it_finds_words_phrases_and_the_beginnings_of_words_and_slugs(posts, term, expected):
    assert found(term) == expected


def test_without_a_word_there_is_nothing_to_leave_out(posts):
    assert len(found("  ")) == 4


NEWEST = ("-created_at", "-id")


def newest(term):
    return searching.find(Post.objects.order_by(*NEWEST), term)


def test_few_are_asked_of_the_index_of_words_and_sorted(posts):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE blog_post")
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = newest("queues")[:50].explain()
    assert "post_search" in plan and "Sort" in plan and "post_newest" not in plan


def test_they_are_in_the_order_of_the_list(posts):
    assert list(newest("queues")) == [*Post.objects.order_by(*NEWEST).filter(title__startswith="Queues")]


def test_very_many_are_met_by_going_back_from_the_newest(posts, monkeypatch):
    monkeypatch.setattr(searching, "SPARSE", 0)
    assert newest("queues").query.order_by == NEWEST


def test_an_order_that_was_asked_for_stays(posts):
    assert searching.find(Post.objects.order_by("title"), "queues").query.order_by == ("title",)


def test_it_takes_two_queries_before(posts, django_assert_num_queries):
    with django_assert_num_queries(2):
        newest("queues")
