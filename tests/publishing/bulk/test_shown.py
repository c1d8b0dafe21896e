from datetime import timedelta

import pytest

from blog.models import Listing, Post
from blog.publishing import bulk, undo
from tests import make
from tests.publishing.bulk.changing import change

pytestmark = pytest.mark.django_db


def test_it_publishes_many_and_takes_it_back(ada, now):
    ready, bare = make.post(status="draft", published_at=None), make.post(status="draft", summary="")
    live = make.post()
    outcome = change(bulk.PUBLISH, [ready, bare, live], at=now, by=ada)
    assert outcome.done == [ready] and outcome.same == [live] and outcome.failed[0][0] == bare
    assert Post.objects.get(pk=ready.pk).is_live(now)
    undo.undo(outcome.operation, at=now, by=ada)
    back = Post.objects.get(pk=ready.pk)
    assert (back.status, back.published_at) == ("draft", None)
    assert not Listing.objects.filter(post=back).exists()


def test_it_schedules_and_withdraws_many_and_takes_it_back(ada, now):
    draft, live = make.post(status="draft"), make.post()
    soon = now + timedelta(days=2)
    scheduled = change(bulk.SCHEDULE, [draft, live], soon, at=now, by=ada)
    assert scheduled.done == [draft] and "see it already" in scheduled.failed[0][1]
    assert Post.objects.get(pk=draft.pk).published_at == soon
    withdrawn = change(bulk.WITHDRAW, [draft, live], at=now, by=ada)
    assert len(withdrawn.done) == 2 and not Post.objects.live(now + timedelta(days=9)).exists()
    undo.undo(withdrawn.operation, at=now, by=ada)
    assert Post.objects.get(pk=live.pk).is_live(now) and Post.objects.get(pk=draft.pk).is_scheduled(now)


def test_it_moves_many_to_the_trash_and_brings_them_back(ada, now):
    posts = [make.post(), make.post(status="draft")]
    outcome = change(bulk.TRASH, posts, at=now, by=ada)
    assert not Post.objects.kept().exists()
    assert undo.undo(outcome.operation, at=now, by=ada) == "2 posts restored from the trash."
    assert sorted(Post.objects.kept().values_list("status", flat=True)) == ["draft", "published"]
