"""Letters about the review of posts: handed over, commented, approved, changes asked for.

None is written where the operator has not said how mail is sent (EMAIL_URL). They go out after the commit, by a worker,
one to each person; whoever has turned them off gets none. What is logged of them names nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from blog.models import Author, Comment, Post

SUBMITTED, COMMENTED, APPROVED, CHANGES = "submitted", "commented", "approved", "changes"
MOST = 200  # people that one event is told
TRIES = 6
"""How often a letter is tried, each time after twice as long: an hour in all."""
FIRST_WAIT = timedelta(minutes=1)
LONGEST = 2_000  # characters of what somebody said

logger = logging.getLogger(__name__)


def tell(kind: str, post: Post, *, by: Any, said: str = "", thread: Comment | None = None) -> None:
    """Has a worker write to those whom it concerns, after the commit.

    Args:
        kind: SUBMITTED, COMMENTED, APPROVED or CHANGES.
        said: the note, comment or sentence, in plain text.
        thread: the comment that was answered.
    """
    if not settings.MAIL:
        return
    people = reviewers(post) if kind == SUBMITTED else writers(post, thread)
    keys = [pk for pk in people if by is None or pk != by.pk][:MOST]
    name = (by.get_full_name() or by.get_username()) if by is not None else _("Somebody")

    def later() -> None:
        for key in keys:
            send.enqueue(kind, post.pk, key, name, said[:LONGEST])

    transaction.on_commit(later)


def writers(post: Post, thread: Comment | None = None) -> list[int]:
    """The accounts of those who began the post or are named as its authors, and of those who talk in the thread."""
    named = Author.objects.filter(bylines__post=post, user__isnull=False).order_by()
    concerned = Q(pk=post.created_by_id) | Q(pk__in=named.values("user"))
    if thread is not None:
        talk = Comment.objects.filter(Q(pk=thread.pk) | Q(parent=thread.pk)).order_by()
        concerned |= Q(pk__in=talk.values("author"))
    return _willing(concerned)


def reviewers(post: Post) -> list[int]:
    """The accounts that may judge the post: by a role of theirs, and not what is their own."""
    right = {"content_type__app_label": "blog", "codename": "review_post"}
    roles = {f"groups__permissions__{name}": value for name, value in right.items()}
    own = {f"user_permissions__{name}": value for name, value in right.items()}
    names = set(writers(post))
    return [pk for pk in _willing(Q(**roles) | Q(**own)) if pk not in names]


def _willing(concerned: Q) -> list[int]:
    people = get_user_model().objects.filter(concerned, is_active=True, is_staff=True).exclude(email="")
    return list(people.exclude(preference__mail=False).order_by("pk").values_list("pk", flat=True).distinct())


@task(priority=-5)
def send(kind: str, post_id: int, person: int, name: str, said: str, tried: int = 0) -> bool:
    """Sends one letter, and tries again later when the mail server is away. Whether it went."""
    post = Post.objects.kept().filter(pk=post_id).first()
    to = get_user_model().objects.filter(pk=person).first()
    if post is None or to is None or not settings.MAIL or person not in _willing(Q(pk=person)):
        return False
    try:
        letter(kind, post, name=name, said=said, to=to.email).send()
    except OSError as trouble:  # smtplib's errors are such; their words may hold addresses
        tried += 1
        logger.warning("A letter was not sent (%s), attempt %d.", type(trouble).__name__, tried)
        if tried < TRIES:
            again = timezone.now() + FIRST_WAIT * 2 ** (tried - 1)
            send.using(run_after=again).enqueue(kind, post_id, person, name, said, tried)
        return False
    return True


def letter(kind: str, post: Post, *, name: str, said: str, to: str) -> EmailMessage:
    """What somebody is told, in plain text and in the site's language."""
    happened = {
        SUBMITTED: _("%(name)s asks for a review of “%(post)s”."),
        COMMENTED: _("%(name)s has commented on “%(post)s”."),
        APPROVED: _("%(name)s has approved “%(post)s”."),
        CHANGES: _("%(name)s asks for changes to “%(post)s”."),
    }[kind] % {"name": name, "post": post.title}
    parts = [happened, *_quoted(said), settings.SITE_URL + reverse("admin:blog_post_review", args=[post.pk])]
    off = _("You get this because you work on posts of %(site)s. Turn such letters off here:") % {
        "site": settings.BLOG_NAME
    }
    parts += ["-- \n" + off + "\n" + settings.SITE_URL + reverse("admin:blog_post_zone")]
    subject = " ".join(f"[{settings.BLOG_NAME}] {happened}".split())
    return EmailMessage(
        subject, "\n\n".join(parts) + "\n", to=[to], headers={"Auto-Submitted": "auto-generated"}
    )


def _quoted(said: str) -> Iterable[str]:
    return ["\n".join(f"> {line}" for line in said.strip().split("\n"))] if said.strip() else []
