"""Rows below the post's form."""

import pytest
from django.contrib.auth import get_user_model

from blog.models import Post, Series
from tests import make

from .conftest import address, fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoe(editor):
    """An author whose account the editor's is."""
    author = make.author("Zoe Moss")
    author.user = get_user_model().objects.get(username="editor")
    author.save()
    return author


def first_row(response):
    (rows,) = [
        one.formset for one in response.context["inline_admin_formsets"] if one.formset.prefix == "bylines"
    ]
    return rows.forms[0]


def test_whoever_begins_a_post_is_named_as_its_author(editor, zoe, django_assert_max_num_queries):
    editor.get(address())
    with django_assert_max_num_queries(15):
        page = editor.get(address())
    assert f'<option value="{zoe.pk}" selected>Zoe Moss</option>' in page.content.decode()
    shown = {f"bylines-0-{name}": first_row(page)[name].value() for name in ("author", "position")}
    editor.post(address(), fields(bylines=[]) | {"bylines-TOTAL_FORMS": 1} | shown | {"_continue": "1"})
    assert [line.author for line in Post.objects.get().bylines.all()] == [zoe]


def test_an_account_that_is_no_authors_begins_with_an_empty_row(editor):
    make.author("Somebody Else")
    assert first_row(editor.get(address()))["author"].value() is None


def test_a_post_that_there_is_keeps_its_authors(editor, zoe):
    bo = make.author("Bo Carr")
    post = make.post(status="draft", authors=[bo])
    assert first_row(editor.get(address(post)))["author"].value() == bo.pk


def test_a_form_that_comes_back_refused_has_the_authors_that_were_typed(editor, zoe):
    bo = make.author("Bo Carr")
    page = editor.post(address(), fields(title="", bylines=[{"author": bo.pk, "position": 0}]))
    assert page.status_code == 200 and first_row(page)["author"].value() == str(bo.pk)


def test_a_post_of_a_series_is_saved_again_as_its_form_shows_it(editor):
    post, series = make.post("Part two"), Series.objects.create(title="Buses", slug="buses")
    series.parts.create(post=post, number=2)
    shown = {"series_parts-TOTAL_FORMS": 1, "series_parts-INITIAL_FORMS": 1}
    shown |= {"series_parts-0-series": series.pk, "series_parts-0-number": 2}
    shown |= {"series_parts-0-id": "", "series_parts-0-post": ""}
    sent = fields(post) | shown | {"title": "Part 2", "_continue": "1"}
    answer = editor.post(address(post), sent)
    assert answer.status_code == 302
    post.refresh_from_db()
    assert post.title == "Part 2" and post.series_parts.get().number == 2
