import html
import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Post, Series
from blog.templatetags import machines
from tests import make

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = SITE


def page(client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def meta(text: str) -> list[tuple[str, str]]:
    found = re.findall(
        r'<meta (?:property|name)="((?:og|article|twitter|profile):[^"]+)" content="([^"]*)">', text
    )
    return [(name, html.unescape(value)) for name, value in found]


def graph(text: str) -> dict[str, dict]:
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    data = json.loads(block)
    assert data["@context"] == "https://schema.org"
    return {thing["@type"]: thing for thing in data["@graph"]}


@pytest.fixture
def post(figures):
    series = Series.objects.create(title="Layers", slug="layers")
    made = make.post(
        title="Queues </script> & <b>more</b>",
        slug="queues",
        body="![](figure:one)\n\n![](figure:two)\n",
        lead_figure=make.figure("lead"),
        authors=[
            make.author("Zoe Last", links=[{"label": "Site", "url": "https://zoe.example/"}]),
            make.author("Ada First"),
        ],
        categories=[make.category("storage/s3")],
        tags=["s3", "queues"],
    )
    series.parts.create(post=made, number=1)
    return made


@pytest.fixture
def figures():
    make.figure("one", credit="Ada", licence="https://creativecommons.org/licenses/by/4.0/")
    make.figure("two", licence="All rights reserved")


def test_it_describes_a_post_as_a_technical_article(client, post):
    Post.objects.filter(pk=post.pk).update(
        changed_at=make.LONG_AGO + timedelta(days=2),
        social_card="cards/ab/card.png",
        word_count=600,
        reading_minutes=3,
    )
    things = graph(page(client, "/posts/queues/"))
    article = things["TechArticle"]
    assert article["headline"] == "Queues </script> & <b>more</b>"
    assert article["url"] == article["mainEntityOfPage"] == f"{SITE}/posts/queues/"
    assert article["datePublished"] == "2026-01-01T09:00:00+00:00"
    assert article["dateModified"] == "2026-01-03T09:00:00+00:00"
    assert [(one["@type"], one["name"], one["url"]) for one in article["author"]] == [
        ("Person", "Zoe Last", f"{SITE}/author/zoe-last/"),
        ("Person", "Ada First", f"{SITE}/author/ada-first/"),
    ]
    assert article["author"][0]["sameAs"] == ["https://zoe.example/"]
    assert article["publisher"]["@type"] == "Organization" and article["publisher"]["name"] == "Stratum"
    assert article["proficiencyLevel"] == "Intermediate (200)"
    assert (article["wordCount"], article["timeRequired"], article["inLanguage"]) == (600, "PT3M", "en")
    assert article["articleSection"] == ["S3"]
    assert article["keywords"] == ["queues", "s3"]
    assert article["isPartOf"] == [
        {"@type": "CreativeWorkSeries", "name": "Layers", "url": f"{SITE}/series/layers/"}
    ]
    card, one, two, lead = article["image"]
    assert card == f"{SITE}/media/cards/ab/card.png"
    assert one["@type"] == "ImageObject" and one["@id"] == f"{SITE}/posts/queues/#fig-one"
    assert (one["width"], one["height"], one["caption"]) == (640, 400, "How one works")
    assert one["contentUrl"].startswith(f"{SITE}/media/figures/")
    assert (one["creditText"], one["license"]) == ("Ada", "https://creativecommons.org/licenses/by/4.0/")
    assert "license" not in two, "words are no address"
    assert lead.startswith(f"{SITE}/media/figures/")


def test_it_tells_the_way_to_a_post(client, post):
    steps = graph(page(client, "/posts/queues/"))["BreadcrumbList"]["itemListElement"]
    assert [(one["position"], one["name"], one["item"]) for one in steps] == [
        (1, "Subjects", f"{SITE}/category/"),
        (2, "S3", f"{SITE}/category/storage/s3/"),
        (3, "Queues </script> & <b>more</b>", f"{SITE}/posts/queues/"),
    ]


def test_nothing_of_an_author_ends_the_data_block(client, post):
    text = page(client, "/posts/queues/")
    block = text[text.index("application/ld+json") :]
    inside = block[: block.index("</script>")]
    assert "<" not in inside.partition(">")[2]
    assert "\u2028" not in machines.data_block({"a": "x\u2028y\u2029<!--&"})
    assert json.loads(machines.data_block({"a": "x\u2028<!--&"})[35:-9]) == {"a": "x\u2028<!--&"}


def test_it_tells_networks_about_a_post(client, post):
    Post.objects.filter(pk=post.pk).update(social_card="cards/ab/card.png")
    told = meta(page(client, "/posts/queues/"))
    expected = {
        "og:type": "article",
        "og:title": "Queues </script> & <b>more</b>",
        "og:description": make.SUMMARY,
        "og:url": f"{SITE}/posts/queues/",
        "og:site_name": "Stratum",
        "og:locale": "en_US",
        "og:image": f"{SITE}/media/cards/ab/card.png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "article:published_time": "2026-01-01T09:00:00+00:00",
        "article:section": "S3",
        "twitter:card": "summary_large_image",
    }
    assert {name: dict(told).get(name) for name in expected} == expected
    assert [value for name, value in told if name == "article:author"] == [
        f"{SITE}/author/zoe-last/", f"{SITE}/author/ada-first/"
    ]  # fmt: skip
    assert [value for name, value in told if name == "article:tag"] == ["queues", "s3"]
    assert "article:modified_time" not in dict(told)
    assert "og:image:alt" in dict(told)


def test_it_links_translations_with_the_original_for_all_other_readers(client, post):
    make.post(title="Schlangen", slug="schlangen", language="de", translation_of=post)
    make.post(title="Files", slug="files", language="fr", translation_of=post, status=Post.Status.DRAFT)
    for path in ("/posts/queues/", "/posts/schlangen/"):
        text = page(client, path)
        links = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', text))
        assert links == {
            "en": f"{SITE}/posts/queues/",
            "de": f"{SITE}/posts/schlangen/",
            "x-default": f"{SITE}/posts/queues/",
        }
    assert ("og:locale", "de_DE") in meta(text) and ("og:locale:alternate", "en_US") in meta(text)
    assert graph(text)["TechArticle"]["translationOfWork"]["@id"] == f"{SITE}/posts/queues/#article"
    assert "hreflang" not in page(client, "/")


def test_it_lists_addresses_alone_on_a_listing(client, post):
    things = graph(page(client, "/category/storage/s3/"))
    items = things["CollectionPage"]["mainEntity"]["itemListElement"]
    assert items == [{"@type": "ListItem", "position": 1, "url": f"{SITE}/posts/queues/"}]
    assert [one["name"] for one in things["BreadcrumbList"]["itemListElement"]] == [
        "Subjects",
        "Storage",
        "S3",
    ]


def test_it_names_site_and_search_on_the_home_page(client, post):
    site = graph(page(client, "/"))["WebSite"]
    assert (site["name"], site["url"]) == ("Stratum", f"{SITE}/")
    action = site["potentialAction"]
    assert action["target"]["urlTemplate"] == f"{SITE}/search/?q={{q}}"
    assert action["query-input"] == "required name=q"


def test_it_introduces_an_author(client, post):
    text = page(client, "/author/zoe-last/")
    profile = graph(text)["ProfilePage"]
    assert profile["mainEntity"]["name"] == "Zoe Last"
    assert profile["hasPart"]["itemListElement"]
    assert dict(meta(text))["og:type"] == "profile"


def test_it_describes_a_figure_on_its_page(client, post):
    text = page(client, "/figures/one/")
    image = graph(text)["ImageObject"]
    assert image["contentUrl"] == dict(meta(text))["og:image"]
    assert (image["width"], image["description"]) == (640, "Boxes that stand for one, joined by arrows.")


@pytest.mark.parametrize("path", ["/", "/category/", "/category/learning-levels/", "/tag/s3/", "/series/layers/",
                                  "/series/", "/figures/", "/archive/", "/archive/2026/01/"])  # fmt: skip
def test_every_page_says_what_it_is(client, post, path):
    text = page(client, path)
    told = dict(meta(text))
    assert told["og:title"] and told["og:description"]
    assert told["og:url"].startswith(SITE)
    assert told["og:image"] == f"{SITE}/static/img/card.png"
    things = graph(text)
    assert len(things) >= 1
    if path in {"/category/learning-levels/", "/series/layers/", "/archive/2026/01/"}:
        assert len(things["BreadcrumbList"]["itemListElement"]) > 1


def test_an_error_and_a_narrowed_listing_are_not_described(client, post):
    assert b"ld+json" not in client.get("/nowhere/").content
    assert b"og:" not in client.get("/nowhere/").content
    assert "ld+json" not in page(client, "/tag/s3/?author=zoe-last")


def test_it_asks_the_database_nothing(client, post):
    response = client.get("/posts/queues/")
    with CaptureQueriesContext(connection) as queries:
        machines.article(response.context["page"], machines.Head("<link rel='canonical' href='x'>"))
        machines.of_article(response.context["page"])
    assert len(queries) == 0


@pytest.mark.parametrize(
    ("language", "name"),
    [("de", "de_DE"), ("pt-br", "pt_BR"), ("xx", "xx"), ("zh-hans", "zh_Hans"), ("en", "en_US")],
)
def test_it_writes_languages_as_networks_do(language, name):
    assert machines.locale(language) == name
