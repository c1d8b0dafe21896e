"""Where a figure is used, for editors to see before they change or delete it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from blog.models import Author, Figure, Placement, Post
from blog.publishing import figure_uses

from .base import form_of
from .state import describe, state_of

MOST = 100  # posts that a page names; the others are counted


@dataclass(frozen=True)
class Use:
    """One place: what it is called, its form's address, how it shows the figure, and a post's state."""

    title: str
    url: str
    how: str
    state: str = ""
    described: str = ""


@dataclass(frozen=True)
class Uses:
    shown: list[Use]
    others: int
    live: int


def uses_of(figure: Figure, *, at: datetime) -> Uses:
    """Posts, the live ones first, then authors. Five queries at most."""
    number = Placement.objects.filter(figure=figure, post=OuterRef("pk")).values("number")[:1]
    fields = ("title", "status", "published_at", "expires_at", "lead_figure")
    posts = figure_uses.posts_showing([figure]).only(*fields).annotate(placed=Subquery(number))
    held = figure_uses.in_hand().posts(figure)
    found = list(posts.order_by("-published_at", "-pk")[: MOST + 1])
    others = posts.order_by().count() - MOST if len(found) > MOST else 0
    shown, known = [], set()
    for post in found[:MOST]:
        how = []
        if post.placed:
            how.append(_("Figure %(number)d") % {"number": post.placed})
        if post.lead_figure_id == figure.pk:
            how.append(_("thumbnail and social card"))
        if post.pk in held:
            how.append(_("draft"))
        known.add(post.pk)
        shown.append(Use(str(post), form_of(post), ", ".join(how), state_of(post, at), describe(post, at)))
    drafts = [pk for pk in held - known if pk]
    for draft in Post.objects.filter(pk__in=drafts).only(*fields).order_by("-pk")[:MOST]:
        shown.append(
            Use(
                str(draft),
                form_of(draft),
                _("only in a draft that readers don't see"),
                state_of(draft, at),
                describe(draft, at),
            )
        )
    if None in held:
        shown.append(Use(_("A post that was not saved yet"), "", _("somebody is writing it")))
    for author in Author.objects.filter(portrait=figure).order_by("name", "pk")[:MOST]:
        shown.append(Use(author.name, form_of(author), _("portrait")))
    shown.sort(key=lambda use: use.state != "live")
    return Uses(shown, others, sum(use.state == "live" for use in shown))
