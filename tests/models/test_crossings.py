from datetime import timedelta

import pytest

from blog.models import Post
from blog.models.crossings import read_crossings, referring
from blog.publishing import workflow
from tests import make

pytestmark = pytest.mark.django_db

BODY = "![](figure:one)\n\n![](figure:two)\n"


@pytest.fixture
def target(db):
    for key in ("one", "two"):
        make.figure(key)
    return make.post(title="The <read> path", slug="read-path", body=BODY)


def test_it_knows_the_title_the_address_and_the_number(target, now, django_assert_num_queries):
    pairs = [["read-path", "two"], ["read-path", ""], ["read-path", "gone"], ["nowhere", ""]]
    with django_assert_num_queries(1):
        found = read_crossings(pairs, now)
    assert {pair: (one.url, one.number) for pair, one in found.items()} == {
        ("read-path", "two"): ("/posts/read-path/#fig-two", 2),
        ("read-path", ""): ("/posts/read-path/", 0),
        ("read-path", "gone"): ("/posts/read-path/", 0),
    }


def test_it_asks_nothing_for_a_text_without_references(django_assert_num_queries, now):
    with django_assert_num_queries(0):
        assert read_crossings([], now) == {}


def test_it_reads_the_number_as_it_is_now(target, now):
    target.body = "![](figure:two)\n"
    workflow.save(target, at=now)
    assert read_crossings([("read-path", "two")], now)["read-path", "two"].number == 1


@pytest.mark.parametrize("slug", ["read-path", "größe"])
def test_it_finds_a_post_by_a_former_slug(target, now, slug):
    target.slug = slug
    workflow.save(target, at=now)
    for new in ("second", "drítt"):
        target.slug = new
        workflow.save(target, at=now)
    found = read_crossings([(slug, "one"), ("second", "")], now)
    assert found[slug, "one"].url == "/posts/dr%C3%ADtt/#fig-one"
    assert found["second", ""].url == "/posts/dr%C3%ADtt/"


def test_a_present_slug_comes_before_a_former_one(target, now):
    target.slug = "moved"
    workflow.save(target, at=now)
    make.post(title="The new owner", slug="read-path")
    assert read_crossings([("read-path", "")], now)["read-path", ""].title == "The new owner"


def test_it_tells_nothing_of_a_post_before_the_second_and_all_from_it_on(now):
    make.post(slug="soon", title="Hidden", at=now, expires_at=now + timedelta(hours=1))
    second = timedelta(seconds=1)
    assert not read_crossings([("soon", "")], now - second)
    assert read_crossings([("soon", "")], now)
    assert not read_crossings([("soon", "")], now + timedelta(hours=1))


@pytest.mark.parametrize("status", ["draft", "review", "withdrawn"])
def test_it_tells_nothing_of_a_post_in_any_other_state(target, now, status):
    Post.objects.filter(pk=target.pk).update(status=status)
    assert not read_crossings([("read-path", "one")], now)


def test_its_words_are_escaped_and_name_the_language_of_the_title(target, now):
    crossings = read_crossings([("read-path", "two"), ("read-path", "")], now)
    refer = referring(crossings, language="en", site="https://blog.example")
    assert refer("read-path", "two") == (
        "https://blog.example/posts/read-path/#fig-two",
        "Figure 2 of “The &lt;read&gt; path”",
    )
    assert referring(crossings, language="de")("read-path", "")[1] == (
        '<bdi lang="en">The &lt;read&gt; path</bdi>'
    )
    assert refer("secret", "") == ("", "a post that is not public")


def test_a_page_costs_no_more_queries_with_references(client, target, django_assert_max_num_queries):
    make.post(slug="secret", title="Not for readers", status="draft")
    make.post(
        slug="here", body="See [](post:read-path#fig-two), [](post:secret) and [*it*](post:read-path).\n"
    )
    with django_assert_max_num_queries(6):
        html = client.get("/posts/here/").content.decode()
    assert (
        '<a class="post-ref" href="/posts/read-path/#fig-two">Figure 2 of “The &lt;read&gt; path”</a>' in html
    )
    assert '<a class="post-ref" href="/posts/read-path/"><em>it</em></a>' in html
    assert "secret" not in html
    assert "Not for readers" not in html
