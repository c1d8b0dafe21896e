import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog import imaging
from blog.admin.shared import MOST_OPEN, with_pass
from blog.models import Event, Figure, Post, PreviewLink, WorkingCopy
from blog.publishing import contents, editing, figure_files, figures, revisions
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def page_of(post) -> str:
    return reverse("admin:blog_post_links", args=[post.pk])


def made(post, **over) -> tuple[PreviewLink, str]:
    """A link and its address."""
    now = timezone.now()
    given = {"post": post, "created_at": now, "expires_at": now + DAY} | over
    link, token = PreviewLink.make(**given)
    return link, reverse("preview", args=[token])


def on_top(post, **over):
    editing.save(post, contents.read(post) | over, at=timezone.now(), by=None, on_top=True)


def test_it_shows_a_draft_to_a_visitor_and_counts_each_view(visitor):
    link, address = made(make.post("Not out yet", status="draft", body="## Part\n\nWords of a draft.\n"))
    for _ in range(3):
        response = visitor.get(address)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Words of a draft." in page
    assert "Only people who have this link see this page" in page
    visitor.head(address)
    visitor.get(address, headers={"Sec-Purpose": "prefetch"})
    link.refresh_from_db()
    assert link.views == 3
    assert link.last_viewed_at


def test_it_is_kept_by_nobody_and_told_to_nobody(visitor):
    _, address = made(make.post(status="draft"))
    for response in (visitor.get(address), visitor.get("/preview/wrong/")):
        assert response["Cache-Control"] == "no-store, private"
        assert response["X-Robots-Tag"].startswith("noindex")
        assert response["Referrer-Policy"] == "no-referrer"
        assert 'name="robots" content="noindex"' in response.content.decode()
        assert not response.cookies


def test_every_closed_door_looks_the_same(visitor):
    post = make.post(status="draft")
    now = timezone.now()
    expired = made(post, created_at=now - 2 * DAY, expires_at=now - DAY)[1]
    revoked = made(post, revoked_at=now)[1]
    trashed_post = make.post(status="withdrawn")
    trashed = made(trashed_post)[1]
    Post.objects.filter(pk=trashed_post.pk).update(trashed_at=now)
    answers = [
        visitor.get(one) for one in (expired, revoked, trashed, "/preview/wrong/", f"/preview/{'x' * 5_000}/")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r'"/preview/[^"]*"', "", answer.content.decode()) for answer in answers}) == 1
    assert not PreviewLink.objects.filter(views__gt=0).exists()


def test_it_opens_to_the_second(visitor):
    link, address = made(make.post(status="draft"))
    assert PreviewLink.objects.open(link.expires_at - timedelta(seconds=1)).exists()
    assert not PreviewLink.objects.open(link.expires_at).exists()


@pytest.mark.parametrize("odd", ["%00", "%FF%FE", "..%2F..", "%ED%A0%80", "a%0Ab"])
def test_odd_tokens_find_nothing(visitor, odd):
    assert visitor.get(f"/preview/{odd}/").status_code in {400, 404}
    assert visitor.post("/preview/x/").status_code == 405


def test_its_markdown_is_not_given_out(visitor):
    link, address = made(make.post(status="draft"))
    assert visitor.get(f"{address.rstrip('/')}.md").status_code == 404
    answer = visitor.get(address, headers={"Accept": "text/markdown"})
    assert answer["Content-Type"].startswith("text/html")


def test_it_shows_the_newest_saved_words_of_a_published_post(visitor):
    post = make.post("What readers see", body="Old words.\n", tags=["old"])
    on_top(post, title="What comes next", body="New words.\n", tags=["new"])
    _, address = made(post)
    page = visitor.get(address).content.decode()
    assert "What comes next" in page
    assert "New words." in page
    assert ">new<" in page
    assert "Old words" not in page
    assert "What readers see" in visitor.get(post.get_absolute_url()).content.decode()


def test_a_frozen_version_stays_as_it_was(visitor):
    post = make.post("First title", status="draft", body="First words.\n")
    frozen = revisions.record(post, at=timezone.now())
    _, address = made(post, revision=frozen)
    editing.save(
        post, contents.read(post) | {"title": "Second title", "body": "More.\n"}, at=timezone.now(), by=None
    )
    page = visitor.get(address).content.decode()
    assert "First title" in page
    assert "First words." in page
    assert "Second title" not in page


def test_a_frozen_version_keeps_the_pictures_of_its_time_and_their_words(visitor):
    at, figure = timezone.now(), make.figure("bus", caption="One bus", alt="One line.")
    figures.make_renditions(figure, at=at)
    post = make.post("Title", status="draft", body="## Part\n\n![](figure:bus)\n")
    frozen = revisions.record(post, at=at)
    _, address = made(post, revision=frozen)
    then, data = figure.image.url, make.png(800, 500, "new")
    proposed = figure_files.propose(
        figure, imaging.clean(data, name="new.png"), data, name="new.png", at=at, by=None
    )
    now = figure_files.replace(proposed, seen=figure.content_hash, at=at, by=None, alt="Two lines.")
    Figure.objects.update(caption="Two buses")
    page = visitor.get(address).content.decode()
    assert "One bus" in page and 'alt="One line."' in page and "Two buses" not in page
    source = re.search(r'<img src="(/media/[^"]+)" width="(\d+)" height="(\d+)"', page)
    assert (source[1].split("?")[0], source[2], source[3]) == (then, "640", "400")
    assert now.image.url not in page and "renditions/" not in page
    assert visitor.get(then).status_code == 404
    assert visitor.get(source[1]).status_code == 200
    _, newest = made(post)
    page = visitor.get(newest).content.decode()
    assert "Two buses" in page and now.image.url in page and then not in page
    source = re.search(r'<img src="(/media/[^"]+)"', page)[1]
    given = source.partition("?")[2]
    assert visitor.get(f"{then}?{given}").status_code == 404


def test_it_shows_what_its_maker_has_typed_as_long_as_that_is_not_saved(visitor, editor):
    user = get_user_model().objects.get()
    post = make.post("Saved title", status="draft", body="Saved words.\n")
    copy = WorkingCopy.objects.create(
        post=post, user=user, form={"title": ["Typed title"], "body": ["Typed words.\n"]}, tab="t", sequence=1,
        saved_at=timezone.now(),
    )  # fmt: skip
    _, address = made(post, unsaved=True, created_by=user)
    assert "Typed words." in visitor.get(address).content.decode()
    copy.delete()
    assert "Saved words." in visitor.get(address).content.decode()


def test_drawing_leaves_nothing_behind(visitor, django_capture_on_commit_callbacks):
    post = make.post("Seen", body="Old.\n")
    on_top(post, title="Next", body="New.\n")
    _, address = made(post)
    before = Post.objects.values().get()
    with django_capture_on_commit_callbacks() as after_commit:
        visitor.get(address)
    assert after_commit == []
    assert Post.objects.values().get() == before


def test_its_pictures_open_with_the_pass_and_only_while_the_link_does(visitor):
    make.figure("secret")
    make.figure("other")
    post = make.post(status="draft", body="## Part\n\n![](figure:secret)\n")
    make.post(status="draft", body="![](figure:other)\n")
    link, address = made(post)
    page = visitor.get(address).content.decode()
    source = re.search(r'<img src="(/media/[^"]+)"', page)[1]
    bare, given = source.split("?preview=")
    assert visitor.get(bare).status_code == 404
    shown = visitor.get(source)
    assert shown.status_code == 200
    assert "private" in shown["Cache-Control"]
    other = Figure.objects.get(slug="other").image.url
    assert visitor.get(f"{other}?preview={given}").status_code == 404
    assert visitor.get(f"{bare}?preview={given[:-1]}x").status_code == 404
    assert visitor.get(f"{bare}?preview=%00").status_code == 400
    assert visitor.get(f"{bare}?preview={'9' * 30}:x").status_code == 404
    PreviewLink.objects.filter(pk=link.pk).update(revoked_at=timezone.now())
    assert visitor.get(source).status_code == 404


def test_pictures_of_a_draft_on_top_open_too(visitor):
    make.figure("fresh")
    post = make.post(body="Nothing to see.\n")
    on_top(post, body="![](figure:fresh)\n", figures={})
    _, address = made(post)
    source = re.search(r'<img src="(/media/[^"]+)"', visitor.get(address).content.decode())[1]
    assert visitor.get(source).status_code == 200


def test_the_pass_stands_in_addresses_of_pictures_alone():
    html = '<img src="/media/a.png" srcset="/media/b.png 1w, /media/c.png 2w"><a href="/x"> /media/d.png </a>'
    assert with_pass(html, "P") == (
        '<img src="/media/a.png?preview=P" srcset="/media/b.png?preview=P 1w, /media/c.png?preview=P 2w">'
        '<a href="/x"> /media/d.png </a>'
    )


def test_an_editor_makes_a_link_whose_address_is_shown_once(editor, visitor):
    post = make.post(status="draft")
    response = editor.post(page_of(post), {"shows": "newest", "lasts": "7", "note": "Ada’s team"})
    address = re.search(r'value="http[^"]*(/preview/[^"]+)"', response.content.decode())[1]
    token = address.split("/")[2]
    assert len(token) == 43
    assert visitor.get(address).status_code == 200
    link = PreviewLink.objects.get()
    assert token not in str(PreviewLink.objects.values().get())
    assert link.expires_at - link.created_at == 7 * DAY
    assert link.created_by.username == "editor"
    assert token not in str(list(Event.objects.values()))
    listed = editor.get(page_of(post))
    assert token not in listed.content.decode()
    assert "Ada’s team" in listed.content.decode()
    assert "1 time" in listed.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert (
        response["Referrer-Policy"] == "same-origin"
    )  # with “no-referrer”, browsers name no origin for its form


def test_an_editor_freezes_a_version(editor, visitor):
    post = make.post("Frozen", status="draft")
    revision = revisions.record(post, at=timezone.now())
    other = revisions.record(make.post(status="draft"), at=timezone.now())
    assert editor.post(page_of(post), {"shows": str(other.pk), "lasts": "7"}).context["form"].errors
    editor.post(page_of(post), {"shows": str(revision.pk), "lasts": "1"})
    assert PreviewLink.objects.get().revision == revision


@pytest.mark.parametrize(
    "odd", [{"lasts": "9999"}, {"lasts": ""}, {"shows": "x"}, {"note": "x" * 101}, {"shows": "unsaved"}]
)
def test_it_refuses_what_the_form_does_not_offer(editor, odd):
    post = make.post(status="draft")
    response = editor.post(page_of(post), {"shows": "newest", "lasts": "7"} | odd)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not PreviewLink.objects.exists()


def test_an_editor_revokes_one_or_all(editor, visitor):
    post, other = make.post(status="draft"), make.post(status="draft")
    (first, one), (_, two), (_, foreign) = made(post), made(post), made(other)
    editor.post(page_of(post), {"revoke": str(first.pk)})
    assert [visitor.get(address).status_code for address in (one, two, foreign)] == [404, 200, 200]
    for odd in ("x", "9" * 30, ""):
        assert editor.post(page_of(post), {"revoke": odd}).status_code == 302
    editor.post(page_of(post), {"revoke": "all"})
    assert [visitor.get(address).status_code for address in (two, foreign)] == [404, 200]


def test_there_is_an_end_to_open_links(editor):
    post = make.post(status="draft")
    for _ in range(MOST_OPEN):
        made(post)
    response = editor.post(page_of(post), {"shows": "newest", "lasts": "7"})
    assert "Revoke some first" in response.content.decode()
    assert PreviewLink.objects.count() == MOST_OPEN


def test_only_those_who_write_or_publish_a_post_make_links_to_it(staff, visitor, db):
    post = make.post(status="draft")
    link, _ = made(post)
    author = staff("add_post", "change_post")
    reader = Client()
    assert reader.get(page_of(post)).status_code == 302
    for data in ({"shows": "newest", "lasts": "7"}, {"revoke": str(link.pk)}):
        assert author.get(page_of(post)).status_code == 403
        assert author.post(page_of(post), data).status_code == 403
        assert reader.post(page_of(post), data).status_code == 302
    link.refresh_from_db()
    assert link.revoked_at is None
    assert PreviewLink.objects.count() == 1
    mine = make.post(status="draft")
    Post.objects.filter(pk=mine.pk).update(created_by=get_user_model().objects.get())
    assert author.get(page_of(mine)).status_code == 200
    assert author.get("/admin/blog/post/99999999999999999999/links/").status_code == 404


def test_a_page_costs_few_queries(visitor, editor, django_assert_max_num_queries):
    make.figure("secret")
    post = make.post(status="draft", body="![](figure:secret)\n")
    _, address = made(post)
    for _ in range(9):
        made(post)
    with django_assert_max_num_queries(9):
        visitor.get(address)
    with django_assert_max_num_queries(12):
        editor.get(page_of(post))
