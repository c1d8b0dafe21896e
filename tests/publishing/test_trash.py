from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from blog.models import Address, Event, Listing, Placement, Post, Revision
from blog.publishing import editing, trash, workflow
from tests import make

pytestmark = pytest.mark.django_db


def test_it_takes_a_post_from_its_readers_at_once_and_keeps_all_that_is_its_own(ada, now, client):
    make.figure("bus")
    post = make.post(body="![](figure:bus)\n", tags=["queues"])
    post.slug = "moved"
    workflow.save(post, at=now)
    trash.put(post, at=now, by=ada)
    kept = Post.objects.get()
    assert (kept.status, kept.status_before) == ("withdrawn", "published")
    assert (kept.trashed_at, kept.trashed_by) == (now, ada)
    assert not Post.objects.live(now).exists() and not Listing.objects.exists()
    assert client.get("/posts/moved/").status_code == 404
    assert Placement.objects.filter(post=post).exists() and Address.objects.filter(post=post).exists()
    assert post.bylines.count() == 1 and [tag.name for tag in post.tags.all()] == ["queues"]
    assert not Post.objects.kept().exists() and Post.objects.in_trash().get() == post


def test_it_brings_a_post_back_as_it_was(ada, now):
    post = make.post(tags=["queues"])
    trash.put(post, at=now, by=ada)
    back, said = trash.restore(post, at=now + timedelta(days=3), by=ada)
    assert said == f"“{post}” is back as it was."
    assert (back.status, back.status_before, back.trashed_at) == ("published", "", None)
    assert back.is_live(now) and back.published_at == make.LONG_AGO
    assert Listing.objects.filter(post=post, tag__name="queues").exists()


@pytest.mark.parametrize("status", ["draft", "review", "withdrawn"])
def test_it_remembers_what_a_post_was(status, now):
    post = make.post(status=status)
    trash.put(post, at=now)
    assert trash.restore(post, at=now)[0].status == status


def test_it_does_not_publish_late_what_was_scheduled(now):
    post = make.post(at=now + timedelta(days=2))
    trash.put(post, at=now)
    back, said = trash.restore(post, at=now + timedelta(days=3))
    assert back.status == "draft" and "the moment it was scheduled for has passed" in said


def test_it_keeps_a_schedule_that_is_yet_to_come(now):
    post = make.post(at=now + timedelta(days=9))
    trash.put(post, at=now)
    assert trash.restore(post, at=now + timedelta(days=3))[0].is_scheduled(now + timedelta(days=3))


def test_it_leaves_the_draft_on_top_alone_and_without_a_missed_appointment(ada, now):
    post = make.post()
    content = editing.contents.read(post) | {"title": "Newer"}
    editing.save(post, content, at=now, by=ada, on_top=True)
    editing.schedule_draft(post, now + timedelta(days=1), by=ada)
    trash.put(post, at=now)
    assert editing.publish_due(at=now + timedelta(days=2)) == 0
    back, said = trash.restore(post, at=now + timedelta(days=2))
    assert back.draft.content["title"] == "Newer" and back.draft_at is None
    assert "was to be published meanwhile" in said


def test_it_publishes_nothing_from_the_trash(now):
    stale = make.post(status="draft")
    trash.put(stale, at=now)
    with pytest.raises(workflow.NotReady, match="in the trash"):
        workflow.publish(Post.objects.get(), at=now)
    with pytest.raises(workflow.NotReady, match="in the trash"):
        workflow.save(stale, at=now)  # read before it went there
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.update(status="published")


def test_it_deletes_for_good_what_has_been_there_for_thirty_days(ada, now):
    old, new, kept = make.post("Old"), make.post("New"), make.post("Kept")
    trash.put(old, at=now - timedelta(days=30), by=ada)
    trash.put(new, at=now - timedelta(days=29), by=ada)
    assert [post.title for post in trash.empty(at=now)] == ["Old"]
    assert set(Post.objects.all()) == {new, kept}
    assert not Revision.objects.filter(post=old.pk).exists()
    line = Event.objects.get(verb="post.deleted")
    assert (line.title, line.thing) == ("Old", old.pk)


def test_it_deletes_for_good_only_what_is_in_the_trash(now):
    with pytest.raises(ValueError):
        trash.delete_for_good(make.post(), at=now)
    assert Post.objects.count() == 1


def test_it_logs_who_did_it(ada, now):
    post = make.post("One")
    trash.put(post, at=now, by=ada)
    trash.restore(post, at=now, by=ada)
    verbs = Event.objects.filter(who=ada, thing=post.pk).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["post.trashed", "post.restored"]
