"""What editors put around a post: changes, notes, related posts, translations."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog.models import Change, Post, RelatedPost
from tests import make

from .conftest import address, fields

SAVE = {"_continue": "1"}


def rows_of(post, *others):
    return [{"post": post.pk, "other": one.pk, "position": n} for n, one in enumerate(others)]


def test_it_asks_what_changed_only_where_readers_know_the_post(editor):
    for post, asked in ((make.post(), True), (make.post(status="draft"), False)):
        page = editor.get(address(post)).content.decode()
        assert ('name="notable"' in page) is asked
        assert ('name="changes-TOTAL_FORMS"' in page) is asked


def test_it_says_updated_unless_the_change_is_minor(editor):
    post = make.post(title="Old")
    editor.post(address(post), fields(post, title="New", minor="on") | SAVE)
    assert Post.objects.get().title == "New"
    assert Post.objects.get().changed_at is None
    editor.post(address(post), fields(post, title="Newer") | SAVE)
    assert Post.objects.get().changed_at is not None
    assert not Change.objects.exists()


def test_it_tells_readers_of_a_notable_change_and_lets_the_sentence_be_mended(editor):
    post = make.post(title="Old")
    editor.post(address(post), fields(post, title="New", notable="New numbers.") | SAVE)
    change = Change.objects.get()
    assert "New numbers." in editor.get(post.get_absolute_url()).content.decode()
    row = {"id": change.pk, "post": post.pk, "made_at_0": "2026-02-01", "made_at_1": "10:00:00"}
    post.refresh_from_db()
    response = editor.post(address(post), fields(post, changes=[row | {"sentence": "Better."}]) | SAVE)
    assert response.status_code == 302
    assert [(one.sentence, one.made_at.month) for one in Change.objects.all()] == [("Better.", 2)]


def test_it_refuses_a_minor_change_that_readers_are_told_of(editor):
    post = make.post(title="Old")
    data = fields(post, title="New", minor="on", notable="Much.")
    assert "clear one of both" in editor.post(address(post), data | SAVE).content.decode()


def test_it_dates_a_note(editor):
    post = make.post()
    editor.post(address(post), fields(post, editors_note="First.\r\n\r\nSecond.") | SAVE)
    post = Post.objects.get()
    assert post.editors_note == "First.\n\nSecond."
    assert timezone.now() - post.editors_note_at < timedelta(minutes=1)
    page = editor.get(post.get_absolute_url()).content.decode()
    assert "<p>First.</p>" in page
    assert page.index("Editor’s note") < page.index('class="lead"')


def test_it_keeps_chosen_posts_in_order_and_leaves_the_computed_alone(editor):
    post, one, other = (make.post(f"Post {n}") for n in range(3))
    RelatedPost.objects.create(post=post, other=one, position=3)
    editor.post(address(post), fields(post, related_posts=rows_of(post, other, one)) | SAVE)
    chosen = RelatedPost.objects.filter(curated=True)
    assert [row.other for row in chosen] == [other, one]
    assert RelatedPost.objects.filter(curated=False).count() == 1
    first, second = chosen
    swapped = [
        {"id": first.pk, "post": post.pk, "other": one.pk, "position": 0},
        {"id": second.pk, "post": post.pk, "other": other.pk, "position": 1, "DELETE": "on"},
    ]
    editor.post(address(post), fields(post, related_posts=swapped) | SAVE)
    assert [row.other for row in RelatedPost.objects.filter(curated=True)] == [one]
    assert RelatedPost.objects.filter(curated=False).count() == 1
    assert (
        "Post 2"
        not in editor.get(address(post)).content.decode().split("related_posts-TOTAL")[1].split("changes-")[0]
    )


@pytest.mark.parametrize("which", ["itself", "twice"])
def test_it_refuses_a_related_post_that_is_itself_or_named_twice(editor, which):
    post, other = make.post(), make.post()
    named = [post] if which == "itself" else [other, other]
    response = editor.post(address(post), fields(post, related_posts=rows_of(post, *named)) | SAVE)
    assert response.status_code == 200
    assert which in response.content.decode()
    assert not RelatedPost.objects.exists()


def test_it_wants_another_language_for_each_translation(editor):
    original = make.post("Original")
    post = make.post("Fassung", language="de")
    data = fields(post, translation_of=original.pk)
    assert editor.post(address(post), data | SAVE).status_code == 302
    assert Post.objects.get(pk=post.pk).translation_of == original
    third = make.post("Dritte", language="de")
    page = editor.post(address(third), fields(third, translation_of=post.pk) | SAVE).content.decode()
    assert "is the same post in this language" in page
    same = editor.post(address(original), fields(original, translation_of=original.pk) | SAVE)
    assert "no translation of itself" in same.content.decode()


def test_it_previews_all_of_it(editor):
    post, other = make.post("Here"), make.post("Chosen one")
    make.post("Hier", language="de", translation_of=post)
    Change.objects.create(post=post, made_at=make.LONG_AGO, sentence="Before.")
    data = fields(
        post,
        title="There",
        editors_note="Careful.",
        notable="Much is new.",
        related_posts=rows_of(post, other),
    )
    page = editor.post(address(post, "preview"), data).content.decode()
    for words in ("Careful.", "Much is new.", "Before.", "Chosen one", "Deutsch", "Updated"):
        assert words in page
    assert Change.objects.count() == 1
    assert not RelatedPost.objects.exists()
