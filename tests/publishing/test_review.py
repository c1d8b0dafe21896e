"""What reviewers say, and what it takes to publish."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from blog.models import Approval, Comment, Post, Revision
from blog.publishing import approvals, contents, editing, review, workflow
from tests import make

pytestmark = pytest.mark.django_db
AT = make.LONG_AGO


def user(name: str, **over):
    return get_user_model().objects.create_user(name, **over)


@pytest.fixture
def strict():
    """A draft below a category that asks for two approvals, begun by ada and naming an author who is bo."""
    above = make.category("secure")
    above.approvals = 2
    above.save()
    bo = make.author("Bo Lind", user=user("bo"))
    post = make.post(status="draft", categories=[make.category("secure/keys")], authors=[bo])
    post.created_by = user("ada")
    post.save()
    return post


def judge(post: Post, who, verdict: str = "approved", sentence: str = ""):
    seen = approvals.digest(contents.head(post))
    return review.judge(post, verdict, by=who, at=AT, seen=seen, sentence=sentence)


def fresh(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)


def test_a_post_needs_the_approvals_that_a_category_above_asks_for(strict):
    assert review.missing(make.post()) == []
    with pytest.raises(workflow.NotReady, match="2 more approvals are needed"):
        workflow.publish(strict, at=AT)
    judge(strict, user("cy"))
    with pytest.raises(workflow.NotReady, match="One more approval is needed"):
        workflow.publish(fresh(strict), at=AT, when=AT + timedelta(days=9))
    judge(strict, user("di"))
    assert review.missing(fresh(strict)) == []
    workflow.publish(fresh(strict), at=AT)
    assert fresh(strict).is_live(AT)


def test_no_approval_counts_twice_or_of_those_whose_post_it_is(strict):
    cy = user("cy")
    for who in (cy, cy, strict.created_by, get_user_model().objects.get(username="bo")):
        judge(strict, who)
    assert review.missing(strict) == [
        "One more approval is needed: its categories ask for 2, and these words have 1."
    ]


def test_a_change_voids_approvals_and_a_date_does_not(strict):
    for name in ("cy", "di"):
        judge(strict, user(name))
    post = fresh(strict)
    post.published_at = AT + timedelta(days=3)
    workflow.save(post, at=AT)
    assert review.missing(fresh(strict)) == []
    post.summary += " And more."
    workflow.save(post, at=AT)
    assert review.missing(fresh(strict))


def test_asking_for_changes_blocks_until_the_reviewer_or_the_words_change(strict):
    cy = user("cy")
    strict.status = "review"
    workflow.save(strict, at=AT)
    for name in ("di", "ed"):
        judge(strict, user(name))
    with pytest.raises(ValueError, match="Say in a sentence"):
        judge(strict, cy, "changes")
    judge(strict, cy, "changes", "Name the keys.")
    assert fresh(strict).status == "draft"
    assert review.missing(fresh(strict)) == ["cy asks for changes: Name the keys."]
    judge(strict, cy)
    assert review.missing(fresh(strict)) == []


def test_a_verdict_on_words_that_have_changed_since_is_refused(strict):
    seen = approvals.digest(contents.head(strict))
    strict.title = "Other"
    workflow.save(strict, at=AT)
    with pytest.raises(review.Stale):
        review.judge(strict, "approved", by=user("cy"), at=AT, seen=seen)
    assert not Approval.objects.exists()


def test_an_administrator_goes_ahead_and_is_on_record(strict):
    root = user("root", is_superuser=True)
    workflow.publish(strict, at=AT, by=root)
    assert fresh(strict).is_live(AT)
    assert Approval.objects.get().verdict == "waived"
    assert review.missing(fresh(strict)) == []


def test_words_over_a_live_post_wait_for_approval_as_a_draft_on_top(strict):
    publisher = user("pat")
    workflow.publish(strict, at=AT, by=user("root", is_superuser=True))
    post = fresh(strict)
    dated = contents.read(post) | {"expires_at": "2030-01-01T00:00:00+00:00"}
    assert not editing.save(post, dated, at=AT, by=publisher).on_top
    saved = editing.save(fresh(post), contents.read(fresh(post)) | {"title": "New"}, at=AT, by=publisher)
    assert saved.on_top
    assert fresh(post).title != "New"
    with pytest.raises(workflow.NotReady, match="approvals are needed"):
        editing.publish_draft(fresh(post), at=AT, by=publisher)
    with pytest.raises(workflow.NotReady, match="approvals are needed"):
        editing.schedule_draft(fresh(post), AT + timedelta(days=1), by=publisher)
    for name in ("cy", "di"):
        judge(fresh(post), user(name))
    editing.publish_draft(fresh(post), at=AT, by=publisher)
    assert fresh(post).title == "New"
    assert Revision.objects.filter(post=post).exists()


# --- Comments


def said(post, quote, before="", after=""):
    return review.comment(
        post, "Why?", by=None, at=AT, place=Comment.Place.BODY, quote=quote, before=before, after=after
    )


TEXTS = ["Why", "Queues fill up. They do.", "Readers wait. They do.", "The end of a long story about queues."]


def test_it_finds_a_passage_again_by_its_words():
    post = make.post()
    assert review.locate(said(post, "Queues fill"), TEXTS) == 1
    assert review.locate(said(post, "Queues fill"), ["New", *TEXTS]) == 2


def test_of_two_places_it_takes_the_one_between_the_same_words():
    post = make.post()
    assert review.locate(said(post, "They do.", "Readers wait. ", "The end"), TEXTS) == 2
    assert review.locate(said(post, "They do.", "Queues fill up.", "Readers"), TEXTS) == 1


def test_it_finds_a_passage_that_was_reworded_and_gives_up_on_one_that_is_gone():
    post = make.post()
    one = said(post, TEXTS[3])
    assert review.locate(one, [*TEXTS[:3], "The end of a rather long story about the queues."]) == 3
    assert review.locate(one, TEXTS[:3]) is None


def test_a_passage_may_go_on_in_the_next_block():
    assert review.locate(said(make.post(), "They do. Readers"), TEXTS) == 1


def test_a_reply_opens_what_was_resolved():
    one = said(make.post(), "Why")
    cy = user("cy")
    review.resolve(one, by=cy, at=AT)
    one.refresh_from_db()
    assert (one.resolved_at, one.resolved_by) == (AT, cy)
    review.reply(one, "Not so fast.", by=cy, at=AT)
    one.refresh_from_db()
    assert one.resolved_at is None
    assert one.replies.get().text == "Not so fast."


@pytest.mark.parametrize("text", ["", " \n ", "x" * 5_001])
def test_it_says_what_is_wrong_with_a_comment(text):
    with pytest.raises(ValueError, match="comment"):
        review.comment(make.post(), text, by=None, at=AT)
    assert not Comment.objects.exists()


def test_a_note_stays_open_until_the_post_is_judged_or_taken_back(strict):
    ada = strict.created_by
    review.hand_over(strict, to_review=True, by=ada, at=AT, note="Mind section 2.")
    assert fresh(strict).status == "review"
    note = Comment.objects.get()
    assert (note.place, note.text, note.resolved_at) == ("note", "Mind section 2.", None)
    review.hand_over(fresh(strict), to_review=False, by=ada, at=AT)
    note.refresh_from_db()
    assert note.resolved_at == AT
    assert fresh(strict).status == "draft"
