from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def edition(module_rows):
    for number, day in enumerate(["2024-11-05", "2026-02-01", "2026-02-20", "2026-03-01"]):
        at = datetime.fromisoformat(day).replace(hour=23, minute=30, tzinfo=UTC)
        make.post(slug=f"p{number}", at=at, lead_figure=make.figure(f"f{number}"))
    make.post(title="Not yet", at=timezone.now() + timedelta(days=800))


@pytest.mark.parametrize(
    ("url", "slugs"),
    [
        ("/archive/2026/", ["p3", "p2", "p1"]),
        ("/archive/2026/02/", ["p2", "p1"]),
        ("/archive/2026/?level=200", ["p3", "p2", "p1"]),
        ("/archive/2026/?level=300", []),
        ("/archive/2026/01/", []),
    ],
)
def test_it_lists_a_year_or_month_in_six_queries_and_none_while_rendering(
    client, edition, url, slugs, in_templates
):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert [post.slug for post in response.context["page"].posts] == slugs
    assert len(queries) <= 6
    assert in_templates == [0]
    assert ("noindex" in response.content.decode()) == (not slugs)


def test_it_shows_all_years_and_months_with_their_counts(client, edition, in_templates):
    response = client.get("/archive/")
    html = response.content.decode()
    assert [(year.selection.year, year.posts) for year in response.context["years"]] == [(2026, 3), (2024, 1)]
    assert '<a href="/archive/2026/02/">February <span class="n">2</span>' in html
    assert "/archive/2026/01/" not in html and "2025" not in html
    assert in_templates == [0]


def test_it_has_an_archive_before_there_are_posts(client):
    assert "Nothing has been published yet" in client.get("/archive/").content.decode()


def test_it_leads_to_the_years_and_months_before_and_after(client, edition):
    assert '<a href="/archive/2024/">' in client.get("/archive/2026/").content.decode()
    html = client.get("/archive/2026/02/").content.decode()
    assert '<a href="/archive/2024/11/">' in html and '<a href="/archive/2026/03/">' in html
    assert "February 2026" in html


def test_it_goes_by_the_clock_of_the_site(client, edition, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    timezone.get_default_timezone.cache_clear()
    try:
        assert client.get("/archive/2026/03/").context["count"] == 1
        assert client.get("/archive/2026/02/").context["count"] == 2
        assert client.get("/archive/2024/11/").context["count"] == 1
        assert '<time datetime="2026-03-02T08:30:00+09:00">2 March 2026' in client.get("/").content.decode()
    finally:
        timezone.get_default_timezone.cache_clear()


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("/archive/2026/2/", "/archive/2026/02/"),
        ("/archive/02026/002/?level=200", "/archive/2026/02/?level=200"),
        ("/?year=2026", "/archive/2026/"),
        ("/archive/2026/?month=2", "/archive/2026/02/"),
        ("/archive/2026/?tag=s3", "/tag/s3/?year=2026"),
    ],
)
def test_it_has_one_address_for_each(client, edition, url, target):
    make.post(tags=["s3"])
    response = client.get(url)
    assert (response.status_code, response["Location"]) == (301, target)


@pytest.mark.parametrize(
    "url",
    [
        "/archive/2025/", "/archive/2025/03/", "/archive/0/", "/archive/99999/", "/archive/9999/", "/archive/2026/13/",
        "/archive/2026/0/", "/archive/" + "9" * 5000 + "/", "/archive/2026/2/2/", "/archive/x/", "/archive/1999/?level=200",
        "/archive/2029/",
    ],
)  # fmt: skip
def test_it_has_no_page_for_a_year_without_posts_or_no_year_at_all(client, edition, url):
    assert client.get(url).status_code == 404
