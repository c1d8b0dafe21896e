from datetime import timedelta

import pytest
from django.core.exceptions import BadRequest
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve

from blog.models import Address, Selection, Tag
from blog.pages.selecting import find_scopes, is_at, places_of, selection_of
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rows(now):
    make.category("storage/objects/buckets")
    make.category("networking")
    make.author("Ada Ferrant")
    for name in ("s3", "queues"):
        Tag.objects.create(name=name, slug=name)


def selected(url):
    request = RequestFactory().get(url)
    return selection_of(request, resolve(request.path_info).kwargs)


def test_it_reads_every_facet_from_path_or_query():
    everything = "category=storage/objects&level=300&tag=s3&author=ada-ferrant&year=2026&month=2"
    selection = selected(f"/?{everything}")
    assert selection == Selection(
        category=make.category("storage/objects"),
        tag=Tag.objects.get(slug="s3"),
        author=make.author(),
        level=make.level(300),
        year=2026,
        month=2,
    )
    assert selected(selection.url()) == selection
    assert selected("/archive/2026/02/?level=300") == Selection(level=make.level(300), year=2026, month=2)
    assert selected("/category/learning-levels/advanced-300/") == Selection(level=make.level(300))
    assert selected("/") == Selection()


@pytest.mark.parametrize(
    ("url", "queries"),
    [
        ("/", 0),
        ("/archive/2026/", 0),
        ("/category/storage/objects/", 1),
        ("/tag/s3/?author=ada-ferrant", 1),
        ("/category/storage/?tag=s3&author=ada-ferrant&year=2026", 1),
        ("/category/storage/?tag=s3&author=ada-ferrant&year=2026&level=300", 2),
    ],
)
def test_it_asks_once_for_all_scopes_and_once_for_the_level(url, queries, django_assert_num_queries):
    with django_assert_num_queries(queries):
        selection = selected(url)
        # What sentences say of them has come along.
        assert selection.url() and all(one.name for one in selection.scopes)


def test_it_brings_the_way_up_and_down_from_a_category_also_in_a_combination():
    for query in ("", "?tag=s3"):
        request = RequestFactory().get(f"/category/storage/objects/{query}")
        found = find_scopes(request, {"category": "storage/objects"})
        assert [one.path for one in found.above] == ["storage"]
        assert [one.path for one in found.below] == ["storage/objects/buckets"]


@pytest.mark.parametrize(
    "url",
    [
        "/?tag=nope", "/?tag=", "/?author=nope", "/?category=nope", "/?category=storage/", "/?level=150", "/?level=",
        "/?level=٣٠٠", "/?year=٢٠٢٦", "/?year=0", "/?year=99999", "/?year=-1", "/?year=", "/?year=2026&month=13",
        "/?year=2026&month=0", "/archive/0/", "/archive/99999/", "/archive/2026/13/", "/?year=" + "9" * 10_000,
        "/?tag=" + "x" * 10_000, "/?tag=%ff", "/?tag=../x", "/tag/s3/?author=nope",
    ],
)  # fmt: skip
def test_it_finds_nothing_where_nothing_is_called_so(url):
    with pytest.raises(Http404):
        selected(url)


@pytest.mark.parametrize(
    "url",
    [
        "/?month=2", "/?tag=s3&tag=queues", "/tag/s3/?tag=queues", "/category/storage/?category=networking",
        "/archive/2026/?year=2025", "/?level=100&level=200", "/category/learning-levels/advanced-300/?level=200",
    ],
)  # fmt: skip
def test_it_refuses_what_contradicts_itself(url):
    with pytest.raises(BadRequest):
        selected(url)


def test_it_takes_the_same_facet_said_twice_for_one():
    assert selected("/tag/s3/?tag=s3&tag=s3&year=2026&year=02026").url() == "/tag/s3/?year=2026"


def test_it_finds_what_had_another_name():
    Address.objects.create(path="/tag/simple-storage/", tag=Tag.objects.get(slug="s3"))
    Address.objects.create(path="/category/nets/", category=make.category("networking"))
    assert selected("/category/storage/?tag=simple-storage").url() == "/category/storage/?tag=s3"
    assert selected("/category/nets/?tag=s3").url() == "/category/networking/?tag=s3"


def test_it_knows_whether_a_request_came_to_the_one_address():
    def asks(url, canonical):
        return is_at(RequestFactory().get(url), canonical)

    assert asks("/tag/s3/?utm_source=x&level=300", "/tag/s3/?level=300")
    assert asks("/tag/日本/", "/tag/%E6%97%A5%E6%9C%AC/")
    assert not asks("/tag/s3/?author=x&level=300", "/tag/s3/?level=300&author=x")
    assert not asks("/tag/s3/?level=300&level=300", "/tag/s3/?level=300")
    assert not asks("/archive/2026/2/", "/archive/2026/02/")


@pytest.mark.parametrize("query", ["before=x", "before=", "after=%ff", "before=1-1&after=1-1"])
def test_it_refuses_places_that_no_page_has_given_out(query):
    with pytest.raises(BadRequest):
        places_of(RequestFactory().get(f"/?{query}"))


def test_it_reads_a_place(now):
    place = places_of(RequestFactory().get("/?before=1000000-7"))["before"]
    assert place and place.post_id == 7 and place.published_at < now - timedelta(days=1)
