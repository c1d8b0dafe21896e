"""What a post's form says of its working copy and of others who have it open, and what saving it means for them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.models import Post, WorkingCopy
from blog.publishing import keeping, presence

from . import access, typed
from .base import form_of

MOST_COPIES = 40
LONGEST_NAME = 40  # of a tab, or of the form of a new post
GREATEST = 2**31 - 1


def addresses(post: Post | None, key: str = "") -> dict[str, str]:
    """Where the form, its working copy and all about it lie."""
    arguments, end = ([post.pk], "") if post else ([], "_new")
    form = form_of(post) if post else reverse("admin:blog_post_add")
    here = {
        name: reverse(f"admin:blog_post_{door}{end}", args=arguments)
        for name, door in {
            "copy": "copy", "difference": "copy_difference", "discard": "copy_discard", "back": "copy_back"
        }.items()
    }  # fmt: skip
    return here | {
        "form": form,
        "page": here["copy"] + (f"?key={key}" if key else ""),
        "continue": f"{form}?continue={key or 1}",
        "token": reverse("admin:blog_post_keeping_token"),
        "presence": reverse("admin:blog_post_presence", args=arguments) if post else "",
        "login": f"{reverse('admin:login')}?next={reverse('admin:index')}",
    }


def in_words(other: presence.Other) -> str:
    if other.idle:
        return _("%(name)s has this post open, but is not writing.") % {"name": other.name}
    return _("%(name)s has this post open since %(since)s.") % {
        "name": other.name, "since": clock(other.since)
    }  # fmt: skip


def clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"


def saved_since(post: Post, seen: int, user: Any) -> str:
    """Who has saved the post after the version that a form was filled from; empty for nobody. One query if so."""
    if not seen or post.version <= seen:
        return ""
    last = post.revisions.filter(number=post.version).select_related("made_by").first()
    if last is None:
        return _("This post was saved meanwhile, as version %(number)s; your next save will be merged with it.") % {
            "number": post.version
        }  # fmt: skip
    by = last.made_by
    who = _("Somebody") if by is None else by.get_full_name() or by.get_username()
    if by == user:
        who = _("You, in another tab,")
    said = _("%(who)s saved version %(number)s at %(time)s; your next save will be merged with it.")
    return said % {"who": who, "number": post.version, "time": clock(last.made_at)}


def name_of(sent: dict[str, Any], what: str) -> str:
    """A tab's name, or that of the form of a new post: letters and digits. Raises NotAForm."""
    name = sent.get(what)
    if (
        not isinstance(name, str)
        or not 0 < len(name) <= LONGEST_NAME
        or not (name.isascii() and name.isalnum())
    ):
        raise keeping.NotAForm(_("What was sent does not say where it comes from."))
    return name


# --- On the form


def surround(request: HttpRequest, context: dict[str, Any], *, at: datetime) -> None:
    """Tells the template of the form what is kept of it, and fills it with that where it was asked to continue. Two
    queries, and one for each relation that differs."""
    post, user = context.get("original"), request.user
    if context.get("is_popup"):
        return
    told: dict[str, Any] = {"post": post, "others": [], "number": 0, "closed": [], "offers": []}
    context["keeping"] = told
    if post:
        told["others"] = [in_words(other) for other in presence.others(post.pk, user=user, at=at)]
    told["key"] = "" if post else posted_name(request, "_keeping_key") or secrets.token_hex(16)
    told["address"] = addresses(post)
    if not access.may_edit(user, post):
        return
    told["writes"] = True
    rows = WorkingCopy.objects.filter(Q(post=post) | Q(post=None), user=user, discarded_at=None)  # type: ignore[misc]
    copies = list(rows.order_by("-saved_at", "-pk")[:MOST_COPIES])
    told["closed"] = [one.tab for one in copies if one.form is None]
    copies = [one for one in copies if one.form is not None and one.post_id == (post.pk if post else None)]
    if request.method == "POST":
        _after_refusal(request, told, copies)
    elif "continue" in request.GET:
        _continue(request, context, told, copies)
    else:
        _offer(context, told, copies)


def _after_refusal(request: HttpRequest, told: dict[str, Any], copies: Sequence[WorkingCopy]) -> None:
    """The form comes back with what was posted: that goes on from what its tab had kept."""
    tab, key = posted_name(request, "_keeping_tab"), told["key"]
    told["unsent"], told["number"] = True, posted_number(request)
    for one in copies:
        if tab and one.tab == tab and one.key == key:
            told["number"] = one.number


def _continue(
    request: HttpRequest, context: dict[str, Any], told: dict[str, Any], copies: Sequence[WorkingCopy]
) -> None:
    asked = request.GET["continue"]
    copy = next((one for one in copies if one.post_id or one.key == asked), None)
    if copy is None:
        told["gone"] = True
        return _offer(context, told, copies)
    data = typed.as_posted(copy.form or {})
    form, inlines = context["adminform"].form, context["inline_admin_formsets"]
    told["differences"] = typed.differences(form, [one.formset for one in inlines], data)
    told["continued"], told["number"], told["key"] = copy, copy.number, copy.key
    told["address"] = addresses(told["post"], copy.key)
    typed.fill(form, data)
    for one in inlines:
        one.formset = typed.filled(one.formset, data)
    return None


def _offer(context: dict[str, Any], told: dict[str, Any], copies: Sequence[WorkingCopy]) -> None:
    """A copy that says what the form says anyway is no news: what is typed now goes on from it."""
    post = told["post"]
    if not post:
        told["offers"] = [(one, addresses(None, one.key)) for one in copies]
        return
    form, inlines = context["adminform"].form, context["inline_admin_formsets"]
    for one in copies:
        formsets = [inline.formset for inline in inlines]
        told["differences"] = typed.differences(form, formsets, typed.as_posted(one.form or {}))
        if told["differences"]:
            told["offers"] = [(one, addresses(post))]
        else:
            told["number"] = one.number


def saved(request: HttpRequest, post: Post, *, at: datetime) -> None:
    """The form was saved on purpose: what was kept of it is the post's now. Within the transaction that saves it."""
    keeping.drop(
        post, by=request.user, at=at, tab=posted_name(request, "_keeping_tab"),
        number=posted_number(request), key=posted_name(request, "_keeping_key"),
    )  # fmt: skip


def posted_name(request: HttpRequest, field: str) -> str:
    return _name_in(request.POST, field)


def asked_name(request: HttpRequest, field: str) -> str:
    return _name_in(request.GET, field)


def _name_in(given: QueryDict, field: str) -> str:
    try:
        return name_of({field: given.get(field)}, field)
    except keeping.NotAForm:
        return ""


def posted_number(request: HttpRequest) -> int:
    text = request.POST.get("_keeping_number", "")
    number = int(text) if typed.possible_keys([text]) else 0
    return number if number <= GREATEST else 0
