"""The buttons below a post's form: which there are, and what a pressed one does after the form has been saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Post
from blog.publishing import editing, review, workflow

from . import access
from .base import form_of, link_to
from .findings import WAITING, as_list
from .state import moment, state_of


@dataclass(frozen=True)
class Button:
    """`name` is what the form posts, `kind` a class for its looks."""

    name: str
    label: str
    kind: str = ""


def buttons_for(post: Post | None, at: datetime, *, publishing: bool = True) -> list[Button]:
    """What can be done with a post in its state; None is a new one. The harmless one comes first: Enter presses it.
    Without `publishing` none that changes what readers see."""
    state = state_of(post, at) if post else "draft"
    save = Button("_continue", _("Save draft") if state in {"draft", "review"} else _("Save"), "default")
    publish, schedule = (
        Button("_publish", _("Publish now"), "publish"),
        Button("_schedule", _("Schedule"), "publish"),
    )
    if state in {"scheduled", "draft", "review"} and post and post.published_at and post.published_at > at:
        schedule = Button(
            "_schedule",
            _("Schedule for {when}").format(when=moment(post.published_at, exact=True)),
            "publish",
        )
    withdraw = Button("_withdraw", _("Withdraw"), "withdraw")
    on_top = Button("_ontop", _("Save as draft, readers keep the present version"))
    per_state = {
        "draft": [save, publish, schedule, Button("_review", _("Send to review"))],
        "review": [save, publish, schedule, Button("_draft", _("Back to draft"))],
        "scheduled": [save, publish, on_top, withdraw],
        "withdrawn": [save, Button("_publish", _("Publish again"), "publish"), schedule],
    }
    shown = per_state.get(state, [save, on_top, withdraw])
    if post and post.status == Post.Status.PUBLISHED and (post.draft_id or not publishing):
        shown = [
            Button("_continue", _("Save draft"), "default"),
            Button("_publish", _("Publish these changes"), "publish"),
            Button("_schedule", _("Schedule these changes"), "publish"),
            *([Button("_discard", _("Discard the draft"), "withdraw")] if post.draft_id else []),
            withdraw,
        ]
    return [one for one in shown if publishing or one.name not in access.PUBLISHING]


def pressed(request: HttpRequest) -> str:
    """The name of the pressed button if it is more than a save, or nothing."""
    names = ("_publish", "_schedule", "_withdraw", "_review", "_draft", "_ontop", "_discard")
    return next((name for name in names if name in request.POST), "")


def press(
    button: str, post: Post, *, at: datetime, by: Any = None, draft_at: datetime | None = None
) -> tuple[int, str]:
    """Does what the button says to a saved post; returns a message's level and its text as HTML."""
    if button == "_schedule" and post.draft_id:
        return schedule_draft(post, draft_at, at=at, by=by)
    if button in {"_publish", "_schedule"}:
        when = post.published_at if button == "_schedule" else None
        return publish(post, at=at, when=when, by=by)
    if button == "_withdraw":
        if post.status != Post.Status.WITHDRAWN:  # else it went with the save
            workflow.withdraw(post, at=at, by=by)
        return messages.SUCCESS, format_html(_("“{}” is withdrawn: readers no longer find it."), post)
    if button == "_discard":
        editing.discard_draft(post, at=at, by=by)
        return messages.SUCCESS, format_html(
            _("The draft of “{}” is taken off; what it said is in the history."), link_to(post)
        )
    if button == "_ontop":
        return messages.SUCCESS, laid_on_top(post)
    review.hand_over(post, to_review=button == "_review", at=at, by=by)
    return messages.SUCCESS, format_html(_("“{}” is saved as {}."), post, post.get_status_display().lower())


def laid_on_top(post: Post) -> str:
    """What is told after a save that readers see nothing of."""
    text = _("“{}” is saved as a draft; readers keep the present version until the draft is published.")
    return format_html(text, link_to(post))


def schedule_draft(post: Post, when: datetime | None, *, at: datetime, by: Any) -> tuple[int, str]:
    """Makes the appointment of a draft on top, or says what it lacks."""
    try:
        editing.schedule_draft(post, when, at=at, by=by)
    except workflow.NotReady as lacks:
        return messages.WARNING, format_html(
            _("The draft of “{}” is saved, but not scheduled: {}"),
            link_to(post),
            as_list(lacks.findings, form_of(post)),
        )
    return messages.SUCCESS, format_html(
        _("The changes to “{}” will appear on {}."), link_to(post), moment(when, exact=True)
    )


def publish(
    post: Post, *, at: datetime, when: datetime | None = None, listing: bool = False, by: Any = None
) -> tuple[int, str]:
    """Publishes a saved post, or says what it lacks: how much, and with `listing` also what."""
    try:
        if post.draft_id:
            post = editing.publish_draft(post, at=at, by=by, patient=True)
        else:
            workflow.publish(post, at=at, when=when, by=by, patient=True)
    except workflow.NotReady as lacks:
        if all(one.code == WAITING for one in lacks.findings):
            waits = _(
                "“{}” is saved, but not published yet: smaller versions of its pictures are just being made. Wait "
                "until they are there, then publish it."
            )
            return messages.WARNING, format_html(waits, link_to(post))
        text = ngettext(
            "“{post}” is saved, but not published: one thing is missing.",
            "“{post}” is saved, but not published: {number} things are missing.",
            len(lacks.findings),
        )
        said = format_html(text, post=link_to(post), number=len(lacks.findings))
        return messages.WARNING, said + as_list(lacks.findings, form_of(post)) if listing else said
    if post.is_scheduled(at):
        return messages.SUCCESS, format_html(
            _("“{}” will appear on {}."), link_to(post), moment(post.published_at, exact=True)
        )
    view = format_html('<a href="{}">{}</a>', post.get_absolute_url(), _("View it on the site"))
    return messages.SUCCESS, format_html(_("“{}” is live. {}."), link_to(post), view)
