"""Choosing related rows where no script completes what is typed."""

import pytest

from blog.models import Author, Post
from tests import make

from .conftest import address, fields

TYPED = {
    "learning_level": "", "learning_level-typed": "300",
    "categories": [], "categories-typed": "storage/files, Messaging",
    "bylines": [{"author": "", "author-typed": "bo-lind", "position": 0}],
    "lead_figure": "", "lead_figure-typed": " event-bus ",
}  # fmt: skip


@pytest.fixture
def shelves(db):
    make.category("messaging")
    make.category("storage/files")
    make.figure("event-bus")
    make.author("Bo Lind")


def test_it_offers_a_box_to_type_a_slug_in_where_scripts_are_off(editor):
    page = editor.get(address()).content.decode()
    for name in ("learning_level", "categories", "lead_figure", "bylines-0-author"):
        assert f'<noscript><input type="text" class="typed" name="{name}-typed" value="" aria-label="' in page


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("learning_level", "or the number of another, such as 300"),
        ("categories", "names of more, separated by commas"),
        ("lead_figure", "or the key of another"),
        ("bylines-0-author", "or the name of another"),
    ],
)
def test_it_asks_for_what_people_know_a_row_by(editor, name, hint):
    box = editor.get(address()).content.decode().partition(f'name="{name}-typed"')[2].partition(">")[0]
    assert f'placeholder="{hint}"' in box


def test_it_files_a_post_by_typed_paths_slugs_numbers_and_names(editor, shelves):
    editor.post(address(), fields(**TYPED) | {"_publish": "1"})
    post = Post.objects.get()
    assert post.status == Post.Status.PUBLISHED
    assert (post.learning_level.number, post.lead_figure.slug) == (300, "event-bus")
    assert sorted(post.categories.values_list("path", flat=True)) == ["messaging", "storage/files"]
    assert list(post.authors.all()) == [Author.objects.get(slug="bo-lind")]


def test_it_keeps_what_is_chosen_when_nothing_is_typed(editor):
    post = make.post()
    editor.post(
        address(post), fields(post) | {"learning_level-typed": " ", "categories-typed": ",", "_continue": "1"}
    )
    kept = Post.objects.get()
    assert kept.learning_level == post.learning_level
    assert set(kept.categories.all()) == set(post.categories.all())


@pytest.mark.parametrize("typed", ["nowhere", "9", "99999999999999999999", "a\x00b", "/", "١"])
@pytest.mark.parametrize("name", ["learning_level", "categories"])
def test_it_refuses_what_goes_by_no_such_name_and_saves_nothing(editor, name, typed):
    response = editor.post(address(), fields(**{f"{name}-typed": typed}) | {"_continue": "1"})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors.keys() == {name}
    assert not Post.objects.exists()


def test_it_takes_no_name_that_two_rows_share(editor, db):
    make.category("compute/files")
    make.category("storage/files")
    response = editor.post(address(), fields(**{"categories-typed": "files"}) | {"_continue": "1"})
    assert "categories" in response.context["adminform"].form.errors


def test_every_field_of_a_row_is_named_for_those_who_hear_it(editor):
    page = editor.get(address()).content.decode()
    for name in ("Author, row 1", "Position, row 1", "Author, new row"):
        assert f'aria-label="{name}"' in page
