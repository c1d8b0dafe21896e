import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog.models import Operation, Post, Preference
from blog.publishing import contents, editing
from tests import make

from .conftest import said

DAY = timedelta(days=1)
CALENDAR = "/admin/blog/post/calendar/"


@pytest.fixture
def ahead(db):
    """Noon UTC on the fifteenth of next month."""
    first = (timezone.now().replace(day=1) + 32 * DAY).replace(
        day=15, hour=12, minute=0, second=0, microsecond=0
    )
    return first.astimezone(UTC)


def month(editor, when):
    return editor.get(CALENDAR, {"month": f"{when:%Y-%m}"})


def move(editor, post, when: datetime, what="published_at", **over):
    address = reverse("admin:blog_post_move", args=[post.pk])
    return editor.post(
        address,
        {"what": what, "when_0": f"{when:%Y-%m-%d}", "when_1": f"{when:%H:%M:%S}"} | over,
        follow=True,
    )


def test_it_shows_what_comes_out_what_expires_and_what_changes(editor, ahead):
    make.post("Coming out", at=ahead)
    make.post("Going away", expires_at=ahead + DAY)
    make.post("Wished for", status="draft", published_at=ahead + 2 * DAY)
    make.post("Gone", status="withdrawn", published_at=ahead + 2 * DAY)
    changed = make.post("Changing")
    editing.save(
        changed, contents.read(changed) | {"title": "Changed"}, at=timezone.now(), by=None, on_top=True
    )
    editing.schedule_draft(changed, ahead + 3 * DAY, by=None, at=timezone.now())
    page = month(editor, ahead).content.decode()
    cells = dict(re.findall(r'<td data-day="([\d-]+)"(.*?)</td>', page, re.DOTALL))
    told = {day: cell for day, cell in cells.items() if "planned" in cell}
    assert [f"{ahead + n * DAY:%Y-%m-%d}" for n in range(4)] == list(told)
    for words, cell in zip(
        ("Goes live", "Expires", "Draft, not scheduled", "New version"), told.values(), strict=True
    ):
        assert words in cell
    assert "Gone" not in page
    assert page.count('draggable="true"') == 4


def test_it_takes_the_same_few_queries_for_any_number_of_posts(editor, ahead, django_assert_max_num_queries):
    for number in range(9):
        make.post(f"Number {number}", at=ahead, expires_at=ahead + DAY)
    with django_assert_max_num_queries(10):
        page = month(editor, ahead).content.decode()
    assert page.count("Number 8") >= 2
    assert "3 more" in page


def test_it_tells_times_in_the_editors_zone(editor, ahead):
    Preference.objects.create(user=get_user_model().objects.get(), time_zone="Pacific/Kiritimati")
    make.post("Coming out", at=ahead)
    page = month(editor, ahead).content.decode()
    assert f'data-day="{ahead + DAY:%Y-%m-%d}"' in page
    cell = page.split(f'<td data-day="{ahead + DAY:%Y-%m-%d}"')[1].split("</td>")[0]
    assert "02:00" in cell
    assert "Times are in Pacific/Kiritimati" in page


@pytest.mark.parametrize(
    "odd", ["2026-13", "1", "9999-01", "0001-01", "2026-01-01", "x" * 999, "２０２６-01"]
)
def test_a_month_that_is_none_is_not_found(editor, odd):
    assert editor.get(CALENDAR, {"month": odd}).status_code == 404


@pytest.mark.parametrize("edge", ["1970-01", "2998-12", "2026-02"])
def test_it_shows_the_first_and_the_last_month(editor, edge):
    assert editor.get(CALENDAR, {"month": edge}).status_code == 200


def test_an_empty_month_says_so_once(editor, ahead):
    page = month(editor, ahead).content.decode()
    assert "Nothing is planned" in page
    assert "this month" not in page
    make.post("Coming out", at=ahead)
    assert "1 entry this month" in month(editor, ahead).content.decode()


def test_it_moves_after_a_question_and_offers_to_take_it_back(editor, ahead):
    post = make.post("Coming out", at=ahead)
    asked = editor.get(
        reverse("admin:blog_post_move", args=[post.pk]), {"what": "published_at", "date": "2999-01-01"}
    )
    assert 'value="2999-01-01"' in asked.content.decode()
    assert f"{ahead:%H:%M}" in asked.content.decode()
    response = move(editor, post, ahead + 2 * DAY)
    assert "goes live on" in said(response)
    assert Post.objects.get().published_at == ahead + 2 * DAY
    undo = re.search(r'action="([^"]*/calendar/undo/\d+/)"', response.content.decode())[1]
    assert "is where it was" in said(editor.post(undo, follow=True))
    assert Post.objects.get().published_at == ahead


def test_it_says_why_a_move_makes_no_sense(editor, ahead):
    post = make.post("Coming out", at=ahead)
    past = move(editor, post, timezone.now() - DAY).content.decode()
    assert "Choose a date and time to come" in past
    other = move(editor, post, ahead + DAY, was=(ahead - DAY).isoformat()).content.decode()
    assert "Somebody has moved" in other
    assert "Enter a valid date" in move(editor, post, ahead, when_0="x").content.decode()
    assert Post.objects.get().published_at == ahead


def test_it_refuses_a_time_that_does_not_come(editor, ahead):
    Preference.objects.create(user=get_user_model().objects.get(), time_zone="Europe/Berlin")
    post = make.post("Coming out", at=datetime(2998, 1, 1, tzinfo=UTC))
    year = timezone.now().year + 1
    sunday = max(d for d in (datetime(year, 3, n) for n in range(25, 32)) if d.weekday() == 6)
    page = move(editor, post, sunday.replace(hour=2, minute=30)).content.decode()
    assert "there is no 02:30 in Europe/Berlin" in page
    assert "Write 03:30, or 01:30." in page


def test_what_can_not_be_moved_has_no_page_for_it(editor, ahead):
    live = make.post("Live")
    address = reverse("admin:blog_post_move", args=[live.pk])
    assert "nothing of that kind ahead" in said(editor.get(address, {"what": "published_at"}, follow=True))
    assert editor.get(address, {"what": "body"}).status_code == 404
    assert editor.get("/admin/blog/post/99999999999999999999/move/?what=published_at").status_code == 404
    assert editor.post("/admin/blog/post/calendar/undo/99999999999999999999/").status_code == 404
    assert editor.get("/admin/blog/post/calendar/undo/1/").status_code == 405


def test_only_publishers_move_and_only_those_who_moved_take_it_back(staff, editor, ahead):
    post = make.post("Coming out", at=ahead)
    move(editor, post, ahead + DAY)
    done = Operation.objects.get()
    author = staff("add_post", "change_post", "view_post")
    address = reverse("admin:blog_post_move", args=[post.pk])
    assert author.get(address, {"what": "published_at"}).status_code == 403
    assert move(author, post, ahead + 2 * DAY).status_code == 403
    assert author.post(reverse("admin:blog_post_move_undo", args=[done.pk])).status_code == 404
    page = month(author, ahead).content.decode()
    assert "Coming out" in page
    assert 'draggable="true"' not in page
    assert Post.objects.get().published_at == ahead + DAY


def test_an_author_sees_what_is_planned_of_their_own_alone(staff, ahead):
    make.post("Somebody else’s", at=ahead)
    author = staff("add_post", "change_post")
    mine = make.post("Mine", at=ahead)
    Post.objects.filter(pk=mine.pk).update(created_by=get_user_model().objects.get())
    page = month(author, ahead).content.decode()
    assert "Mine" in page
    assert "Somebody else’s" not in page


def test_nobody_else_gets_in(staff, db):
    for client in (Client(), staff("view_tag")):
        assert client.get(CALENDAR).status_code in {302, 403}
        assert client.post("/admin/blog/post/1/move/").status_code in {302, 403, 404}
        assert client.post("/admin/blog/post/calendar/undo/1/").status_code in {302, 403, 404}
