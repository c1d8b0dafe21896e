from datetime import timedelta

import pytest
from django.utils import timezone

from blog.models import LearningPath, PathStep, Post
from tests import make

from .conftest import rows

LIST = "/admin/blog/learningpath/"


@pytest.fixture
def path(db) -> LearningPath:
    return make.path(
        "Storage from the ground up",
        "storage",
        introduction="For those who know files.",
        steps=[(make.post("One"), "Begin here."), (make.post("Two"), "")],
    )


def save(editor, path: LearningPath, *steps: dict, **over):
    data = {"title": path.title, "slug": path.slug, "introduction": path.introduction} | over
    return editor.post(f"{LIST}{path.pk}/change/", data | rows("steps", *steps))


def steps_of(path: LearningPath) -> list[dict]:
    return [
        {"id": s.pk, "learning_path": path.pk, "post": s.post_id, "number": s.number, "note": s.note}
        for s in path.steps.all()
    ]


def titles(path: LearningPath) -> list[str]:
    return [step.post.title for step in path.steps.select_related("post")]


def test_it_is_laid_with_steps_and_notes_in_one_go(editor, client):
    post = make.post("One")
    data = {"title": "A way", "slug": "a-way", "introduction": "First.\r\n\r\nSecond."}
    response = editor.post(
        f"{LIST}add/", data | rows("steps", {"number": 1, "post": post.pk, "note": "Look."})
    )
    assert response.status_code == 302
    path = LearningPath.objects.get()
    assert path.introduction == "First.\n\nSecond."
    assert [(step.number, step.post, step.note) for step in path.steps.all()] == [(1, post, "Look.")]
    assert "Look." in client.get("/paths/a-way/").content.decode()


@pytest.mark.parametrize("swapped", ["number", "post"])
def test_steps_can_change_places_in_one_go(editor, path, swapped):
    one, two = steps_of(path)
    one[swapped], two[swapped] = two[swapped], one[swapped]
    assert save(editor, path, one, two).status_code == 302
    assert titles(path) == ["Two", "One"]


@pytest.mark.parametrize(
    "over",
    [
        {"number": 1},
        {"number": 0},
        {"number": 99_999},
        {"number": "x"},
        {"number": ""},
        {"post": "abc"},
        {"post": "9" * 30},
        {"note": "x" * 301},
        {"note": "a\x00b"},
    ],
    ids=str,
)
def test_it_refuses_a_step_that_can_not_be(editor, path, over):
    one, two = steps_of(path)
    response = save(editor, path, one, two | over)
    assert response.status_code == 200
    assert response.context["errors"]
    assert titles(path) == ["One", "Two"]


def test_it_refuses_a_post_that_stands_on_the_path_already(editor, path):
    one, two = steps_of(path)
    response = save(editor, path, one, two | {"post": one["post"]})
    assert response.status_code == 200
    assert "A post can be only one step of a path." in response.content.decode()
    assert titles(path) == ["One", "Two"]


def test_a_step_can_be_taken_out_and_another_put_in(editor, path):
    one, two = steps_of(path)
    new = {"post": make.post("Three").pk, "number": 3, "note": ""}
    assert save(editor, path, one | {"DELETE": "on"}, two, new).status_code == 302
    assert titles(path) == ["Two", "Three"]


def test_a_renamed_path_leads_on(editor, client, path):
    assert save(editor, path, *steps_of(path), slug="disks").status_code == 302
    assert client.get("/paths/storage/")["Location"] == "/paths/disks/"


@pytest.mark.parametrize("over", [{"title": ""}, {"slug": ""}, {"slug": "a b"}, {"slug": "taken"}])
def test_it_refuses_a_path_that_could_have_no_page(editor, path, over):
    make.path("Taken", "taken")
    response = save(editor, path, *steps_of(path), **over)
    assert response.status_code == 200
    assert response.context["errors"]


def test_the_list_says_how_much_of_a_path_readers_see(editor, path):
    make.path("Empty", "empty")
    make.path("Half", "half", steps=[(Post.objects.first(), ""), (make.post(status="draft"), "")])
    make.path("Later", "later", steps=[(make.post(at=timezone.now() + timedelta(hours=1)), "")])
    html = editor.get(LIST).content.decode()
    shown = [
        html.split(f">{title}<")[1].split("field-shown_posts")[1].split(">")[1].split("<")[0]
        for title in ("Empty", "Half", "Later", "Storage from the ground up")
    ]
    assert shown == ["nothing yet", "1 of them", "nothing yet", "all of it"]


def test_the_list_asks_no_more_for_more_paths(editor, path, django_assert_max_num_queries):
    for n in range(9):
        make.path(f"Path {n}", f"path-{n}", steps=[(Post.objects.first(), "")])
    with django_assert_max_num_queries(8):
        assert editor.get(LIST).status_code == 200


def test_it_is_found_by_title_and_slug(editor, path):
    assert "Storage from the ground up" in editor.get(f"{LIST}?q=ground").content.decode()
    assert "Storage from the ground up" not in editor.get(f"{LIST}?q=nothing").content.decode()


def test_deleting_it_says_what_goes_along_and_leaves_the_posts(editor, client, path):
    page = editor.get(f"{LIST}{path.pk}/delete/").content.decode()
    assert "Taken off 2 posts; the posts themselves stay." in page
    assert editor.post(f"{LIST}{path.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not PathStep.objects.exists()
    assert Post.objects.count() == 2
    assert client.get("/paths/storage/").status_code == 404


def test_a_path_that_is_gone_takes_its_former_addresses_along(editor, client, path):
    save(editor, path, *steps_of(path), slug="disks")
    path.delete()
    assert client.get("/paths/storage/").status_code == 404
