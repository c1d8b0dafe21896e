from xml.etree import ElementTree

import pytest

from blog.models import Post, Series
from tests import make

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"


def outlines(client):
    response = client.get("/feeds.opml")
    assert response["Content-Type"] == "text/x-opml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/title") == "Stratum"
    return {one.get("xmlUrl"): one for one in root.iter("outline") if one.get("type") == "rss"}


def test_it_names_every_feed_and_each_answers(client, edition):
    found = outlines(client)
    for page in (
        "/",
        "/category/storage/",
        "/category/storage/s3/",
        "/category/learning-levels/advanced-300/",
        "/tag/s3/",
        "/author/ada-ferrant/",
        "/series/stores/",
        "/paths/from-zero/",
    ):
        assert found[f"{SITE}{page}feed/"].get("htmlUrl") == f"{SITE}{page}"
    for url, outline in found.items():
        assert outline.get("text") == outline.get("title")
        assert client.get(url.removeprefix(SITE)).status_code == 200


def test_it_names_nothing_without_a_live_post(client, edition):
    series = Series.objects.create(title="Hidden", slug="hidden")
    make.post(
        status=Post.Status.DRAFT,
        categories=[make.category("hidden")],
        tags=["hidden"],
        authors=[make.author("Hidden")],
        series=[(series, 1)],
        learning_level=make.level(400),
    )
    assert not [url for url in outlines(client) if "hidden" in url or "400" in url]


def test_it_costs_six_queries_and_knows_who_has_it(client, edition, django_assert_num_queries):
    first = client.get("/feeds.opml")
    with django_assert_num_queries(6):
        again = client.get("/feeds.opml", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
