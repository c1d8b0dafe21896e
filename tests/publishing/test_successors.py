"""Saving a post while what it names is being merged: real connections, at the same moment."""

import threading

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from blog.models import Category, Post, Revision, Series, SeriesPart, Tag
from blog.publishing import contents, editing, merges, successors, undo
from tests import make

ROUNDS = 12


def at_once(*deeds) -> list[BaseException]:
    """Does each in a thread and a connection of its own, all at the same moment; returns what went wrong."""
    barrier, trouble = threading.Barrier(len(deeds)), []

    def run(deed) -> None:
        try:
            barrier.wait(10)
            deed()
        except BaseException as error:  # noqa: BLE001  to be told
            trouble.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    return trouble


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("names_it", [True, False], ids=["that names it already", "that is just given it"])
def test_a_save_and_a_merge_at_the_same_moment_both_succeed(now, names_it):
    ada = get_user_model().objects.create_user("ada")
    stays, kept = make.category("stays"), make.author("Stays")
    for n in range(ROUNDS):
        goes, gone, tag = (
            make.category(f"goes-{n}"),
            make.author(f"Goes {n}"),
            Tag.objects.create(name=f"tag {n}"),
        )
        other = Tag.objects.create(name=f"other {n}")
        named = {"categories": [goes], "authors": [gone], "tags": [tag.name]} if names_it else {}
        post = make.post(f"Post {n}", slug=f"post-{n}", **named)
        words = contents.read(post) | {
            "title": f"New {n}", "categories": [goes.pk], "authors": [gone.pk], "tags": [tag.name]
        }  # fmt: skip
        trouble = at_once(
            lambda: editing.save(post, words, at=now, by=None, seen=post.version),  # noqa: B023
            lambda: merges.merge([goes], into=stays, at=now, by=ada),  # noqa: B023
            lambda: merges.merge([gone], into=kept, at=now, by=ada),  # noqa: B023
            lambda: merges.merge([tag], into=other, at=now, by=ada),  # noqa: B023
        )
        assert trouble == []
        saved = contents.read(Post.objects.get(pk=post.pk))
        assert saved["title"] == f"New {n}"
        assert (saved["categories"], saved["authors"], saved["tags"]) == ([stays.pk], [kept.pk], [other.name])


@pytest.mark.django_db
def test_a_merge_raises_the_version_so_that_forms_opened_before_are_merged_with_it(now):
    stays, goes = make.category("stays"), make.category("goes")
    post = make.post("A queue", categories=[goes])
    opened, seen = contents.head(post), post.version
    merges.merge([goes], into=stays, at=now, by=None)
    after = Post.objects.get(pk=post.pk)
    assert after.version == seen + 1
    assert Revision.objects.get(post=post, number=seen + 1).note == "“Goes” merged into “Stays”."
    done = editing.save(post, opened | {"title": "Two queues"}, at=now, by=None, seen=seen)
    assert done.taken == ["categories"]
    assert contents.read(Post.objects.get(pk=post.pk))["categories"] == [stays.pk]


@pytest.mark.django_db
def test_taking_a_merge_back_raises_the_version_again(now):
    stays, goes = make.category("stays"), make.category("goes")
    post = make.post("A queue", categories=[goes])
    operation = merges.merge([goes], into=stays, at=now, by=None)
    undo.undo(operation, at=now, by=None)
    stored = Post.objects.get(pk=post.pk)
    assert stored.version == post.version + 2
    assert contents.read(stored) == Revision.objects.get(post=post, number=stored.version).content


@pytest.mark.django_db
def test_it_follows_one_merge_after_another(now):
    first, second, third = (make.category(name) for name in ("first", "second", "third"))
    key = first.pk
    merges.merge([first], into=second, at=now, by=None)
    merges.merge([second], into=third, at=now, by=None)
    assert successors.successor(Category, key) == third.pk
    assert successors.successor(Category, 999_999) is None


@pytest.mark.django_db
def test_a_post_is_one_part_of_a_series_that_two_were_merged_into(now):
    one, two = (Series.objects.create(title=name, slug=name) for name in ("one", "two"))
    post = make.post("A queue")
    words = contents.read(post) | {"series": sorted([[one.pk, 4], [two.pk, 2]])}
    merges.merge([two], into=one, at=now, by=None)
    editing.save(post, words, at=now, by=None)
    assert list(SeriesPart.objects.values_list("series", "number")) == [(one.pk, 4)]
