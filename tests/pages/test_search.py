import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def edition(module_rows):
    for number in range(12):
        make.post(
            title=f"Quorum {number}",
            slug=f"quorum-{number}",
            categories=[make.category("a/b")],
            tags=["s3"],
            learning_level=make.level(300),
            at=make.LONG_AGO + timedelta(hours=number),
        )
    make.post(title="Fish & <b>chips</b>", slug="chips", summary="With <i>salt</i> & vinegar.")


PAGES = ["/search/", "/search/?q=quorum", "/search/?q=quorum&page=2", "/search/?q=qourum", "/search/?q=nothing+at+all",
         "/search/?q=tag:nope+level:300", "/search/?q=quorum+level:300+category:a+from:2026&sort=newest",
         "/search/?q=-quorum", "/search/?q=chips+nowhere", "/search/?q=the"]  # fmt: skip


@pytest.mark.parametrize("url", PAGES)
def test_it_costs_six_queries_at_most_and_none_while_rendering(client, edition, url, in_templates):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == 200
    assert len(queries) <= 6, [q["sql"] for q in queries]
    assert in_templates == [0]


def test_it_marks_what_was_found_and_escapes_what_was_written(client, edition):
    html = client.get("/search/?q=chips+salt").content.decode()
    assert "Fish &amp; &lt;b&gt;<mark>chips</mark>&lt;/b&gt;" in html
    assert "&lt;i&gt;<mark>salt</mark>&lt;/i&gt; &amp; vinegar." in html
    html = client.get('/search/?q="><script>alert(1)</script>').content.decode()
    assert "<script>alert" not in html


def test_it_lists_ten_and_leads_to_the_rest(client, edition):
    html = client.get("/search/?q=quorum").content.decode()
    assert html.count('<article class="hit">') == 10
    assert 'href="/search/?q=quorum&amp;page=2" rel="next"' in html
    html = client.get("/search/?q=quorum&page=2").content.decode()
    assert html.count('<article class="hit">') == 2
    assert 'href="/search/?q=quorum" rel="prev"' in html
    assert 'rel="next"' not in html
    assert "You have come to the end" in client.get("/search/?q=quorum&page=3").content.decode()


def test_it_narrows_by_one_click_and_widens_by_another(client, edition):
    html = client.get("/search/?q=quorum").content.decode()
    (narrower,) = re.findall(r'href="(/search/\?q=quorum\+level[^"]+)"', html)
    html = client.get(narrower).content.decode()
    assert 'aria-current="true"' in html
    assert '<a href="/search/?q=quorum">level: Advanced (300)' in html


def test_it_is_not_for_search_engines_and_names_one_address(client, edition):
    html = client.get("/search/?utm=x&q=level:300++quorum&page=1&sort=relevance").content.decode()
    assert '<meta name="robots" content="noindex, follow">' in html
    assert re.search(r'<link rel="canonical" href="[^"]+/search/\?q=quorum\+level%3A300">', html)


def test_it_says_how_to_search_where_nothing_was_asked(client, edition):
    html = client.get("/search/").content.decode()
    assert "How to search" in html
    assert 'href="/posts/quorum-11/"' in html
    assert "How to search" in client.get("/search/?q=%22%22").content.decode()


def test_it_proposes_what_was_meant(client, edition):
    html = client.get("/search/?q=qourum").content.decode()
    assert '<a href="/search/?q=quorum">quorum</a>' in html


def test_it_shows_no_trace_of_what_is_to_come(client, edition):
    make.post(
        title="Zeppelin",
        tags=["airships"],
        at=timezone.now() + timedelta(hours=1),
        learning_level=make.level(400),
    )
    for text in ("zeppelin", "zepelin", "tag:airships", "level:400", "zeppelin+quorum"):
        html = client.get(f"/search/?q={text}").content.decode()
        assert "Zeppelin" not in html, text
        assert 'class="hit"' not in html or text == "zeppelin+quorum"
        assert "q=zeppelin" not in html.replace(f"q={text}", ""), text


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/search/?q=" + "x" * 10_000, 200),
        ("/search/?q=" + "w+" * 3_000, 200),
        ("/search/?q=%00", 400),
        ("/search/?q=%ff%fe", 200),
        ("/search/?q=%ed%a0%80", 200),
        ("/search/?q=a&page=0", 404),
        ("/search/?q=a&page=51", 404),
        ("/search/?q=a&page=x", 404),
        ("/search/?q=a&page=%D9%A1", 404),
        ("/search/?q=a&page=", 404),
        ("/search/?q=level:999999999999999999&page=50", 200),
        ("/search/?q=from:0000-99", 200),
        ("/search/?q=%27%29%3B--", 200),
        ("/search/?q=a&sort=x", 200),
        ("/search/?q[]=a", 200),
        ("/search/?q=%22%22%22-%22or+or", 200),
    ],
    ids=lambda value: str(value)[:40],
)
def test_it_answers_odd_input_with_a_page_that_helps(client, url, status):
    response = client.get(url)
    assert response.status_code == status
    assert b"</html>" in response.content


def test_it_may_be_found_itself_but_not_what_it_answers(client):
    assert 'name="robots"' not in client.get("/search/").content.decode()
    assert "noindex" in client.get("/search/?q=ledger").content.decode()
