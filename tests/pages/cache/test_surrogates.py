"""What a CDN is told of a page, for each vendor by its own name."""

import pytest
from django.conf import settings as installed
from django.test import Client

from blog.models import touch
from blog.models.touch import key_of
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def cdn(settings):
    place = installed.MIDDLEWARE.index("config.headers.GZipPages") + 1
    added = "blog.pages.cache.surrogates.Surrogates"
    settings.MIDDLEWARE = [*installed.MIDDLEWARE[:place], added, *installed.MIDDLEWARE[place:]]
    settings.CDN = "fastly"
    return settings


@pytest.fixture
def post(db):
    return make.post("Shown", slug="shown", categories=[make.category("a/b")], tags=["Queues"])


@pytest.mark.parametrize(
    ("vendor", "header", "between", "keep"),
    [
        ("fastly", "Surrogate-Key", " ", "Surrogate-Control"),
        ("cloudflare", "Cache-Tag", ",", "Cloudflare-CDN-Cache-Control"),
        ("varnish", "xkey", " ", "Surrogate-Control"),
    ],
)
def test_each_vendor_reads_keys_and_how_long(cdn, post, vendor, header, between, keep):
    cdn.CDN = vendor
    answer = Client().get("/posts/shown/")
    assert key_of("p", "shown") in answer[header].split(between)
    assert answer[keep] == "max-age=86400"
    assert answer["Cache-Control"].startswith("public, max-age=0")


def test_a_post_bears_what_it_shows(cdn, post):
    keys = Client().get("/posts/shown/")["Surrogate-Key"].split()
    shown = {
        key_of("p", "shown"),
        key_of("c", "a/b"),
        key_of("t", "queues"),
        key_of("u", "a/b 200"),
        touch.ALL,
    }
    assert shown <= set(keys)
    assert touch.SITE not in keys and touch.LISTS not in keys


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/", touch.SITE),
        ("/feed/", touch.SITE),
        ("/category/a/", key_of("lc", "a")),
        ("/category/a/b/feed/atom/", key_of("lc", "a/b")),
        ("/category/a.md", key_of("lc", "a")),
        ("/tag/queues/", key_of("lt", "queues")),
        ("/category/a/?tag=queues", key_of("lt", "queues")),
        ("/category/a/?narrow", touch.COUNTS),
        ("/category/", touch.COUNTS),
        ("/sitemap.xml", touch.LISTS),
        ("/search/?q=shown", touch.LISTS),
        ("/figures/", touch.GALLERY),
    ],
)
def test_a_listing_bears_what_it_lists(cdn, post, path, key):
    answer = Client().get(path)
    assert answer.status_code == 200 and key in answer["Surrogate-Key"].split()


@pytest.mark.parametrize("headers", [{"authorization": "Basic eDp5"}, {"cookie": "sessionid=abc"}])
def test_a_page_for_somebody_is_not_for_the_cdn(cdn, post, headers):
    answer = Client().get("/posts/shown/", headers=headers)
    assert "Surrogate-Key" not in answer and answer["Surrogate-Control"] == "no-store, max-age=0"


@pytest.mark.parametrize("path", ["/posts/nowhere/", "/posts/SHOWN/", "/admin/login/", "/healthz"])
def test_what_is_no_page_is_not_for_the_cdn(cdn, post, path):
    answer = Client().get(path)
    assert "Surrogate-Key" not in answer and answer["Surrogate-Control"] == "no-store, max-age=0"


def test_a_page_with_too_many_keys_goes_with_any_change(cdn, post, monkeypatch):
    monkeypatch.setattr("blog.pages.cache.surrogates.MOST", 3)
    assert Client().get("/posts/shown/")["Surrogate-Key"] == "all x"


def test_it_asks_the_database_nothing(cdn, post, django_assert_num_queries):
    Client().get("/posts/shown/")
    with django_assert_num_queries(3):
        Client().get("/posts/shown/")
