from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from blog.models import Address, Byline, Listing, Placement, Post, Tag, Tally
from tests import make

from .conftest import address, fields

WITH_FIGURES = "## One\n\n![](figure:event-bus)\n\nSee [](figure:second).\n\n![](figure:second)\n"


def everything() -> dict[str, list]:
    tables = (Post, Byline, Placement, Listing, Tally, Address, Tag, DBTaskResult)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in tables}


def test_it_shows_the_unsaved_text_as_a_reader_will_see_it(editor):
    make.figure("event-bus")
    make.figure("second")
    post = make.post(body="Old text.\n")
    data = fields(post, title="A new title", body=WITH_FIGURES, tags="brand new")
    response = editor.post(address(post, "preview"), data)
    page = response.content.decode()
    assert response.status_code == 200
    assert "A new title" in page
    assert "Old text" not in page
    assert "How second works" in page
    assert page.index("Figure 1") < page.index("How event-bus works") < page.index("How second works")
    assert 'href="#fig-second"' in page
    assert "brand new" in page
    assert 'class="preview"' in page


def test_it_does_not_call_a_live_post_unpublished(editor):
    live, draft = make.post(), make.post(status=Post.Status.DRAFT)
    for door in ("preview", "writing_page"):
        pages = {}
        for post in (live, draft):
            where = (
                address(post, door)
                if door == "preview"
                else reverse("admin:blog_post_writing_page", args=[post.pk])
            )
            response = editor.post(where, fields(post))
            pages[post] = response.json()["html"] if door == "writing_page" else response.content.decode()
        assert "Readers see the published version." in pages[live] and "not published" not in pages[live]
        assert "not published" in pages[draft] and "Readers see" not in pages[draft]


def test_it_leaves_nothing_behind(editor, django_capture_on_commit_callbacks):
    make.figure("event-bus")
    post = make.post(slug="known")
    before = everything()
    with django_capture_on_commit_callbacks() as after_commit:
        for data in (
            fields(post, slug="other", body=WITH_FIGURES, tags="new", bylines=[], categories=[]),
            fields(post, title="x") | {"_withdraw": "1"},
            fields(post, summary="", learning_level="") | {"_publish": "1"},
        ):
            assert editor.post(address(post, "preview"), data).status_code == 200
        assert editor.post(address(page="preview"), fields(slug="fresh")).status_code == 200
    assert after_commit == []
    assert everything() == before


def test_it_shows_a_post_that_was_never_saved(editor):
    page = editor.post(
        address(page="preview"), fields(summary="", categories=[], learning_level="")
    ).content.decode()
    assert "Because they fill up." in page
    assert not Post.objects.exists()


def test_it_is_kept_by_no_cache_and_no_search_engine(editor):
    for data in (fields(), fields(title="")):
        response = editor.post(address(page="preview"), data)
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"] == "noindex"


def test_it_names_the_fields_that_are_wrong(editor):
    data = fields(title="", canonical_url="nonsense", bylines=[{"author": "abc", "position": 0}])
    page = editor.post(address(page="preview"), data).content.decode()
    assert "No preview yet" in page
    for wrong in ("Title: This field is required", "Canonical URL: ", "Row 1, Author: "):
        assert wrong in page


def test_it_is_denied_to_those_who_may_not_write(staff, client):
    post = make.post()
    looking = staff("view_post")
    assert looking.post(address(post, "preview"), fields(post)).status_code == 403
    assert looking.post(address(page="preview"), fields()).status_code == 403
    assert client.post(address(post, "preview"), fields(post)).status_code == 302


def test_it_needs_the_form_and_a_post_that_exists(editor):
    assert editor.get(address(make.post(), "preview")).status_code == 405
    for key in ("77", "abc", "9" * 30):
        assert editor.post(f"/admin/blog/post/{key}/preview/", fields()).status_code == 404
