from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from blog.models import Post
from blog.publishing import contents, editing, scheduling, undo
from blog.publishing.scheduling import DRAFT, EXPIRE, GO_LIVE, CannotMove
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def by(db):
    return get_user_model().objects.create_superuser("publisher")


def fresh(post):
    return Post.objects.get(pk=post.pk)


def test_it_moves_a_go_live_and_readers_follow_to_the_second(now, by):
    post = make.post(at=now + DAY)
    scheduling.move(post, GO_LIVE, now + 3 * DAY, at=now, by=by, was=now + DAY)
    assert not Post.objects.live(now + 3 * DAY - timedelta(seconds=1)).filter(pk=post.pk).exists()
    assert Post.objects.live(now + 3 * DAY).filter(pk=post.pk).exists()
    assert post.listings.first().published_at == now + 3 * DAY


def test_one_click_takes_it_back(now, by):
    post = make.post(at=now + DAY)
    done = scheduling.move(post, GO_LIVE, now + 3 * DAY, at=now, by=by)
    undo.undo(done, at=now, by=by)
    assert fresh(post).published_at == now + DAY


def test_it_is_not_taken_back_when_somebody_has_moved_it_again(now, by):
    post = make.post(at=now + DAY)
    done = scheduling.move(post, GO_LIVE, now + 3 * DAY, at=now, by=by)
    scheduling.move(post, GO_LIVE, now + 5 * DAY, at=now, by=by)
    with pytest.raises(undo.Refused, match="Somebody has moved"):
        undo.undo(done, at=now, by=by)
    assert fresh(post).published_at == now + 5 * DAY


def test_it_moves_an_expiry(now, by):
    post = make.post(expires_at=now + DAY)
    scheduling.move(post, EXPIRE, now + 2 * DAY, at=now, by=by)
    assert fresh(post).expires_at == now + 2 * DAY
    assert fresh(post).changed_at is None


def test_it_moves_the_appointment_of_a_draft_on_top(now, by):
    post = make.post()
    content = contents.read(post) | {"title": "A newer title"}
    editing.save(post, content, at=now, by=by, on_top=True)
    editing.schedule_draft(post, now + DAY, by=by, at=now)
    scheduling.move(fresh(post), DRAFT, now + 2 * DAY, at=now, by=by)
    assert fresh(post).draft_at == now + 2 * DAY


@pytest.mark.parametrize(
    ("over", "what", "days", "words"),
    [
        ({}, GO_LIVE, 2, "no go-live ahead"),
        ({"status": "withdrawn"}, GO_LIVE, 2, "no go-live ahead"),
        ({}, EXPIRE, 2, "no expiry ahead"),
        ({}, DRAFT, 2, "no change ahead"),
        ({"ahead": 1}, GO_LIVE, -1, "to come"),
        ({"ahead": 1, "ends": 2}, GO_LIVE, 3, "expire before"),
        ({"ahead": 2, "ends": 3}, EXPIRE, 1, "expire before"),
    ],
)
def test_it_moves_nothing_where_that_makes_no_sense(now, by, over, what, days, words):
    given = dict(over)
    ahead, ends = given.pop("ahead", 0), given.pop("ends", 0)
    if ends:
        given["expires_at"] = now + ends * DAY
    post = make.post(**({"at": now + ahead * DAY} if ahead else {}), **given)
    with pytest.raises(CannotMove, match=words):
        scheduling.move(post, what, now + days * DAY, at=now, by=by)
    assert fresh(post).version == post.version


def test_of_two_editors_the_second_is_told(now, by):
    post = make.post(at=now + DAY)
    scheduling.move(post, GO_LIVE, now + 2 * DAY, at=now, by=by, was=now + DAY)
    with pytest.raises(CannotMove, match="meanwhile"):
        scheduling.move(post, GO_LIVE, now + 4 * DAY, at=now, by=by, was=now + DAY)
