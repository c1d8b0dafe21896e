"""What a post is to its readers at an instant, in a word."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Listing, Post
from blog.models.listing import NO_SCOPE
from blog.models.post import PostQuerySet

STATES = {
    "live": gettext_lazy("Live"),
    "scheduled": gettext_lazy("Scheduled"),
    "draft": gettext_lazy("Draft"),
    "review": gettext_lazy("In review"),
    "withdrawn": gettext_lazy("Withdrawn"),
    "expired": gettext_lazy("Expired"),
}


def state_of(post: Post, at: datetime) -> str:
    """A key of STATES."""
    if post.status != Post.Status.PUBLISHED:
        return post.status
    if post.is_live(at):
        return "live"
    return "scheduled" if post.is_scheduled(at) else "expired"


def in_state(posts: PostQuerySet, state: str, at: datetime) -> QuerySet[Post]:
    """Those of `posts` whose `state_of` is `state`, a key of STATES."""
    if state == "live":
        return posts.live(at)
    if state == "scheduled":
        return posts.filter(status=Post.Status.PUBLISHED, published_at__gt=at)
    if state == "expired":
        # The listing index knows when its rows end; posts have no index for it, since nobody else asks.
        ended = Listing.objects.filter(NO_SCOPE, expires_at__lte=at, published_at__lte=at)
        return posts.filter(status=Post.Status.PUBLISHED, pk__in=ended.values("post_id"))
    return posts.filter(status=state)


def had_readers(post: Post, at: datetime) -> bool:
    """Whether readers may know the post; of a preview, whether they may know what is previewed."""
    return bool(post.__dict__.get("_had_readers", post.has_been_public(at)))


def describe(post: Post, at: datetime) -> str:
    """The state for reading, such as “Scheduled for 3 Dec 2026, 09:00 UTC”."""
    state = state_of(post, at)
    return (
        _("Scheduled for {when}").format(when=moment(post.published_at, exact=True))
        if state == "scheduled"
        else str(STATES[state])
    )


def moment(at: datetime | None, *, exact: bool = False) -> str:
    """An instant with its time zone, for reading; empty for none. An `exact` one has its seconds, if it has any."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    said = date_format(local, _("j M Y, H:i:s") if exact and local.second else _("j M Y, H:i"))
    return f"{said} {local.tzname()}"
