"""Moving what is planned: when a post comes out, when it expires, when a draft on top replaces what readers see.

Readers need no job for the first two: visibility is decided by the query, to the second.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Operation, Post

from . import audit, contents, editing, undo, workflow

GO_LIVE, EXPIRE, DRAFT = "published_at", "expires_at", "draft_at"
WHAT = {GO_LIVE: gettext_lazy("go-live"), EXPIRE: gettext_lazy("expiry"), DRAFT: gettext_lazy("change")}
MOVED = "schedule.moved"


class CannotMove(Exception):
    """Nothing has been moved; the message is a sentence for the editor."""


def planned(post: Post, what: str, at: datetime) -> datetime | None:
    """When that is to happen with the post, None where it is not planned or past."""
    when: datetime | None = getattr(post, what)
    if when is None or when <= at:
        return None
    if what == GO_LIVE:
        return when if post.status != Post.Status.WITHDRAWN else None
    if what == DRAFT:
        return when if post.draft_id else None
    return when if post.status == Post.Status.PUBLISHED else None


@transaction.atomic
def move(
    post: Post, what: str, when: datetime, *, at: datetime, by: Any, was: datetime | None = None
) -> Operation:
    """Moves a go-live, an expiry or the appointment of a draft on top to `when`; returns what takes it back.

    Args:
        what: GO_LIVE, EXPIRE or DRAFT.
        was: what the editor saw; None asks for no comparison.

    Raises:
        CannotMove: it is not planned any more, somebody has moved it meanwhile, or the new instant is none for it.
    """
    former = _move(post, what, when, at=at, by=by, was=was)
    sentence = _("“{post}”: {what} moved.").format(post=post, what=WHAT[what])
    inverse = {"post": post.pk, "what": what, "was": former.isoformat(), "now": when.isoformat()}
    return undo.remember(MOVED, sentence, inverse, at=at, by=by)


def _move(post: Post, what: str, when: datetime, *, at: datetime, by: Any, was: datetime | None) -> datetime:
    fresh = editing.locked(post)
    former = planned(fresh, what, at)
    if former is None or fresh.trashed_at:
        raise CannotMove(
            _("“{post}” has no {what} ahead that could be moved.").format(post=fresh, what=WHAT[what])
        )
    if was is not None and former.replace(microsecond=0) != was.replace(microsecond=0):
        raise CannotMove(
            _("Somebody has moved the {what} of “{post}” meanwhile; nothing was changed.").format(
                what=WHAT[what], post=fresh
            )
        )
    _demand_sense(fresh, what, when, at)
    if what == DRAFT:
        try:
            editing.schedule_draft(fresh, when, by=by, at=at)
        except workflow.NotReady as lacking:
            raise CannotMove(
                _("The draft of “{post}” can't be published yet: {lacking}").format(
                    post=fresh, lacking=lacking
                )
            ) from lacking
    else:
        _move_post(fresh, what, when, at=at, by=by)
    audit.record(
        "post.moved",
        fresh,
        by=by,
        at=at,
        what=str(WHAT[what]),
        **{"from": former.isoformat(), "to": when.isoformat()},
    )
    return former


def _move_post(post: Post, what: str, when: datetime, *, at: datetime, by: Any) -> None:
    if post.draft_id:
        raise CannotMove(
            _(
                "“{post}” carries a draft with dates of its own. Publish or discard that first, or change "
                "its date there."
            ).format(post=post)
        )
    content = contents.read(post) | {what: contents.stamp(when)}
    try:
        saved = editing.save(post, content, at=at, by=by, minor=True)
    except workflow.NotReady as lacking:
        raise CannotMove(
            _("“{post}” does not pass the publish rules any more: {lacking}").format(
                post=post, lacking=lacking
            )
        ) from lacking
    if saved.on_top:  # the caller's transaction takes it back
        raise CannotMove(
            _("“{post}” lacks approvals for its present words; have it approved first.").format(post=post)
        )


def _demand_sense(post: Post, what: str, when: datetime, at: datetime) -> None:
    if when <= at:
        raise CannotMove(_("Choose a date and time to come; what is due now is done from the post's form."))
    if what == GO_LIVE and post.expires_at and when >= post.expires_at:
        raise CannotMove(
            _("“{post}” would expire before it comes out. Move its expiry first.").format(post=post)
        )
    if what == EXPIRE and post.published_at and when <= post.published_at:
        raise CannotMove(
            _("“{post}” would expire before it comes out. Choose a later time.").format(post=post)
        )


@undo.register(MOVED)
def take_back(inverse: dict[str, Any], *, at: datetime, by: Any) -> str:
    """Moves it to where it was. Raises undo.Refused when it has been moved again, or the former time has passed."""
    post = Post.objects.filter(pk=inverse["post"]).first()
    if post is None:
        raise undo.Refused(_("The post is not there any more."))
    was, now = (datetime.fromisoformat(inverse[name]) for name in ("was", "now"))
    try:
        _move(post, inverse["what"], was, at=at, by=by, was=now)
    except CannotMove as refusal:
        raise undo.Refused(str(refusal)) from refusal
    return _("“{post}” is where it was.").format(post=post)
