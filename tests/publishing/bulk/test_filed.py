from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Address, Event, Listing, Operation, Post, Tag
from blog.publishing import bulk, contents, editing, undo
from tests import make
from tests.publishing.bulk.changing import change
from tests.publishing.waiting import one_after_the_other

pytestmark = pytest.mark.django_db


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


def test_it_calls_a_tag_by_the_name_it_has_now(now):
    tag = Tag.objects.create(name="Queues", slug="queues")
    Address.objects.create(path="/tag/cues/", tag=tag)
    post = make.post(tags=["CUES", "Ｑueues", "  other   words "])
    assert sorted(post.tags.names()) == ["Queues", "other words"]


@pytest.mark.parametrize("kind", bulk.FILING)
def test_it_files_many_posts_in_as_many_queries_as_few(kind, ada, now):
    value, _, _ = values(kind)
    Tag.objects.create(name="Load", slug="load")  # to make it would cost something the first time
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


@pytest.mark.django_db(transaction=True)
def test_a_tag_that_was_saved_while_the_change_waited_stays(ada, now):
    post = make.post(tags=["load"])

    def save():
        editing.save(post, contents.read(post) | {"tags": ["load", "theirs"]}, at=now, by=ada)

    one_after_the_other(save, lambda: change(bulk.ADD_TAGS, [post], ["mine"], at=now, by=ada))
    both = ["load", "mine", "theirs"]
    assert contents.read(Post.objects.get(pk=post.pk))["tags"] == both
    assert post.revisions.get(number=3).content["tags"] == both
