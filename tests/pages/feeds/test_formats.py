from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from xml.etree import ElementTree

import pytest

from blog.models import Post
from tests import make

pytestmark = pytest.mark.django_db

NS = {
    "a": "http://www.w3.org/2005/Atom",
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
}
SITE = "http://127.0.0.1:8000"


@pytest.fixture
def rss(client, edition):
    return ElementTree.fromstring(client.get("/category/storage/feed/?tag=s3").content).find("channel")


@pytest.fixture
def atom(client, edition):
    return ElementTree.fromstring(client.get("/feed/atom/").content)


@pytest.fixture
def feed(client, edition):
    return client.get("/feed/json/").json()


def test_rss_says_what_it_is(rss):
    assert rss.findtext("title") == "Category: Storage · Tag: s3 · Stratum"
    assert rss.findtext("link") == f"{SITE}/category/storage/?tag=s3"
    assert rss.findtext("language") == "en"
    assert rss.findtext("description")
    (link,) = rss.findall("a:link", NS)
    assert link.attrib == {"rel": "self", "href": f"{SITE}/category/storage/feed/?tag=s3"}
    assert parsedate_to_datetime(rss.findtext("lastBuildDate"))


def test_an_entry_of_rss_is_whole(rss, edition):
    item = rss.find("item")
    assert item.findtext("title") == "Reads & <writes>"
    assert item.findtext("link") == f"{SITE}/posts/reads/"
    assert unescape(item.findtext("description")) == edition.summary
    assert (item.findtext("guid"), item.find("guid").get("isPermaLink")) == (
        f"urn:uuid:{edition.uid}",
        "false",
    )
    assert [e.text for e in item.findall("dc:creator", NS)] == ["Ada Ferrant", "Zoë Last"]
    assert parsedate_to_datetime(item.findtext("pubDate")) == edition.published_at
    named = {e.text: e.get("domain") for e in item.findall("category")}
    assert named["Advanced (300)"] == f"{SITE}/category/learning-levels/"
    assert {"s3", "Latency"} <= set(named)
    assert len(named) == len({name.casefold() for name in named})
    enclosure = item.find("enclosure").attrib
    assert enclosure["url"].startswith(f"{SITE}/media/renditions/")
    assert (enclosure["type"], int(enclosure["length"]) > 0) == ("image/png", True)
    assert "Opening words" in item.findtext("content:encoded", namespaces=NS)


def test_atom_has_all_that_the_standard_demands(atom, edition):
    assert atom.findtext("a:title", namespaces=NS) == "Stratum"
    assert atom.findtext("a:id", namespaces=NS).startswith("urn:uuid:")
    assert datetime.fromisoformat(atom.findtext("a:updated", namespaces=NS)) == edition.published_at
    assert atom.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    links = {link.get("rel"): link.get("href") for link in atom.findall("a:link", NS)}
    assert links == {"alternate": f"{SITE}/", "self": f"{SITE}/feed/atom/"}
    entry = atom.find("a:entry", NS)
    assert entry.findtext("a:id", namespaces=NS) == f"urn:uuid:{edition.uid}"
    assert entry.findtext("a:published", namespaces=NS) == entry.findtext("a:updated", namespaces=NS)
    assert [e.findtext("a:name", namespaces=NS) for e in entry.findall("a:author", NS)] == [
        "Ada Ferrant",
        "Zoë Last",
    ]
    assert entry.findtext("a:summary", namespaces=NS) == edition.summary
    assert "Advanced (300)" in [e.get("term") for e in entry.findall("a:category", NS)]
    assert entry.find("a:content", NS).get("type") == "html"
    assert [e.get("rel") for e in entry.findall("a:link", NS)] == ["alternate", "enclosure"]


def test_atom_says_when_a_post_was_changed(client, edition):
    changed = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    Post.objects.filter(pk=edition.pk).update(changed_at=changed)
    entry = ElementTree.fromstring(client.get("/feed/atom/").content).find("a:entry", NS)
    assert datetime.fromisoformat(entry.findtext("a:updated", namespaces=NS)) == changed
    assert datetime.fromisoformat(entry.findtext("a:published", namespaces=NS)) == edition.published_at


def test_a_post_in_another_language_says_so(client, db):
    make.post(title="Lesen", language="de")
    atom = ElementTree.fromstring(client.get("/feed/atom/").content)
    assert atom.find("a:entry", NS).get("{http://www.w3.org/XML/1998/namespace}lang") == "de"


def test_json_feed_has_all_that_the_standard_demands(feed, edition):
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["title"], feed["home_page_url"], feed["feed_url"]) == (
        "Stratum",
        f"{SITE}/",
        f"{SITE}/feed/json/",
    )
    item = feed["items"][0]
    assert (item["id"], item["url"]) == (f"urn:uuid:{edition.uid}", f"{SITE}/posts/reads/")
    assert (item["title"], item["summary"]) == (edition.title, edition.summary)
    assert [who["name"] for who in item["authors"]] == ["Ada Ferrant", "Zoë Last"]
    assert {"s3", "Latency", "Advanced (300)"} <= set(item["tags"])
    assert datetime.fromisoformat(item["date_published"]) == edition.published_at
    assert item["image"] == item["attachments"][0]["url"]
    assert item["attachments"][0]["mime_type"] == "image/png"
    assert item["_stratum"]["level"] == 300
    assert None not in feed.values()


def test_the_body_stands_on_its_own(feed, edition):
    html = feed["items"][0]["content_html"]
    assert (
        "<figcaption>Figure 1: How &lt;reads&gt; &amp; writes go <small>Ada</small> <small>CC BY 4.0</small>"
        in html
    )
    assert f'<a href="{SITE}/posts/reads/#fig-read-path">Figure 1</a>' in html
    assert f'<a href="{SITE}/posts/older/#fig-event-bus">Figure 1 of “Older”</a>' in html
    assert f'<a href="{SITE}/tag/s3/">a link</a>' in html
    assert f'<img src="{SITE}/media/renditions/' in html
    assert 'width="640" height="400" alt="Boxes that stand for read-path, joined by arrows."' in html
    assert "<math" in html and "<pre><code>print(" in html
    assert "class=" not in html and "<script" not in html and "<span" not in html
    assert ' href="/' not in html and ' src="/' not in html


def test_a_picture_that_waits_for_its_renditions_is_given_as_it_is(client, db):
    make.post(lead_figure=make.figure("lead"))
    enclosure = ElementTree.fromstring(client.get("/feed/").content).find("channel/item/enclosure")
    assert enclosure.get("length") == "0" and enclosure.get("type") == "image/png"
    entry = ElementTree.fromstring(client.get("/feed/atom/").content).find("a:entry", NS)
    assert "length" not in entry.findall("a:link", NS)[1].attrib


@pytest.mark.parametrize("url", ["/feed/", "/feed/atom/", "/feed/json/"])
def test_characters_that_xml_cannot_hold_are_left_out(client, db, url):
    post = make.post(title="Be\x0bll", summary="x\x07y" + make.SUMMARY)
    Post.objects.filter(pk=post.pk).update(title="Be\x0bll\ufffe", summary="x\x07y")
    response = client.get(url)
    assert response.status_code == 200
    assert b"Bell" in response.content and b"xy" in response.content
