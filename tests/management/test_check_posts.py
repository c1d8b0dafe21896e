import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from blog.models import Post
from tests import make

pytestmark = pytest.mark.django_db


def run(*words: str) -> tuple[str, str]:
    """(what was printed, what the command ended with)."""
    out = StringIO()
    try:
        call_command("check_posts", *words, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


@pytest.fixture
def posts():
    make.post(slug="fine")
    make.post(slug="short", summary="Short.")
    make.post(slug="unfinished", status="draft", learning_level=None, body="Text.\n\n![](figure:ghost)\n")


def test_it_judges_what_is_published_and_ends_well_when_nothing_blocks(posts):
    told, ended = run()
    assert ended == ""
    assert "short: summary: advise: short-summary: The summary has 6 characters" in told
    assert "2 posts checked: 0 findings block, 1 advise." in told
    assert "unfinished" not in told


def test_it_ends_with_code_1_when_something_blocks(posts):
    told, ended = run("--all")
    assert "unfinished: line 3: block: unknown-figure" in told
    assert "unfinished: learning_level: block: level" in told
    assert ended.startswith("2 findings block publishing")


def test_it_judges_one_post_alone(posts):
    assert run("--slug", "fine") == ("1 post checked: 0 findings block, 0 advise.\n", "")
    assert run("--slug", "unfinished")[1]
    assert run("--slug", "lost")[1] == "There is no post “lost”."


def test_it_prints_one_document_for_programs(posts):
    told, ended = run("--all", "--json")
    document = json.loads(told)
    assert document["format"] == 1
    assert (document["checked"], document["blocking"], document["advisory"]) == (3, 2, 1)
    assert [post["slug"] for post in document["posts"]] == ["short", "unfinished"]
    finding = document["posts"][1]["findings"][1]
    assert finding["code"] == "unknown-figure"
    assert (finding["severity"], finding["field"], finding["line"], finding["figure"]) == (
        "block",
        "body",
        3,
        "ghost",
    )
    assert finding["message"]
    assert finding["why"]
    assert ended


def test_it_prints_a_document_of_nothing_too(db):
    assert json.loads(run("--json")[0]) == {
        "format": 1,
        "posts": [],
        "checked": 0,
        "blocking": 0,
        "advisory": 0,
    }


def test_it_asks_the_database_once_for_each_batch(django_assert_max_num_queries):
    make.post()
    Post.objects.update(body="[a](/posts/lost/)\n", facts={"links": ["/posts/lost/"]})
    for _ in range(4):
        make.post(body="[a](/posts/lost/)\n")
    with django_assert_max_num_queries(6):
        told, _ = run()
    assert told.count("dead-link") == 5


def test_it_lists_the_rules_with_their_weights(settings):
    settings.PUBLISH_CHECKS = ["caption=block"]
    told = {one["code"]: one for one in json.loads(run("--rules", "--json")[0])}
    assert told["caption"]["severity"] == "block"
    assert told["caption"]["default"] == "advise"
    assert told["level"]["locked"]
    assert "Caption" in run("--rules")[0]
