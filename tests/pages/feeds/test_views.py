from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Figure, Post
from blog.publishing import addresses, categories, figures, workflow
from tests import make

pytestmark = pytest.mark.django_db

PAGES = [
    "/",
    "/category/storage/",
    "/category/storage/s3/",
    "/category/learning-levels/advanced-300/",
    "/tag/s3/",
    "/author/ada-ferrant/",
    "/archive/2026/",
    "/archive/2026/01/",
    "/series/stores/",
    "/paths/from-zero/",
]
NARROWED = ["/category/storage/{}?level=300&tag=s3", "/tag/s3/{}?author=ada-ferrant&year=2026"]
FEEDS = [f"{page}{kind}" for page in PAGES for kind in ("feed/", "feed/atom/", "feed/json/")]
FEEDS += [page.format(kind) for page in NARROWED for kind in ("feed/", "feed/atom/", "feed/json/")]

ATOM = "{http://www.w3.org/2005/Atom}"


def ids(response):
    if response["Content-Type"].startswith("application/feed+json"):
        return [item["id"] for item in response.json()["items"]]
    root = ElementTree.fromstring(response.content)
    return [
        e.text for e in (root.iter("guid") if root.tag == "rss" else root.findall(f"{ATOM}entry/{ATOM}id"))
    ]


def feed_id(response):
    return ElementTree.fromstring(response.content).findtext(f"{ATOM}id")


def test_it_answers_for_every_listing_in_every_format(client, edition):
    for url in FEEDS:
        response = client.get(url)
        assert response.status_code == 200, url
        assert ids(response)[0] == f"urn:uuid:{edition.uid}"
        assert response["Content-Type"].endswith("; charset=utf-8")
        assert response["Access-Control-Allow-Origin"] == "*"
        assert client.head(url).status_code == 200


def test_it_costs_nine_queries_at_most_and_four_when_nothing_is_new(client, edition):
    client.get("/feed/")
    for url in FEEDS:
        with CaptureQueriesContext(connection) as queries:
            first = client.get(url)
        # Of what the address names, the level is looked up apart.
        assert len(queries) <= (9 if "level=" in url else 8), (url, [query["sql"] for query in queries])
        with CaptureQueriesContext(connection) as queries:
            again = client.get(url, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304 and not again.content
        assert len(queries) <= 4


def test_it_costs_the_same_for_twenty_posts(client, edition):
    for number in range(25):
        make.post(title=f"More {number}", body="![](figure:read-path)\n", tags=["s3"])
    client.get("/tag/s3/feed/")
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/tag/s3/feed/")
    assert len(ids(response)) == 20
    assert len(queries) <= 8


def test_it_leads_on_to_everything_older(client, edition):
    for number in range(25):
        make.post(title=f"More {number}", at=make.LONG_AGO + timedelta(hours=number), tags=["s3"])
    seen, url = [], "/tag/s3/feed/json/"
    while url:
        feed = client.get(url).json()
        seen += [item["id"] for item in feed["items"]]
        url = feed.get("next_url", "").partition("8000")[2]
    assert len(seen) == len(set(seen)) == 26


def test_it_shows_a_post_from_its_second_on(client, edition):
    now = timezone.now()
    post = make.post(title="Embargoed", at=now + timedelta(hours=1), tags=["s3"])
    before = client.get("/tag/s3/feed/")
    assert f"urn:uuid:{post.uid}" not in ids(before)
    Post.objects.filter(pk=post.pk).update(published_at=now)
    post.refresh_from_db()
    workflow.settle(post)
    after = client.get("/tag/s3/feed/", headers={"If-None-Match": before["ETag"]})
    assert ids(after)[0] == f"urn:uuid:{post.uid}"


def test_it_is_to_the_second(client, edition, monkeypatch):
    instant = timezone.now() + timedelta(days=1)
    make.post(title="Embargoed", slug="embargoed", at=instant)
    answers = []
    for at in (instant - timedelta(microseconds=1), instant):
        monkeypatch.setattr("blog.pages.feeds.views.timezone.now", lambda at=at: at)
        answers.append(client.get("/feed/"))
    before, after = answers
    assert b"mbargoed" not in before.content and b"mbargoed" in after.content
    assert before["ETag"] != after["ETag"]
    assert before["Last-Modified"] != after["Last-Modified"]


def rename_author():
    author = make.author()
    author.name = "Ada F."
    author.save()


def correct_caption():
    figure = Figure.objects.get(slug="read-path")
    figure.caption = "Corrected"
    figures.save(figure)


def retitle_what_it_refers_to():
    workflow.save(_retitled(), at=timezone.now())


def _retitled():
    older = Post.objects.get(slug="older")
    older.title = "Older, renamed"
    return older


def withdraw_what_it_refers_to():
    workflow.withdraw(Post.objects.get(slug="older"), at=timezone.now())


@pytest.mark.parametrize(
    "change", [rename_author, correct_caption, retitle_what_it_refers_to, withdraw_what_it_refers_to]
)
def test_whatever_it_shows_changes_its_tag(client, edition, change):
    before = client.get("/tag/s3/feed/")
    change()
    after = client.get("/tag/s3/feed/", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert after.content != before.content


def test_a_draft_changes_nothing(client, edition):
    before = client.get("/feed/")
    make.post(title="Draft", status=Post.Status.DRAFT, published_at=None)
    assert client.get("/feed/", headers={"If-None-Match": before["ETag"]}).status_code == 304


def test_it_knows_a_weak_tag_and_a_date(client, edition):
    first = client.get("/feed/")
    for headers in (
        {"If-None-Match": f'"other", W/{first["ETag"]}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": first["Last-Modified"]},
    ):
        response = client.get("/feed/", headers=headers)
        assert response.status_code == 304
        assert response["ETag"] == first["ETag"]
    for headers in (
        {"If-None-Match": '"other"', "If-Modified-Since": first["Last-Modified"]},
        {"If-Modified-Since": "Thu, 01 Jan 2099 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        assert client.get("/feed/", headers=headers).status_code == 200


def test_a_changed_post_moves_the_date(client, edition):
    Post.objects.update(updated_at=make.LONG_AGO)
    before = client.get("/feed/")["Last-Modified"]
    workflow.save(Post.objects.get(pk=edition.pk), at=timezone.now())
    assert client.get("/feed/")["Last-Modified"] != before


def test_its_ids_survive_slug_category_and_domain(client, edition, settings):
    before = [client.get(url) for url in ("/feed/atom/", "/category/storage/s3/feed/atom/")]
    settings.SITE_URL = "https://other.example"
    shelf = make.category("storage/s3")
    shelf.slug, shelf.name = "object-stores", "Object stores"
    categories.save(shelf)
    post = Post.objects.get(pk=edition.pk)
    post.slug = "renamed"
    workflow.save(post, at=timezone.now())
    after = [client.get(url) for url in ("/feed/atom/", "/category/storage/object-stores/feed/atom/")]
    assert [ids(one) for one in after] == [ids(one) for one in before]
    assert [feed_id(one) for one in after] == [feed_id(one) for one in before]
    assert len({feed_id(one) for one in after}) == 2
    assert b"https://other.example/posts/renamed/" in after[0].content


@pytest.mark.parametrize("kind", ["feed/", "feed/atom/", "feed/json/"])
def test_the_feed_of_a_renamed_category_redirects(client, edition, kind):
    addresses.leave("/category/s3-things/", make.category("storage/s3"))
    response = client.get(f"/category/s3-things/{kind}?level=300")
    assert response.status_code == 301
    assert response["Location"] == f"/category/storage/s3/{kind}?level=300"


def test_one_feed_has_one_address(client, edition):
    response = client.get("/feed/?level=300")
    assert (response.status_code, response["Location"]) == (
        301,
        "/category/learning-levels/advanced-300/feed/",
    )
    assert client.get("/feed/?utm_source=x").status_code == 200


def test_odd_input_is_answered_as_by_the_page(client, edition):
    for url, status in (
        ("/feed/?level=299", 404),
        ("/feed/?level=" + "9" * 500, 404),
        ("/feed/?before=x", 400),
        ("/feed/?tag=%00", 400),
        ("/feed/?tag=%ff", 404),
        ("/category/nowhere/feed/", 404),
        ("/feed/rdf/", 404),
        ("/series/none/feed/", 404),
        ("/archive/2026/13/feed/", 404),
    ):
        assert client.get(url).status_code == status, url


def test_an_empty_feed_is_a_feed(client, db):
    make.category("empty")
    for kind in ("feed/", "feed/atom/", "feed/json/"):
        first = client.get(f"/category/empty/{kind}")
        assert ids(first) == []
        assert (
            client.get(f"/category/empty/{kind}", headers={"If-None-Match": first["ETag"]}).status_code == 304
        )


def test_combinations_are_no_business_of_search_engines(client, edition):
    assert client.get("/category/storage/feed/?tag=s3")["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in client.get("/category/storage/feed/?level=300")


def test_it_refuses_to_be_written_to(client, db):
    assert client.post("/feed/").status_code == 405


def test_a_search_has_a_feed(client, edition):
    for kind in ("feed/", "feed/atom/", "feed/json/"):
        response = client.get(f"/search/{kind}?q=reads")
        assert ids(response) == [f"urn:uuid:{edition.uid}"]
        assert response["X-Robots-Tag"] == "noindex"
        assert (
            client.get(f"/search/{kind}?q=reads", headers={"If-None-Match": response["ETag"]}).status_code
            == 304
        )
        assert client.get(f"/search/{kind}")["Location"] == f"/{kind}"
    other = client.get("/search/feed/atom/?q=older")
    assert feed_id(other) != feed_id(client.get("/search/feed/atom/?q=reads"))
