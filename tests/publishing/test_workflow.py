from datetime import timedelta

import pytest

from blog.models import Address, Change, Placement, Post
from blog.publishing import workflow
from tests import make

pytestmark = pytest.mark.django_db


def test_it_publishes_a_complete_draft(now):
    post = make.post(status="draft", at=now, published_at=None)
    workflow.publish(post, at=now)
    assert post.is_live(now)
    assert post.published_at == now


def test_it_refuses_to_publish_what_is_incomplete_and_changes_nothing(now):
    post = make.post(status="draft", published_at=None, summary="", learning_level=None)
    with pytest.raises(workflow.NotReady) as caught:
        workflow.publish(post, at=now)
    assert {finding.field for finding in caught.value.findings} == {"summary", "learning_level"}
    post.refresh_from_db()
    assert post.status == "draft"


def test_it_schedules_without_any_job(now):
    post = make.post(status="draft", published_at=None)
    workflow.publish(post, at=now, when=now + timedelta(hours=1))
    assert post.is_scheduled(now)
    assert not Post.objects.live(now + timedelta(minutes=59)).exists()
    assert Post.objects.live(now + timedelta(hours=1)).exists()


def test_it_keeps_the_first_date_when_it_publishes_again(now):
    post = make.post(at=now - timedelta(days=9))
    first = post.published_at
    workflow.withdraw(post, at=now)
    workflow.publish(post, at=now)
    assert post.published_at == first


def test_it_leaves_an_address_when_the_slug_of_a_known_post_changes(now):
    post = make.post(slug="old", at=now - timedelta(days=1))
    post.slug = "new"
    workflow.save(post, at=now)
    assert Address.objects.get().path == "/posts/old/"
    assert Address.objects.get().target == post


@pytest.mark.parametrize("state", ["draft", "scheduled"])
def test_it_leaves_no_address_for_a_slug_that_nobody_has_known(now, state):
    over = {"status": "draft"} if state == "draft" else {"at": now + timedelta(days=1)}
    post = make.post(slug="old", **over)
    post.slug = "new"
    workflow.save(post, at=now)
    assert not Address.objects.exists()


def test_it_counts_saves(now):
    post = make.post()
    before = post.version
    workflow.save(post, at=now)
    assert Post.objects.get().version == before + 1


def test_it_records_which_figures_a_post_places_and_as_which_number(now):
    for key in ("one", "two", "three"):
        make.figure(key)
    post = make.post(body="![](figure:two)\n\n![](figure:one)\n")
    assert list(Placement.objects.values_list("figure__slug", "number")) == [("two", 1), ("one", 2)]
    post.body = "![](figure:one)\n\n![](figure:three)\n\n![](figure:two)\n"
    workflow.save(post, at=now)
    workflow.settle(post)
    assert list(Placement.objects.values_list("figure__slug", "number")) == [
        ("one", 1),
        ("three", 2),
        ("two", 3),
    ]


def test_it_finds_a_post_by_its_figures_words_also_when_those_change(now):
    from blog.publishing import figures

    figure = make.figure("bus", caption="A caravan of messages")
    post = make.post(body="![](figure:bus)\n")
    post.refresh_from_db()
    assert "caravan" in post.figures_text
    figure.caption = "A parade of messages"
    figures.save(figure)
    post.refresh_from_db()
    assert "parade" in post.figures_text


def test_it_writes_nothing_of_a_published_import_that_fails_the_rules(now):
    with pytest.raises(workflow.NotReady):
        make.post(body="![](figure:ghost)\n")
    assert not Post.objects.exists()


def test_it_refuses_a_body_that_cannot_be_rendered_and_keeps_the_old_one(now):
    from blog import markup

    post = make.post(body="Kept.")
    post.body = "a\x00b"
    with pytest.raises(markup.RenderRefused):
        workflow.save(post, at=now)
    assert Post.objects.get().body == "Kept."


def test_it_says_updated_only_when_words_change_that_readers_had_seen(now):
    post = make.post(at=now - timedelta(days=1), body="One two.\n")
    for changes, told in (
        ({"body": "One  two.\n\n"}, None),
        ({"learning_level": make.level(300)}, None),
        ({"title": "Another"}, now),
    ):
        for name, value in changes.items():
            setattr(post, name, value)
        workflow.save(post, at=now)
        assert Post.objects.get().changed_at == told
    post.body = "Three."
    workflow.save(post, at=now + timedelta(hours=1), minor=True)
    assert Post.objects.get().changed_at == now


@pytest.mark.parametrize("over", [{"status": "draft"}, {"at": make.LONG_AGO + timedelta(days=900)}])
def test_it_says_nothing_of_changes_before_readers_could_see_the_post(now, over):
    post = make.post(**over)
    post.title = "Another"
    workflow.save(post, at=now, notable="Much.")
    assert Post.objects.get().changed_at is None
    assert not Change.objects.exists()


def test_it_tells_readers_of_a_notable_change(now):
    post = make.post()
    workflow.save(post, at=now, notable="  The limits\nare new. ")
    assert [(one.made_at, one.sentence) for one in post.changes.all()] == [(now, "The limits are new.")]
    assert Post.objects.get().changed_at == now


def test_it_dates_a_note_that_has_no_date(now):
    post = make.post(editors_note=" Wrong. ")
    assert (post.editors_note, post.editors_note_at) == ("Wrong.", make.LONG_AGO)
    post.editors_note = ""
    workflow.save(post, at=now)
    assert Post.objects.get().editors_note_at is None


def test_it_lets_all_translations_name_the_post_that_was_written_first(now):
    first = make.post("First")
    second = make.post("Second", translation_of=first)
    third = make.post("Third", translation_of=second)
    assert Post.objects.get(pk=third.pk).translation_of == first
    first = Post.objects.get(pk=first.pk)
    first.translation_of = second
    workflow.save(first, at=now)
    group = dict(Post.objects.values_list("title", "translation_of__title"))
    assert group == {"First": "Second", "Second": None, "Third": "Second"}


def test_it_writes_the_log_and_the_chosen_posts_of_an_import_and_leaves_them_otherwise(now):
    post, other = make.post(), make.post()
    given = {"categories": [make.category()], "authors": [make.author()], "tags": []}
    for more in ({"changes": [(now, "New.")], "related_posts": [other]}, {}):
        workflow.write(post, at=now, **given, **more)
        assert [one.sentence for one in post.changes.all()] == ["New."]
        assert [one.other for one in post.related_posts.filter(curated=True)] == [other]
