"""Saving without losing anybody's words."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from blog.models import Event, Post, Revision
from blog.publishing import contents, editing, workflow
from tests import make
from tests.publishing.waiting import one_after_the_other

pytestmark = pytest.mark.long
ROUNDS = 100


def saved(post, now, seen=None, by=None, **changes):
    content = contents.head(post) | changes
    return editing.save(post, content, at=now, by=by, seen=seen if seen is not None else post.version)


@pytest.mark.django_db
class TestSaving:
    def test_it_keeps_every_save_whole(self, now):
        post = make.post("A queue", status=Post.Status.DRAFT, tags=["a"], authors=[make.author("Zoe Last")])
        editor = get_user_model().objects.create(username="zoe")
        done = saved(post, now, by=editor, title="Two queues", tags=["a", "b"])
        kept = list(post.revisions.order_by("number"))
        assert [one.number for one in kept] == [1, 2] and done.post.version == 2
        assert [one.content["title"] for one in kept] == ["A queue", "Two queues"]
        assert (kept[1].content["tags"], kept[1].made_by) == (["a", "b"], editor)
        assert contents.read(Post.objects.get(pk=post.pk)) == kept[1].content

    def test_it_makes_a_new_post(self, now):
        base = contents.read(make.post("A model", status=Post.Status.DRAFT))
        editor = get_user_model().objects.create(username="zoe")
        done = editing.save(Post(), base | {"title": "New", "slug": "new"}, at=now, by=editor)
        assert (done.post.created_by, done.post.version, done.post.revisions.count()) == (editor, 1, 1)

    def test_it_merges_what_others_saved_meanwhile(self, now):
        post = make.post("A queue", status=Post.Status.DRAFT, body="One.\n\nTwo.")
        opened = contents.head(post)
        saved(post, now, body="One, theirs.\n\nTwo.", tags=["kafka"])
        mine = opened | {"body": "One.\n\nTwo, mine.", "title": "My queue"}
        done = editing.save(post, mine, at=now, by=None, seen=1)
        stored = Post.objects.get(pk=post.pk)
        assert (stored.title, stored.body, stored.version) == ("My queue", "One, theirs.\n\nTwo, mine.", 3)
        assert list(stored.tags.names()) == ["kafka"]
        assert done.taken == ["body", "tags"]

    def test_it_writes_nothing_where_both_changed_the_same_place(self, now):
        post = make.post("A queue", status=Post.Status.DRAFT, body="One.")
        opened = contents.head(post)
        saved(post, now, body="One, theirs.")
        with pytest.raises(editing.Conflict) as conflict:
            editing.save(post, opened | {"body": "One, mine."}, at=now, by=None, seen=1)
        assert [(one.theirs, one.mine) for one in conflict.value.merge.clashes] == [
            ("One, theirs.", "One, mine.")
        ]
        assert Post.objects.get(pk=post.pk).body == "One, theirs."
        choices = {conflict.value.merge.clashes[0].key: "both"}
        decided = editing.save(
            post, opened | {"body": "One, mine."}, at=now, by=None, seen=1, choices=choices
        )
        assert decided.post.body == "One, theirs.\n\nOne, mine."

    def test_it_asks_where_nobody_kept_what_the_form_was_opened_from(self, now):
        post = make.post("A queue", status=Post.Status.DRAFT)
        opened = contents.head(post)
        saved(post, now, title="Theirs")
        Revision.objects.filter(number=1).delete()
        with pytest.raises(editing.Conflict) as conflict:
            editing.save(post, opened | {"summary": "Mine."}, at=now, by=None, seen=1)
        choices = {clash.key: "both" for clash in conflict.value.merge.clashes}
        done = editing.save(post, opened | {"summary": "Mine."}, at=now, by=None, seen=1, choices=choices)
        assert done.post.summary == f"{make.SUMMARY}\n\nMine."


@pytest.mark.django_db
class TestDraftOnTop:
    def test_readers_keep_the_published_one_until_it_is_published(self, now):
        post = make.post("A queue", tags=["a"])
        changed = contents.head(post) | {"title": "Two queues", "tags": ["b"]}
        editing.save(post, changed, at=now, by=None, seen=1, on_top=True)
        stored = Post.objects.select_related("draft").get(pk=post.pk)
        assert (stored.title, list(stored.tags.names()), stored.version) == ("A queue", ["a"], 2)
        assert stored.updated_at == post.updated_at and contents.head(stored)["title"] == "Two queues"
        # From now on every save goes there.
        saved(stored, now, summary=make.SUMMARY + " And more.")
        assert Post.objects.get(pk=post.pk).summary == post.summary
        published = editing.publish_draft(stored, at=now)
        stored = Post.objects.get(pk=post.pk)
        assert (stored.title, list(stored.tags.names()), stored.draft) == ("Two queues", ["b"], None)
        assert published.version == stored.version == 4 and stored.summary.endswith("And more.")

    def test_it_stays_on_top_while_it_is_not_fit_for_readers(self, now):
        post = make.post("A queue")
        editing.save(post, contents.head(post) | {"summary": ""}, at=now, by=None, on_top=True)
        with pytest.raises(workflow.NotReady):
            editing.publish_draft(post, at=now)
        assert Post.objects.get(pk=post.pk).draft is not None
        with pytest.raises(workflow.NotReady):
            editing.schedule_draft(post, now + timedelta(hours=1), by=None)

    def test_it_goes_live_by_appointment(self, now):
        post = make.post("A queue")
        editing.save(post, contents.head(post) | {"title": "Two queues"}, at=now, by=None, on_top=True)
        when = now + timedelta(hours=1)
        editing.schedule_draft(post, when, by=None)
        assert editing.publish_due(at=when - timedelta(seconds=1)) == 0
        assert Post.objects.get(pk=post.pk).title == "A queue"
        assert editing.publish_due(at=when) == 1
        stored = Post.objects.get(pk=post.pk)
        assert (stored.title, stored.draft_at) == ("Two queues", None)

    def test_what_is_discarded_stays_in_the_history(self, now):
        post = make.post("A queue")
        editing.save(post, contents.head(post) | {"title": "Two queues"}, at=now, by=None, on_top=True)
        stored = editing.discard_draft(post, at=now)
        assert contents.head(stored)["title"] == "A queue"
        back = editing.restore(stored, stored.revisions.get(number=2), at=now, by=None)
        assert back.on_top and contents.head(back.post)["title"] == "Two queues"

    def test_a_form_opened_before_the_draft_went_does_not_show_it_to_readers(self, now):
        post = make.post("A queue")
        editing.save(post, contents.head(post) | {"title": "Two queues"}, at=now, by=None, on_top=True)
        opened = contents.head(Post.objects.get(pk=post.pk))
        editing.discard_draft(post, at=now)
        done = editing.save(post, opened | {"summary": "Mine."}, at=now, by=None, seen=2)
        assert (done.post.title, done.post.summary, done.taken) == ("A queue", "Mine.", ["title"])

    def test_a_form_opened_after_the_draft_went_is_not_merged_from_it(self, now):
        post = make.post("A queue")
        editing.save(post, contents.head(post) | {"title": "Two queues"}, at=now, by=None, on_top=True)
        opened = editing.discard_draft(post, at=now)
        mine = contents.head(opened) | {"title": "Two queues"}
        saved(Post.objects.get(pk=post.pk), now, summary="Theirs.")
        done = editing.save(post, mine, at=now, by=None, seen=opened.version)
        assert (done.post.title, done.post.summary) == ("Two queues", "Theirs.")


@pytest.mark.django_db
def test_it_restores_one_field_or_all(now):
    post = make.post("A queue", status=Post.Status.DRAFT, body="One.")
    first = saved(post, now, body="One.").post.revisions.get(number=2)
    later = saved(Post.objects.get(pk=post.pk), now, title="Later", body="Two.").post
    one = editing.restore(later, first, at=now, by=None, fields=["body"]).post
    assert (one.title, one.body) == ("Later", "One.")
    whole = editing.restore(one, first, at=now, by=None).post
    assert (whole.title, whole.body, whole.version) == ("A queue", "One.", 5)


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_the_same_instant_none_is_lost(now):
    """Two connections save from the same version, each its own paragraph and its own tag, round after round."""
    post = make.post("A queue", status=Post.Status.DRAFT, body="Zero.\n\nNought.")
    failed = []

    def save(who, content, seen, barrier):
        try:
            barrier.wait(5)
            paragraphs = content["body"].split("\n\n")
            paragraphs[0 if who == "a" else -1] = f"{who} {seen}."
            mine = content | {
                "body": "\n\n".join(paragraphs),
                "tags": sorted({*content["tags"], f"{who}{seen % 7}"}),
            }
            editing.save(post, mine, at=now, by=None, seen=seen)
        except Exception as error:  # told below, in the test's own thread
            failed.append(error)
        finally:
            connection.close()

    for _ in range(ROUNDS):
        stored = Post.objects.get(pk=post.pk)
        content, seen, barrier = contents.head(stored), stored.version, threading.Barrier(2)
        threads = [threading.Thread(target=save, args=(who, content, seen, barrier)) for who in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stored = Post.objects.get(pk=post.pk)
        assert not failed
        assert (stored.body, stored.version) == (f"a {seen}.\n\nb {seen}.", seen + 2)
        assert {f"a{seen % 7}", f"b{seen % 7}"} <= set(stored.tags.names())


@pytest.mark.django_db
def test_it_logs_when_a_draft_is_given_an_appointment_and_when_it_is_discarded(now):
    editor = get_user_model().objects.create(username="zoe")
    post = make.post("A queue")
    editing.save(post, contents.head(post) | {"title": "Two queues"}, at=now, by=editor, on_top=True)
    when = now + timedelta(hours=1)
    editing.schedule_draft(post, when, by=editor, at=now)
    editing.schedule_draft(post, None, by=editor, at=now)
    editing.discard_draft(post, at=now, by=editor)
    lines = Event.objects.filter(thing=post.pk, verb__startswith="post.draft_").order_by("pk")
    assert [(one.verb, one.who_name, one.details) for one in lines] == [
        ("post.draft_saved", "zoe", {"version": 2}),
        ("post.draft_scheduled", "zoe", {"version": 2, "to": when.isoformat()}),
        ("post.draft_unscheduled", "zoe", {"version": 2}),
        ("post.draft_discarded", "zoe", {"version": 2}),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_draft_on_top_that_was_saved_while_another_save_waited_is_merged_with(now):
    """The second save waits for the row; what it merges with must be the draft that the first has laid on top."""
    post = make.post("A queue", body="One.\n\nTwo.")
    editing.save(post, contents.head(post) | {"summary": "First."}, at=now, by=None, on_top=True)
    opened = contents.head(Post.objects.get(pk=post.pk))

    def save(**changes):
        return lambda: editing.save(post, opened | changes, at=now, by=None, seen=2, on_top=True)

    one_after_the_other(save(body="Theirs."), save(title="Mine"))
    draft = Post.objects.select_related("draft").get(pk=post.pk).draft
    assert (draft.content["title"], draft.content["body"], draft.number) == ("Mine", "Theirs.", 4)
