from datetime import timedelta

import pytest

from blog.models import Byline, Event, Post
from blog.publishing import trash
from tests import make

from .conftest import address, said

TRASH = "/admin/blog/post/trash/"


@pytest.fixture
def thrown(db, now):
    post = make.post("Doomed")
    return trash.put(post, at=now)


def test_deleting_a_post_moves_it_to_the_trash_and_can_be_undone(editor, client):
    post = make.post("Doomed", slug="doomed", tags=["x"])
    make.post("Linking", body="[it](/posts/doomed/)\n")
    page = editor.get(address(post, "delete")).content.decode()
    assert "goes to the trash" in page and "Linking" in page and "Listing" not in page
    response = editor.post(address(post, "delete"), {"post": "yes"}, follow=True)
    assert "is in the trash" in said(response) and "/undo/" in said(response)
    kept = Post.objects.get(pk=post.pk)
    assert kept.trashed_by.username == "editor" and Byline.objects.filter(post=post).exists()
    assert client.get("/posts/doomed/").status_code == 404
    assert Event.objects.filter(verb="post.trashed", thing=post.pk, who__username="editor").exists()


def test_it_lists_what_is_there_and_gives_it_back(editor, thrown, django_assert_max_num_queries):
    editor.get(TRASH)
    with django_assert_max_num_queries(10):
        page = editor.get(TRASH).content.decode()
    assert "Doomed" in page and "Live" in page
    response = editor.post(f"{TRASH}{thrown.pk}/restore/", follow=True)
    assert "is back as it was" in said(response) and Post.objects.kept().get().status == "published"
    assert "The trash is empty" in editor.get(TRASH).content.decode()


def test_it_says_what_a_post_was_to_its_readers(editor, now):
    later, day = make.post("Later", slug="later", at=now + timedelta(days=9)), timedelta(days=1)
    past = make.post("Past", slug="past", at=now - 2 * day, expires_at=now - day)
    for post in (later, past, make.post("Idea", slug="idea", status="draft")):
        trash.put(post, at=now)
    page = editor.get(TRASH).content.decode()
    for was in ("Scheduled", "Expired", "Draft"):
        assert f'data-label="It was">{was}</td>' in page


def test_it_deletes_for_good_after_asking(editor, thrown):
    url = f"{TRASH}{thrown.pk}/delete/"
    assert (
        "can&#x27;t be undone" in editor.get(url).content.decode()
        or "undone" in editor.get(url).content.decode()
    )
    assert Post.objects.exists()
    assert "deleted for good" in said(editor.post(url, follow=True))
    assert not Post.objects.exists()


def test_no_list_and_no_choice_shows_what_is_in_the_trash(editor, thrown):
    other = make.post("Other")
    assert "Doomed" not in editor.get("/admin/blog/post/").content.decode()
    chosen = {"app_label": "blog", "model_name": "post", "field_name": "translation_of", "term": "doomed"}
    assert editor.get("/admin/autocomplete/", chosen).json()["results"] == []
    assert list(Post.objects.kept()) == [other]


def test_a_post_in_the_trash_can_be_read_and_not_changed(editor, thrown):
    page = editor.get(address(thrown))
    assert (
        page.status_code == 200 and b"in the trash" in page.content and b'name="_publish"' not in page.content
    )
    assert editor.post(address(thrown), {"title": "x", "_save": "1"}).status_code == 403


@pytest.mark.parametrize("door", ["{}/restore/", "{}/delete/", ""])
def test_it_denies_every_door_to_those_who_may_not_delete(staff, client, thrown, door):
    url = TRASH + door.format(thrown.pk)
    assert client.post(url).status_code == 302
    assert staff("view_tag", "view_post").post(url).status_code == 403
    assert Post.objects.in_trash().exists()


def test_an_author_brings_back_own_drafts_only(staff, now):
    client = staff("add_post", "change_post", "delete_post")
    me = client.get("/admin/blog/post/").wsgi_request.user
    mine, theirs, live = (
        make.post("Mine", status="draft"),
        make.post("Theirs", status="draft"),
        make.post("Live"),
    )
    for post in (mine, theirs, live):
        trash.put(post, at=now)
    Post.objects.filter(pk__in=[mine.pk, live.pk]).update(created_by=me)
    page = client.get(TRASH).content.decode()
    assert "Mine" in page and "Theirs" not in page
    codes = [client.post(f"{TRASH}{post.pk}/restore/").status_code for post in (mine, theirs, live)]
    assert codes == [302, 403, 403]


@pytest.mark.parametrize("key", ["99", "9" * 30])
def test_it_knows_no_other_posts(editor, key, thrown):
    assert editor.post(f"{TRASH}{key}/restore/").status_code == 404
    assert editor.get(f"{TRASH}{thrown.pk}/restore/").status_code == 405


def test_odd_pages_of_the_trash_are_its_first(editor, thrown):
    for page in ("x", "-1", "9" * 40, "1.5"):
        assert editor.get(TRASH, {"p": page}).status_code == 200
