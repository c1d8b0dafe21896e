from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import PathStep
from tests import make

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def path():
    return make.path(
        "From disks to tables",
        "disks",
        introduction="For those who know files.\n\nIt ends at a query plan.",
        steps=[
            (make.post("What a block is", slug="block", learning_level=make.level(100)), "Begin here."),
            (make.post("Pages and trees", slug="trees", learning_level=make.level(300)), ""),
        ],
    )


@pytest.mark.parametrize("url", ["/paths/", "/paths/disks/"])
def test_it_costs_two_queries_and_none_while_rendering(client, path, url, in_templates):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    assert len(queries) == 2, [q["sql"] for q in queries]
    assert in_templates == [0]


def test_it_shows_the_steps_with_their_levels_and_notes(client, path):
    html = client.get("/paths/disks/").content.decode()
    assert html.index("What a block is") < html.index("Pages and trees")
    for words in (
        "<p>For those who know files.</p>",
        "<p>It ends at a query plan.</p>",
        "Begin here.",
        "Step 2",
        "Foundational (100)",
        "Advanced (300)",
        "2 steps",
        "2 minutes of reading",
        make.SUMMARY,
    ):
        assert words in html
    assert html.count('href="/posts/block/"') == 1  # one link a step: nothing to tab past


def test_it_lists_the_paths_with_their_extent(client, path):
    html = client.get("/paths/").content.decode()
    for words in (
        'href="/paths/disks/"',
        "For those who know files.",
        "2 steps",
        "2 minutes of reading",
        "1 path",
        "Foundational (100) to Advanced (300)",
    ):
        assert words in html


def test_it_says_what_to_do_before_there_is_a_path(client):
    make.path("Announced", "announced", steps=[(make.post(status="draft"), "")])
    html = client.get("/paths/").content.decode()
    assert "No learning path has been laid yet" in html
    assert "Announced" not in html
    assert 'name="robots" content="noindex"' in html


@pytest.mark.parametrize("over", [{"status": "draft"}, {"status": "withdrawn"}, {"at": timedelta(hours=1)}])
def test_it_tells_nothing_of_a_step_that_is_not_live(client, path, over):
    over = {name: timezone.now() + by if isinstance(by, timedelta) else by for name, by in over.items()}
    secret = make.post("Hidden words", slug="xqzja", summary="Hidden summary", **over)
    PathStep.objects.create(learning_path=path, post=secret, number=3, note="Hidden note")
    for url in ("/paths/", "/paths/disks/"):
        html = client.get(url).content.decode()
        assert "Hidden" not in html and "xqzja" not in html
        assert "2 steps" in html


def test_a_path_without_live_steps_is_not_there_yet(client):
    make.path(
        "Later", "later", introduction="All about the launch.", steps=[(make.post(status="draft"), "x")]
    )
    for url in ("/paths/later/", "/paths/later/feed/", "/paths/later.md"):
        response = client.get(url)
        assert response.status_code == 404, url
        assert "launch" not in response.content.decode() and "Later" not in response.content.decode()


def test_it_escapes_whatever_an_editor_typed(client):
    make.path(HOSTILE, "hostile", introduction=HOSTILE * 9, steps=[(make.post(HOSTILE), HOSTILE)])
    for url in ("/paths/", "/paths/hostile/"):
        html = client.get(url).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html


@pytest.mark.parametrize(
    "url", ["/paths/nope/", "/paths/%ff/", f"/paths/{'x' * 5000}/", "/paths/a/b/", "/paths/%20/"]
)
def test_it_knows_no_other_path(client, path, url):
    assert client.get(url).status_code == 404


def test_it_is_readable_by_slugs_of_any_script(client):
    make.path("層の話", "層の話", steps=[(make.post(), "")])
    assert client.get("/paths/層の話/").status_code == 200


def test_it_names_its_canonical_address_whatever_was_asked(client, path):
    html = client.get("/paths/disks/?utm_source=x").content.decode()
    assert 'rel="canonical"' in html and "utm_source" not in html
