"""The trash: a deleted post is gone for readers at once, and can be brought back as it was for thirty days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Post

from . import audit, editing, workflow

LASTS = timedelta(days=30)
"""How long a post stays in the trash."""
AS_IT_WAS = gettext_lazy("“{post}” is back as it was.")


@transaction.atomic
def put(post: Post, *, at: datetime, by: Any = None) -> Post:
    """Moves a post to the trash; one that is there already is left alone. Its addresses, figures, bylines, revisions
    and the draft on top stay with it."""
    from .tasks import empty_trash

    post = editing.locked(post)
    if post.trashed_at:
        return post
    post.status_before, post.status = post.status, Post.Status.WITHDRAWN
    post.trashed_at, post.trashed_by = at, by if by is not None and by.pk else None
    workflow.save(post, at=at)
    workflow.settle(post, at=at, by=by, note=_("Moved to the trash."), verb="post.trashed")
    transaction.on_commit(lambda: empty_trash.using(run_after=at + LASTS).enqueue())
    return post


@transaction.atomic
def restore(post: Post, *, at: datetime, by: Any = None) -> tuple[Post, str]:
    """Brings a post back as it was; returns it with a sentence that says what it is now. A schedule whose moment has
    passed in the trash is not caught up with: the post, or its draft on top, waits for an editor."""
    post = editing.locked(post)
    if not post.trashed_at:
        return post, _("“{post}” is not in the trash.").format(post=post)
    since, post.trashed_at, post.trashed_by = post.trashed_at, None, None
    post.status, post.status_before = post.status_before or Post.Status.DRAFT, ""
    said = AS_IT_WAS.format(post=post)
    published = post.status == Post.Status.PUBLISHED
    if published and post.published_at and since < post.published_at <= at:
        post.status = Post.Status.DRAFT
        said = _("“{post}” is back, as a draft: the moment it was scheduled for has passed.").format(
            post=post
        )
    if post.draft_at and post.draft_at <= at:
        post.draft_at = None
        said += " " + _("Its draft was to be published meanwhile, and waits for you.")
    Post.objects.filter(pk=post.pk).update(trashed_at=None, status_before="")
    workflow.save(post, at=at)
    workflow.settle(post, at=at, by=by, note=_("Restored from the trash."), verb="post.restored")
    return post, said


@transaction.atomic
def delete_for_good(post: Post, *, at: datetime, by: Any = None) -> None:
    """Deletes a post that is in the trash, with its history and its former addresses. Figures stay in the library."""
    post = editing.locked(post)
    if not post.trashed_at:
        raise ValueError(_("Only what is in the trash is deleted for good."))
    audit.record("post.deleted", post, by=by, at=at, slug=post.slug, trashed_at=post.trashed_at)
    post.delete()
    connection.check_constraints()


def outdated(*, at: datetime, days: int | None = None) -> list[Post]:
    """The posts that have been in the trash for so many days, the oldest first."""
    before = at - (LASTS if days is None else timedelta(days=days))
    return list(
        Post.objects.in_trash()
        .filter(trashed_at__lte=before)
        .only("title", "trashed_at")
        .order_by("trashed_at", "pk")
    )


def empty(*, at: datetime, days: int | None = None) -> Iterator[Post]:
    """Deletes for good what has been in the trash for so many days; yields each post, one transaction each."""
    for old in outdated(at=at, days=days):
        with transaction.atomic():
            post = Post.objects.in_trash().select_for_update(of=("self",)).filter(pk=old.pk).first()
            if post is None or post.trashed_at != old.trashed_at:  # restored meanwhile
                continue
            delete_for_good(post, at=at)
        yield old
