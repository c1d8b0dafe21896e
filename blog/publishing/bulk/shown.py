"""What readers see of many posts: published, scheduled, withdrawn, thrown away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from blog.models import Post

from .. import contents, trash, undo, workflow
from .outcome import PUBLISH, SCHEDULE, TRASH, VERB, WITHDRAW, Refusal, counted
from .untouched import untouched


def show(post: Post, kind: str, value: Any, at: datetime, by: Any) -> dict[str, Any] | None:
    """Publishes, schedules, withdraws or throws away; returns how to take that back, None where it was so already."""
    before = {"status": post.status, "published_at": contents.stamp(post.published_at)}
    if kind == TRASH:
        post = trash.put(post, at=at, by=by)
    elif kind == WITHDRAW:
        if post.status == Post.Status.WITHDRAWN:
            return None
        if post.status != Post.Status.PUBLISHED:
            raise Refusal(_("It was not published."))
        workflow.withdraw(post, at=at, by=by)
    elif post.is_live(at) and (kind == SCHEDULE or post.draft):
        raise Refusal(
            _("Readers see it already; its draft is published from its own form.")
            if post.draft
            else _("Readers see it already.")
        )
    elif kind == PUBLISH and post.is_live(at):
        return None
    else:
        workflow.publish(post, at=at, when=value if kind == SCHEDULE else None, by=by, patient=True)
    return {"post": post.pk, "version": post.version, **before}


# --- Taking it back


def _unlive(inverse: dict[str, Any], *, at: datetime, by: Any) -> str:
    posts = untouched(inverse)
    for post, record in posts:
        post.status, post.published_at = record["status"], contents.instant(record["published_at"])
        try:
            with transaction.atomic():
                workflow.save(post, at=at)
        except IntegrityError:
            raise undo.Refused(
                _("Not undone: “{post}” would expire before it is published.").format(post=post)
            ) from None
        workflow.settle(post, at=at, by=by, note=_("Put back as it was before."), verb="post.put_back")
    return _("{posts} put back as before.").format(posts=counted(len(posts)))


def _restore(inverse: dict[str, Any], *, at: datetime, by: Any) -> str:
    posts = untouched(inverse, in_trash=True)
    told = [trash.restore(post, at=at, by=by) for post, _ in posts]
    others = [said for post, said in told if said != trash.AS_IT_WAS.format(post=post)]
    return " ".join([_("{posts} restored from the trash.").format(posts=counted(len(posts))), *others[:20]])


for _kind in (PUBLISH, SCHEDULE, WITHDRAW):
    undo.register(VERB.format(_kind))(_unlive)
undo.register(VERB.format(TRASH))(_restore)
