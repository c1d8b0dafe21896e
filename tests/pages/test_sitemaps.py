import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import LearningPath, PathStep, Post, Series
from blog.models.parts import PART
from blog.models.sitemap import POST_PARTS
from blog.pages import sitemaps
from tests import make

pytestmark = pytest.mark.django_db

NS = {"s": sitemaps.SITEMAPS, "i": sitemaps.IMAGES, "x": sitemaps.XHTML}
W3C = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00\Z")
SITE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = SITE


def read(client, path: str) -> ET.Element:
    """The document at `path`, found to follow the schema's rules: its root, its order of elements, its lengths."""
    response = client.get(path)
    assert response.status_code == 200, path
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    assert response["X-Robots-Tag"] == "noindex"
    body = response.getvalue()
    assert len(body) < 50_000_000
    root = ET.fromstring(body)
    one = "sitemap" if root.tag.endswith("sitemapindex") else "url"
    assert root.tag in {f"{{{NS['s']}}}urlset", f"{{{NS['s']}}}sitemapindex"}
    assert 0 < len(root) <= 50_000
    for entry in root:
        assert entry.tag == f"{{{NS['s']}}}{one}"
        names = [child.tag.rpartition("}")[2] for child in entry]
        assert names[0] == "loc" and names.count("loc") == 1
        assert names == sorted(names, key=["loc", "lastmod", "link", "image"].index)
        loc = entry.findtext("s:loc", namespaces=NS)
        assert loc.startswith(f"{SITE}/") and 12 <= len(loc) <= 2048 and loc.isascii()
        if (changed := entry.findtext("s:lastmod", namespaces=NS)) is not None:
            assert W3C.match(changed)
    return root


def locs(root: ET.Element) -> dict[str, str | None]:
    return {
        one.findtext("s:loc", namespaces=NS).removeprefix(SITE): one.findtext("s:lastmod", namespaces=NS)
        for one in root
    }


def everything(client) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for path in locs(read(client, "/sitemap.xml")):
        found |= locs(read(client, path))
    return found


def test_it_lists_every_page_that_search_engines_should_keep(client):
    post = make.post(
        title="Über Queues",
        slug="über-queues",
        body="![](figure:one)\n",
        categories=[make.category("a/b")] if make.figure("one") else [],
        authors=[make.author("Ada First")],
        tags=["s3"],
    )
    series = Series.objects.create(title="Layers", slug="layers")
    series.parts.create(post=post, number=1)
    way = LearningPath.objects.create(title="Way", slug="way")
    PathStep.objects.create(learning_path=way, post=post, number=1)
    found = everything(client)
    assert set(found) == {
        "/", "/category/", "/category/learning-levels/", "/category/learning-levels/intermediate-200/", "/figures/",
        "/series/", "/paths/", "/posts/%C3%BCber-queues/", "/category/a/", "/category/a/b/", "/tag/s3/",
        "/author/ada-first/", "/series/layers/", "/paths/way/", "/figures/one/", "/archive/", "/archive/2026/",
        "/archive/2026/01/",
    }  # fmt: skip
    assert set(found.values()) == {"2026-01-01T09:00:00+00:00"}
    for path in found:
        response = client.get(path)
        assert response.status_code == 200, path
        assert b"noindex" not in response.content, path


def test_it_says_when_a_post_was_last_changed(client):
    changed = make.LONG_AGO + timedelta(days=3)
    post = make.post(slug="a")
    Post.objects.filter(pk=post.pk).update(changed_at=changed)
    part = f"/sitemap-posts-{(post.pk - 1) // PART}.xml"
    assert locs(read(client, "/sitemap.xml"))[part] == changed.isoformat()
    assert locs(read(client, part)) == {"/posts/a/": changed.isoformat()}


def test_it_names_the_pictures_of_a_post_once_each(client):
    lead, one = make.figure("lead"), make.figure("one")
    post = make.post(slug="a", body="![](figure:one)\n\n![](figure:lead)\n", lead_figure=lead)
    root = read(client, f"/sitemap-posts-{(post.pk - 1) // PART}.xml")
    assert [e.text for e in root.findall("s:url/i:image/i:loc", NS)] == [
        f"{SITE}{figure.image.url}" for figure in (one, lead)
    ]


def test_it_names_translations_on_both_sides_with_the_original_for_all_others(client):
    english = make.post(slug="queues", language="en")
    german = make.post(slug="schlangen", language="de", translation_of=english)
    make.post(slug="files", language="fr", translation_of=english, status=Post.Status.DRAFT)
    for post in (english, german):
        root = read(client, f"/sitemap-posts-{(post.pk - 1) // PART}.xml")
        (entry,) = [u for u in root if u.findtext("s:loc", namespaces=NS).endswith(f"/{post.slug}/")]
        links = {e.get("hreflang"): e.get("href") for e in entry.findall("x:link", NS)}
        assert links == {
            "en": f"{SITE}/posts/queues/",
            "de": f"{SITE}/posts/schlangen/",
            "x-default": f"{SITE}/posts/queues/",
        }


def test_it_leaves_out_what_has_its_address_elsewhere(client):
    make.post(slug="ours")
    make.post(slug="theirs", canonical_url="https://example.org/first/")
    assert "/posts/theirs/" not in everything(client)


@pytest.mark.parametrize("status", [Post.Status.DRAFT, Post.Status.REVIEW, Post.Status.WITHDRAWN])
def test_it_never_names_what_is_not_public(client, status):
    make.post(slug="secret", status=status, tags=["secret"], categories=[make.category("secret")],
              authors=[make.author("Secret")], lead_figure=make.figure("secret"))  # fmt: skip
    assert not [path for path in everything(client) if "secret" in path]


def test_it_keeps_an_embargo_to_the_second(client, monkeypatch):
    at = datetime(2031, 5, 1, 9, 0, tzinfo=UTC)
    make.post(slug="before", at=make.LONG_AGO)
    make.post(slug="secret", at=at, tags=["secret"], categories=[make.category("secret")],
              authors=[make.author("Secret")], lead_figure=make.figure("secret"))  # fmt: skip
    monkeypatch.setattr(timezone, "now", lambda: at - timedelta(seconds=1))
    found = everything(client)
    assert not [path for path in found if "secret" in path or "2031" in path]
    assert not [last for last in found.values() if last and last.startswith("2031")]
    monkeypatch.setattr(timezone, "now", lambda: at)
    found = everything(client)
    assert {
        "/posts/secret/",
        "/tag/secret/",
        "/category/secret/",
        "/author/secret/",
        "/figures/secret/",
    } <= set(found)
    assert found["/archive/2031/05/"] == "2031-05-01T09:00:00+00:00"


def test_it_cuts_by_ids_that_never_move(client):
    for pk in (1 * PART, 1 * PART + 1, 7 * PART):
        make.post(pk=pk, slug=f"p{pk}")
    parts = [path for path in locs(read(client, "/sitemap.xml")) if "posts" in path]
    assert parts == ["/sitemap-posts-0.xml", "/sitemap-posts-1.xml", "/sitemap-posts-6.xml"]
    assert list(locs(read(client, "/sitemap-posts-1.xml"))) == [f"/posts/p{PART + 1}/"]


def test_its_queries_do_not_grow_with_what_it_lists(client):
    def queries() -> list[int]:
        counts = []
        for path in ["/sitemap.xml", *locs(read(client, "/sitemap.xml"))]:
            with CaptureQueriesContext(connection) as captured:
                read(client, path)
            counts.append(len(captured))
        return counts

    make.post(body="![](figure:one)\n", lead_figure=make.figure("one"), tags=["a"])
    few = queries()
    for n in range(5):
        make.post(body="![](figure:one)\n", tags=[f"t{n}"], categories=[make.category(f"c{n}")])
    assert queries() == few
    assert max(few) <= 7


@pytest.mark.parametrize("path", ["/sitemap-posts-99.xml", f"/sitemap-posts-{'9' * 40}.xml", "/sitemap-tags-0.xml",
                                  "/sitemap-figures-3.xml", "/sitemap-nothing-1.xml", "/sitemap-archives.xml"])  # fmt: skip
def test_it_answers_404_for_a_part_that_holds_nothing(client, path):
    assert client.get(path).status_code == 404


def test_an_empty_site_has_a_valid_sitemap(client):
    assert "/" in everything(client)


def test_robots_may_fetch_all_but_the_editors_door(client):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/\n" in text
    assert f"Sitemap: {SITE}/sitemap.xml\n" in text
    assert "search" not in text


def test_it_tells_its_parts_from_an_index_alone():
    """Of a million posts there are a thousand parts, and rows of posts are wide."""
    (index,) = [one for one in Post._meta.indexes if one.name == "post_parts_told"]
    # Which rows stand in it is its condition's matter; everything else that is asked it has.
    asked = re.sub(r"status = 'published' AND canonical_url = ''", "", POST_PARTS)
    columns = {field.column for field in Post._meta.concrete_fields}
    assert columns & set(re.findall(r"[a-z_]+", asked)) <= set(index.include)
