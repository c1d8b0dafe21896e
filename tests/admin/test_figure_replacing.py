import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from blog.models import Figure, FigureVersion
from blog.publishing import figures
from tests import make

from .conftest import said

LIST = "/admin/blog/figure/"
NEW = make.png(800, 400, "new")


def door(figure: Figure, name: str) -> str:
    return f"{LIST}{figure.pk}/{name}"


def proposed(editor, figure: Figure, data: bytes = NEW) -> str:
    """Uploads a file and returns the address where it is compared."""
    response = editor.post(door(figure, "replace/"), {"upload": SimpleUploadedFile("new.png", data)})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


@pytest.fixture
def figure(db) -> Figure:
    made = make.figure()
    figures.make_renditions(made, at=timezone.now())
    make.post("Placed and live", body="![](figure:event-bus)\n", lead_figure=made)
    make.post("A draft of it", body="![](figure:event-bus)\n", status="draft")
    make.author("Bo Lind", portrait=made)
    return made


def test_it_shows_both_pictures_and_all_that_will_change_before_anything_does(editor, client, figure):
    page = editor.get(door(figure, "replace/")).content.decode()
    assert all(one in page for one in ("Placed and live", "A draft of it", "Bo Lind"))
    compare = proposed(editor, figure)
    page = editor.get(compare).content.decode()
    version = FigureVersion.objects.get()
    assert figure.image.url in page and version.image.url in page
    assert "Figure 1, thumbnail and social card" in page
    assert "what the readers of 1 post see" in page
    assert client.get(version.image.url).status_code == 404
    assert editor.get(version.image.url).status_code == 200
    figure.refresh_from_db()
    assert figure.width == 640


def test_it_says_that_a_cdn_will_forget_the_pages_where_there_is_one(editor, figure, settings):
    compare = proposed(editor, figure)
    assert "to forget these pages" not in editor.get(compare).content.decode()
    settings.CDN = "fastly"
    assert "Fastly is told to forget these pages" in editor.get(compare).content.decode()


def test_it_replaces_the_file_once_confirmed_and_puts_it_back_with_one_click(editor, client, figure):
    compare, before = proposed(editor, figure), figure.image.url
    sent = {"seen": figure.content_hash, "alt": "Two boxes and a line."}
    response = editor.post(compare, sent, follow=True)
    assert "The file was replaced" in said(response)
    figure.refresh_from_db()
    assert (figure.width, figure.rendered_at, figure.alt) == (800, None, "Two boxes and a line.")
    page = client.get("/posts/" + figure.placements.first().post.slug + "/").content.decode()
    # No rendition of another shape: the new picture itself until its own are made.
    assert figure.image.url in page and "renditions/" not in page
    assert client.get(before).status_code == 200  # others may have linked to it
    former = FigureVersion.objects.get()
    assert str(former.pk) in response.content.decode()
    response = editor.post(door(figure, "put-back/"), {"version": former.pk}, follow=True)
    figure.refresh_from_db()
    assert figure.width == 640
    assert FigureVersion.objects.get().width == 800


def test_it_gives_the_upload_back_as_it_came_to_be_saved_only(editor, figure):
    editor.post(proposed(editor, figure), {"seen": figure.content_hash, "alt": figure.alt})
    former = FigureVersion.objects.get()
    for query, data in (("", NEW), (f"?version={former.pk}", make.png(text="event-bus"))):
        answer = editor.get(door(figure, f"original/{query}"))
        assert b"".join(answer.streaming_content) == data
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Type"] == "application/octet-stream"
    for odd in ("999", "x", "9" * 30, "\x00"):
        assert editor.get(door(figure, "original/"), {"version": odd}).status_code in {400, 404}


@pytest.mark.parametrize("data", [b"", b"<html>", make.png()[:-200]])
def test_it_refuses_what_is_no_sound_picture_and_the_file_that_is_there(editor, figure, data):
    for one in (data, make.png(text="event-bus")):
        response = editor.post(door(figure, "replace/"), {"upload": SimpleUploadedFile("x.png", one)})
        assert response.status_code == 200
        assert response.context["form"].errors["upload"]
    assert not FigureVersion.objects.exists()


def test_it_asks_again_when_the_words_are_wrong_and_changes_nothing(editor, figure):
    compare = proposed(editor, figure)
    for alt in ("", "event-bus.png", "\x00"):
        response = editor.post(compare, {"seen": figure.content_hash, "alt": alt})
        assert response.status_code in {200, 400}
    assert Figure.objects.get().width == 640


def test_it_refuses_what_somebody_else_replaced_meanwhile(editor, figure):
    compare = proposed(editor, figure)
    response = editor.post(compare, {"seen": "0" * 64, "alt": figure.alt}, follow=True)
    assert "another file meanwhile" in said(response)
    assert Figure.objects.get().width == 640


def test_it_drops_what_was_proposed_when_it_is_not_wanted(editor, figure):
    compare = proposed(editor, figure)
    assert editor.post(compare, {"_cancel": "1"}).status_code == 302
    assert not FigureVersion.objects.exists()
    assert "removed meanwhile" in said(editor.get(compare, follow=True))


def test_it_points_out_that_another_figure_has_the_new_file(editor, figure):
    other = make.figure("other", data=NEW)
    assert (
        f'<a href="{LIST}{other.pk}/change/">other</a>'
        in editor.get(proposed(editor, figure)).content.decode()
    )


def test_it_says_why_renditions_failed_and_how_to_go_on(editor, figure):
    Figure.objects.update(rendered_at=None, trouble="The picture takes too long to decode.")
    page = editor.get(door(figure, "change/")).content.decode()
    assert "takes too long" in page and "Try again" in page and "Show it as it is" in page
    assert editor.post(door(figure, "again/"), {"without": "1"}).status_code == 302
    figure.refresh_from_db()
    assert figure.rendered_at and figures.waiting([figure.slug]) == []
    assert editor.post(door(figure, "again/")).status_code == 302
    figure.refresh_from_db()
    assert (figure.rendered_at, figure.trouble) == (None, "")
    assert editor.get(door(figure, "again/")).status_code == 405


def test_its_pages_take_few_queries_however_many_posts(editor, figure, django_assert_max_num_queries):
    compare = proposed(editor, figure)
    for n in range(4):
        make.post(f"More {n}", body="![](figure:event-bus)\n")
    for page in (compare, door(figure, "uses/"), door(figure, "replace/"), door(figure, "change/")):
        with django_assert_max_num_queries(15):
            assert editor.get(page).status_code == 200
