"""What reviewers and writers say to each other about a post: comments on passages, verdicts, handing over.

Comments never change the post; whoever may say what is asked by the caller (`admin.access`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from blog.models import Approval, Comment, Post

from . import approvals, audit, contents, letters, workflow
from .approvals import missing

__all__ = ["Stale", "comment", "hand_over", "judge", "locate", "missing", "reply", "resolve"]

LONGEST = 5_000  # characters of a comment
AROUND = 60  # characters kept of what stands before and after a passage
ALIKE = 0.6  # of 1: from here on a passage that was reworded is taken for the one that was quoted


class Stale(Exception):
    """The post has been saved since the reviewer began to read it."""


def comment(
    post: Post,
    text: str,
    *,
    by: Any,
    at: datetime,
    place: str = Comment.Place.POST,
    figure_key: str = "",
    quote: str = "",
    before: str = "",
    after: str = "",
) -> Comment:
    """A comment on the post as a whole, or on a place of it. A passage is given by its words and by those around it.

    Raises:
        ValueError: with a sentence, when nothing is said or too much.
    """
    made = Comment.objects.create(
        post=post,
        version=post.version,
        author=by,
        place=place,
        figure_key=figure_key[:100],
        quote=plain(quote)[:1_000],
        before=plain(before)[-AROUND:],
        after=plain(after)[:AROUND],
        text=_said(text),
        made_at=at,
    )
    letters.tell(letters.COMMENTED, post, by=by, said=made.text)
    return made


@transaction.atomic
def reply(to: Comment, text: str, *, by: Any, at: datetime) -> Comment:
    """An answer; it opens what was resolved. Raises ValueError as `comment` does."""
    first = to.parent or to
    answer = Comment.objects.create(
        post_id=first.post_id, version=first.post.version, author=by, parent=first, place=first.place,
        figure_key=first.figure_key, text=_said(text), made_at=at,
    )  # fmt: skip
    resolve(first, by=None, at=None)
    letters.tell(letters.COMMENTED, first.post, by=by, said=answer.text, thread=first)
    return answer


def resolve(one: Comment, *, by: Any, at: datetime | None) -> None:
    """Closes a conversation at `at`, or opens it again for None."""
    first = one.parent or one
    Comment.objects.filter(pk=first.pk).update(resolved_at=at, resolved_by=by if at else None)


@transaction.atomic
def judge(post: Post, verdict: str, *, by: Any, at: datetime, seen: str, sentence: str = "") -> Approval:
    """A reviewer's verdict on the post's newest words. Asking for changes gives a post in review back to its writer.

    Args:
        verdict: `approved` or `changes`.
        seen: the digest of what the reviewer has read.

    Raises:
        Stale: somebody has changed it since.
        ValueError: changes are asked for without a sentence that says which.
    """
    sentence = plain(sentence)
    if verdict == Approval.Verdict.CHANGES and not sentence:
        raise ValueError(_("Say in a sentence what should change."))
    if len(sentence) > 500:
        raise ValueError(_("The sentence has more than 500 characters; say the rest in comments."))
    post = Post.objects.select_for_update(of=("self",)).prefetch_related("draft").get(pk=post.pk)
    if approvals.digest(contents.head(post)) != seen:
        raise Stale
    made = Approval.objects.create(
        post=post,
        version=post.version,
        digest=seen,
        reviewer=by,
        verdict=verdict,
        sentence=sentence,
        made_at=at,
    )
    if verdict == Approval.Verdict.CHANGES:
        _close_notes(post, by=by, at=at)
        workflow.hand_over(post, to_review=False, at=at, by=by)
        audit.record("post.changes_asked", post, by=by, at=at, version=made.version, sentence=sentence)
        letters.tell(letters.CHANGES, post, by=by, said=sentence)
    else:
        audit.record("post.approved", post, by=by, at=at, version=made.version)
        letters.tell(letters.APPROVED, post, by=by, said=sentence)
    return made


@transaction.atomic
def hand_over(post: Post, *, to_review: bool, by: Any, at: datetime, note: str = "") -> None:
    """Sends a draft, or the draft on top of a published post, to review with a note to the reviewers; or takes it
    back. Raises ValueError for a note that is too long."""
    note = _said(note, required=False)
    _close_notes(post, by=by, at=at)
    workflow.hand_over(post, to_review=to_review, at=at, by=by)
    if to_review:
        Comment.objects.create(
            post=post, version=post.version, author=by, place=Comment.Place.NOTE, text=note, made_at=at
        )
        letters.tell(letters.SUBMITTED, post, by=by, said=note)


def _close_notes(post: Post, *, by: Any, at: datetime) -> None:
    open_notes = Comment.objects.filter(post=post, place=Comment.Place.NOTE, parent=None, resolved_at=None)
    open_notes.update(resolved_at=at, resolved_by=by)


def _said(text: str, *, required: bool = True) -> str:
    text = text.replace("\r\n", "\n").strip()
    if required and not text:
        raise ValueError(_("The comment says nothing yet."))
    if len(text) > LONGEST:
        raise ValueError(
            _("A comment has at most {most} characters; this one has {number}.").format(
                most=number_format(LONGEST, force_grouping=True),
                number=number_format(len(text), force_grouping=True),
            )
        )
    return text


def plain(text: str) -> str:
    """Blanks and line ends made single."""
    return " ".join(text.split())


def locate(one: Comment, passages: Sequence[str]) -> int | None:
    """The index of the passage that the comment is about, or that it has become; None when it is gone.

    The words are looked for as they were. Of several places the one counts that is between the same words; when there
    is none, the passage that is most like what was quoted.
    """
    if not one.quote:
        return None
    whole, starts = "", []
    for text in passages:
        starts.append(len(whole))
        whole += plain(text) + " "
    best, best_score = None, -1
    found = whole.find(one.quote)
    while found >= 0:
        end = found + len(one.quote)
        score = _shared(one.before[::-1], whole[:found].rstrip()[::-1]) + _shared(
            one.after, whole[end:].lstrip()
        )
        if score > best_score:
            best, best_score = found, score
        found = whole.find(one.quote, found + 1)
    if best is not None:
        return max(n for n, start in enumerate(starts) if start <= best)
    return _most_alike(one.quote, [plain(text) for text in passages])


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _most_alike(quote: str, texts: Sequence[str]) -> int | None:
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(quote)
    best, best_ratio = None, ALIKE
    for number, text in enumerate(texts):
        matcher.set_seq1(text[:2_000])
        # The cheap bounds come first: a long text has hundreds of passages.
        if matcher.real_quick_ratio() > best_ratio and matcher.quick_ratio() > best_ratio:
            ratio = matcher.ratio()
            if ratio > best_ratio:
                best, best_ratio = number, ratio
    return best
