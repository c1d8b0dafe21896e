from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Series
from blog.publishing import figures
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def series(module_rows, now):
    series = Series.objects.create(
        title="Layers", slug="layers", description="Two looks at one wall.\n\nAnd a third."
    )
    other = Series.objects.create(title="Other", slug="other")
    for number in (3, 1, 2):
        lead = make.figure(f"f{number}")
        figures.make_renditions(lead, at=now)
        make.post(
            f"Layer {number}",
            slug=f"layer-{number}",
            series=[(series, number), (other, 9 - number)],
            lead_figure=lead,
            learning_level=make.level(number * 100),
        )
    return series


@pytest.mark.parametrize(("url", "most"), [("/series/", 2), ("/series/layers/", 5)])
def test_it_asks_no_more_for_more_parts_and_nothing_while_rendering(client, series, url, most, in_templates):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    assert len(queries) == most, [q["sql"] for q in queries]
    assert in_templates == [0]


def test_it_shows_the_parts_in_order_with_what_they_come_to(client, series):
    response = client.get("/series/layers/")
    assert [(part.number, part.post.slug) for part in response.context["parts"].places] == [
        (1, "layer-1"),
        (2, "layer-2"),
        (3, "layer-3"),
    ]
    html = response.content.decode()
    for words in (
        "Part 2",
        "3 parts",
        "3 minutes of reading",
        "<p>And a third.</p>",
    ):
        assert words in html


def test_it_lists_every_series_with_a_live_part(client, series):
    Series.objects.create(title="Empty", slug="empty")
    html = client.get("/series/").content.decode()
    for words in (
        'href="/series/layers/"',
        'href="/series/other/"',
        "2 series",
        "Two looks at one wall.",
        "3 parts",
    ):
        assert words in html
    assert "Empty" not in html


def test_it_says_what_to_do_before_there_is_a_series(client):
    html = client.get("/series/").content.decode()
    assert "No series has been begun yet" in html
    assert 'name="robots" content="noindex"' in html


@pytest.mark.parametrize("over", [{"status": "draft"}, {"status": "withdrawn"}, {"at": timedelta(hours=1)}])
def test_it_tells_nothing_of_a_part_that_is_not_live(client, series, over):
    over = {name: timezone.now() + by if isinstance(by, timedelta) else by for name, by in over.items()}
    make.post("Hidden words", slug="xqzja", series=[(series, 4)], **over)
    for url in ("/series/", "/series/layers/"):
        html = client.get(url).content.decode()
        assert "Hidden" not in html and "xqzja" not in html
        assert "3 parts" in html and "Part 4" not in html


def test_a_series_without_live_parts_is_not_there_yet(client):
    series = Series.objects.create(title="Later", slug="later", description="All about the launch.")
    make.post(series=[(series, 1)], status="draft")
    for url in ("/series/later/", "/series/later/feed/", "/series/later.md"):
        response = client.get(url)
        assert response.status_code == 404, url
        assert "launch" not in response.content.decode() and "Later" not in response.content.decode()
