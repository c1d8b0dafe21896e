from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Address, Event, Listing, Operation, Post, Tag
from blog.publishing import bulk, contents, editing, trash, undo
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return get_user_model().objects.create_user("ada")


def change(kind, posts, value=None, **more):
    return bulk.carry_out(kind, [post.pk for post in posts], value, **more)


def values(kind):
    """A value for each kind of filing, with the field that it changes and what comes out for a post of `make`."""
    if kind == bulk.LEVEL:
        return make.level(400).pk, "learning_level", make.level(400).pk
    if kind == bulk.ADD_CATEGORIES:
        both = sorted([make.category("storage").pk, make.category("messaging").pk])
        return [make.category("messaging").pk], "categories", both
    if kind == bulk.REMOVE_CATEGORIES:
        return [make.category("storage").pk], "categories", [make.category("messaging").pk]
    if kind == bulk.ADD_TAGS:
        return ["QUEUES", "Ｌoad"], "tags", ["Load", "queues"]
    if kind == bulk.REMOVE_TAGS:
        return ["Queues"], "tags", []
    who = [make.author().pk, make.author("Bo Carr").pk]
    return [who[1]], "authors", who


@pytest.mark.parametrize("kind", bulk.FILING)
def test_it_files_many_posts_and_takes_it_all_back(kind, ada, now):
    value, name, wanted = values(kind)
    where = [make.category("storage"), make.category("messaging")]
    if kind == bulk.ADD_CATEGORIES:
        where = where[:1]
    posts = [make.post(tags=["queues"], categories=where) for _ in range(2)]
    before = [contents.read(post) for post in posts]
    outcome = change(kind, posts, value, named="it", at=now, by=ada)
    assert len(outcome.done) == 2 and not outcome.failed
    assert all(contents.read(Post.objects.get(pk=post.pk))[name] == wanted for post in posts)
    assert "2 posts" in str(outcome.operation) and outcome.operation.who == ada
    assert undo.undo(outcome.operation, at=now, by=ada) == "2 posts put back as before."
    assert [contents.read(Post.objects.get(pk=post.pk)) for post in posts] == before


def test_it_keeps_listings_history_and_the_log_true(ada, now):
    post = make.post()
    outcome = change(bulk.ADD_TAGS, [post], ["queues"], at=now, by=ada)
    assert Listing.objects.filter(post=post, tag__name="queues").exists()
    assert post.revisions.first().content["tags"] == ["queues"]
    assert {"post.saved", "posts.add_tags"} <= set(
        Event.objects.filter(who=ada).values_list("verb", flat=True)
    )
    undo.undo(outcome.operation, at=now, by=ada)
    assert not Listing.objects.filter(post=post, tag__name="queues").exists()


def test_it_leaves_out_what_is_so_already(now):
    post = make.post(tags=["queues"])
    outcome = change(bulk.ADD_TAGS, [post], ["Queues"], at=now, by=None)
    assert outcome.same == [post] and outcome.operation is None and not Operation.objects.exists()


def test_it_tells_of_each_post_that_it_can_not_change_and_changes_the_others(ada, now):
    last, other, theirs, gone = (make.post(title) for title in ("Last", "Other", "Theirs", "Gone"))
    other.categories.add(make.category("messaging"))
    trash.put(gone, at=now)
    outcome = change(
        bulk.REMOVE_CATEGORIES, [last, other, theirs, gone], [make.category().pk], at=now, by=ada,
        allowed=lambda post: post != theirs,
    )  # fmt: skip
    assert outcome.done == [other]
    reasons = {post.title: why for post, why in outcome.failed}
    assert "at least one category" in reasons["Last"]
    assert "may not" in reasons["Theirs"] and "trash" in reasons["Gone"]
    assert [c.path for c in Post.objects.get(pk=last.pk).categories.all()] == ["storage"]


def test_it_changes_a_draft_on_top_along_and_leaves_it_there(ada, now):
    post = make.post()
    newer = contents.read(post) | {"title": "Newer", "tags": ["mine"]}
    editing.save(post, newer, at=now, by=ada, on_top=True)
    editing.schedule_draft(post, now + timedelta(days=1), by=ada)
    outcome = change(bulk.ADD_TAGS, [post], ["queues"], at=now, by=ada)
    kept = Post.objects.get()
    assert kept.title != "Newer" and list(kept.tags.names()) == ["queues"]
    assert kept.draft.content["title"] == "Newer" and kept.draft.content["tags"] == ["mine", "queues"]
    assert kept.draft_at == now + timedelta(days=1)
    undo.undo(outcome.operation, at=now, by=ada)
    kept = Post.objects.get()
    assert list(kept.tags.names()) == [] and kept.draft.content["tags"] == ["mine"]


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


def test_it_refuses_to_take_back_what_was_changed_since_and_changes_nothing(ada, now):
    one, two = make.post("One"), make.post("Two")
    outcome = change(bulk.ADD_TAGS, [one, two], ["queues"], at=now, by=ada)
    editing.save(one, contents.read(one) | {"title": "One more"}, at=now, by=ada)
    with pytest.raises(undo.Refused, match="“One more” changed since"):
        undo.undo(outcome.operation, at=now, by=ada)
    assert Post.objects.filter(tags__name="queues").count() == 2
    assert Operation.objects.get().undone_at is None


def test_it_refuses_to_take_back_what_is_gone(now):
    post = make.post()
    outcome = change(bulk.TRASH, [post], at=now, by=None)
    trash.delete_for_good(post, at=now)
    with pytest.raises(undo.Refused, match="1 post deleted for good"):
        undo.undo(outcome.operation, at=now, by=None)


@pytest.mark.parametrize(("kind", "number"), [("burn", 1), (bulk.TRASH, bulk.MOST + 1)])
def test_it_refuses_what_it_does_not_know_and_too_many(kind, number, now):
    with pytest.raises(ValueError):
        bulk.carry_out(kind, range(number), at=now, by=None)


def test_it_calls_a_tag_by_the_name_it_has_now(now):
    tag = Tag.objects.create(name="Queues", slug="queues")
    Address.objects.create(path="/tag/cues/", tag=tag)
    post = make.post(tags=["CUES", "Ｑueues", "  other   words "])
    assert sorted(post.tags.names()) == ["Queues", "other words"]


@pytest.mark.parametrize("kind", [one for one in bulk.FILING if one != bulk.REMOVE_TAGS])
def test_it_files_many_posts_in_as_many_queries_as_few(kind, ada, now):
    value, _, _ = values(kind)
    where = [make.category("storage"), make.category("messaging")]
    where = where[:1] if kind == bulk.ADD_CATEGORIES else where
    spent = []
    for number in (2, 9):
        posts = [make.post(tags=["queues"], categories=where) for _ in range(number)]
        with CaptureQueriesContext(connection) as filing:
            outcome = change(kind, posts, value, at=now, by=ada)
        with CaptureQueriesContext(connection) as back:
            undo.undo(outcome.operation, at=now, by=ada)
        assert len(outcome.done) == number
        spent.append((len(filing), len(back)))
    assert spent[0] == spent[1]


def test_what_is_gone_meanwhile_is_given_to_nobody(now):
    posts = [make.post(), make.post()]
    outcome = change(bulk.LEVEL, posts, 999_999, at=now, by=None)
    assert [said for _, said in outcome.failed] == [bulk.GONE, bulk.GONE] and not outcome.done
