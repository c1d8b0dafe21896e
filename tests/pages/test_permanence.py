"""Every address that something public has had keeps answering, whatever it is called now."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve
from django.utils import timezone

from blog.models import Address, Series, Tag
from blog.pages.middleware import moved_to
from blog.publishing import addresses, categories, workflow
from tests import make

pytestmark = pytest.mark.django_db

FEEDS = ("feed/", "feed/atom/", "feed/json/")


def keep(thing):
    addresses.save_keeping_address(thing)


def save_post(post):
    workflow.save(post, at=timezone.now())


@pytest.fixture
def edition():
    """One of each kind, each with a live post, by kind; how it is saved; and whether it has feeds."""
    series = Series.objects.create(title="Layers", slug="layers")
    category = make.category("storage/blocks")
    post = make.post(
        slug="xqzja", categories=[make.category("storage/blocks/disks")], tags=["s3"], series=[(series, 1)]
    )
    path = make.path("Ground up", "ground-up", steps=[(post, "")])
    return {
        "post": (post, save_post, False),
        "category": (category, categories.save, True),
        "level": (make.level(), keep, True),
        "tag": (Tag.objects.get(), keep, True),
        "author": (make.author(), keep, True),
        "series": (series, keep, True),
        "learning-path": (path, keep, True),
    }


def served(url: str) -> bool:
    """Whether the site has such a door; a category's path could be anything, so it is asked for by name."""
    try:
        name = resolve(unquote(url)).url_name or ""
    except Resolver404:
        return False
    return "feed" in name or not url.endswith(FEEDS)


def below(url: str, feeds: bool) -> list[str]:
    """The addresses that move along with this one."""
    found = [url, f"{url.removesuffix('/')}.md", *(f"{url}{feed}" for feed in FEEDS if feeds)]
    return [one for one in found if served(one)]


@pytest.mark.parametrize("kind", ["post", "category", "level", "tag", "author", "series", "learning-path"])
def test_it_leads_from_all_former_addresses_of_anything_in_one_hop(client, edition, kind):
    thing, save, feeds = edition[kind]
    former = []
    for name in ("second", "third", "fourth"):
        former.append(thing.get_absolute_url())
        thing.slug = name
        save(thing)
    now = thing.get_absolute_url()
    assert len({*former, now}) == 4
    for old in former:
        for was, lives in zip(below(old, feeds), below(now, feeds), strict=True):
            response = client.get(was)
            assert (response.status_code, response["Location"]) == (301, lives), was
            assert client.get(lives).status_code == 200, lives
    assert client.get(f"{former[0]}?level=200")["Location"] == f"{now}?level=200"
    assert client.head(former[0]).status_code == 301
    assert client.post(former[0]).status_code in {404, 405}


def test_it_follows_what_lies_below_a_category_that_moves(client, edition):
    category, save, _ = edition["category"]
    category.slug = "bricks"
    save(category)
    assert client.get("/category/storage/blocks/disks/")["Location"] == "/category/storage/bricks/disks/"
    if served("/category/storage/blocks/disks/feed/json/"):
        assert (
            client.get("/category/storage/blocks/disks/feed/json/")["Location"]
            == "/category/storage/bricks/disks/feed/json/"
        )


@pytest.mark.parametrize("kind", ["tag", "author", "category"])
def test_it_follows_a_former_name_in_a_query(client, edition, kind):
    thing, save, _ = edition[kind]
    was = thing.path if kind == "category" else thing.slug
    thing.slug = "renamed"
    save(thing)
    response = client.get(f"/category/learning-levels/?{kind}={was}")
    assert response.status_code == 301
    lives = response["Location"]
    assert "renamed" in lives
    assert client.get(lives).status_code == 200


def test_it_leads_on_from_slugs_of_any_script(client, edition):
    thing, save, _ = edition["series"]
    for name in ("層の話" * 60, "blöcke", "層"):
        thing.slug = name
        save(thing)
    for former in ("/series/layers/", f"/series/{'層の話' * 60}/", "/series/blöcke/"):
        response = client.get(former)
        assert response.status_code == 301
        assert unquote(response["Location"]) == "/series/層/"
    assert client.get("/series/層/?level=%E5").status_code == 200


def test_it_loops_nowhere_when_a_thing_takes_back_its_first_name(client, edition):
    thing, save, _ = edition["tag"]
    for name in ("second", "s3"):
        thing.slug = name
        save(thing)
    assert client.get("/tag/s3/").status_code == 200
    assert client.get("/tag/s3/?level=150").status_code == 404  # although /tag/s3/ is a former address too
    assert client.get("/tag/second/", follow=True).redirect_chain == [("/tag/s3/", 301)]


def test_it_loops_nowhere_with_a_name_in_another_script(client, edition):
    thing, save, _ = edition["tag"]
    for name in ("層", "second", "層"):
        thing.slug = name
        save(thing)
    assert client.get("/tag/層/?level=150").status_code == 404


@pytest.mark.parametrize(
    "over",
    [{"status": "withdrawn"}, {"expires_at": timedelta(seconds=-1)}, {"published_at": timedelta(hours=1)}],
    ids=["withdrawn", "expired", "scheduled anew"],
)
def test_the_former_address_of_a_post_that_is_not_public_says_nothing(client, edition, over):
    post, save, _ = edition["post"]
    post.slug = "second"
    save(post)
    assert client.get("/posts/xqzja/").status_code == 301
    over = {n: timezone.now() + by if isinstance(by, timedelta) else by for n, by in over.items()}
    type(post).objects.filter(pk=post.pk).update(**over)
    gone, never = client.get("/posts/xqzja/"), client.get("/posts/xqzjb/")
    assert (gone.status_code, never.status_code) == (404, 404)
    assert gone.content.replace(b"xqzja", b"") == never.content.replace(b"xqzjb", b"")


def test_the_former_address_of_a_figure_leads_on_while_a_live_post_shows_it(client, edition):
    figure = make.figure("new-key")
    addresses.leave("/figures/old-key/", figure)
    assert client.get("/figures/old-key/").status_code == 404  # nothing public shows it yet
    make.post(lead_figure=figure)
    for was, lives in zip(
        below("/figures/old-key/", feeds=False), below("/figures/new-key/", feeds=False), strict=True
    ):
        response = client.get(f"{was}?x=1")
        assert (response.status_code, response["Location"]) == (301, f"{lives}?x=1")
        assert client.get(lives).status_code == 200


def test_it_leads_to_no_address_that_does_not_exist(client, edition):
    post, save, _ = edition["post"]
    post.slug = "second"
    save(post)
    for url in (
        "/posts/xqzja/feed/",
        "/posts/xqzja/x/",
        "/posts/xqzja/feed/rss/",
        "/posts/.md",
        "/.md",
        "/feed/x/",
    ):
        assert client.get(url).status_code == 404, url


def test_it_asks_the_database_nothing_unless_the_page_is_missing(client, edition):
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/posts/xqzja/").status_code == 200
    # What surrounds a post looks for those that its text refers to by a former address; that is another question.
    assert not any(query["sql"].startswith('SELECT "blog_address"') for query in queries)


def test_it_asks_once_where_something_has_moved(client, edition):
    series, save, _ = edition["series"]
    series.slug = "second"
    save(series)
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/series/layers/").status_code == 301
    assert sum("blog_address" in query["sql"] for query in queries) == 1
    assert not any("body_html" in query["sql"] for query in queries)


def test_it_prefers_the_former_address_itself_to_the_feed_of_another():
    """Categories may not be called “feed”; whoever had one before that rule keeps its address."""
    storage, other = make.category("storage"), make.category("other")
    Address.objects.create(path="/category/old/", category=storage)
    Address.objects.create(path="/category/old/feed/", category=other)
    assert moved_to("/category/old/feed/") == "/category/other/"


@pytest.mark.parametrize("query", ["a" * 10_000, "x=%ff%fe", "x=%0d%0aSet-Cookie:%20y", "x=" + "層" * 300])
def test_it_answers_odd_queries_without_an_error(client, edition, query):
    series, save, _ = edition["series"]
    series.slug = "second"
    save(series)
    response = client.get(f"/series/layers/?{query}")
    assert response.status_code in {301, 404}
    assert "\n" not in response.get("Location", "")
