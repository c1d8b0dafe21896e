"""Nothing typed is lost: working copies of a post's form, and who else has it open.

What scripts ask answers JSON, refusals too: `{"error": sentence}`, 401 where nobody is logged in any more. The page of
the working copy, what becomes of it, and the hint on the form itself are plain pages and forms.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError
from django.forms import Media, Script
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from blog.models import Post, WorkingCopy
from blog.publishing import keeping, presence

from . import access, typed
from .kept import GREATEST, addresses, in_words, name_of, saved_since

SCRIPTS: Any = [Script("js/admin/keeping.js", type="module")]
MEDIA = Media(js=SCRIPTS, css={"all": ["css/keeping.css"]})
MOST_COPIES = 40

Door = Callable[..., HttpResponse]


def urls(model_admin: Any) -> list[URLPattern]:
    """The addresses below those of posts; each twice, for a post and for one that was never saved."""
    doors = Doors(model_admin)
    guarded = model_admin.admin_site.admin_view
    found = [path("keeping/token/", doors.opened(doors.token, "GET"), name="blog_post_keeping_token")]
    for before, after in (("<int:object_id>/", ""), ("", "_new")):
        here = f"{before}working-copy/"
        difference = doors.opened(doors.difference, "POST")
        found += [
            path(here, doors.copy, name=f"blog_post_copy{after}"),
            path(f"{here}difference/", difference, name=f"blog_post_copy_difference{after}"),
            path(f"{here}discard/", guarded(require_POST(doors.discard)), name=f"blog_post_copy_discard{after}"),
            path(f"{here}bring-back/", guarded(require_POST(doors.bring_back)), name=f"blog_post_copy_back{after}"),
        ]  # fmt: skip
    return [
        *found,
        path("<int:object_id>/presence/", doors.opened(doors.beat, "POST"), name="blog_post_presence"),
    ]


def refusal(status: int, sentence: str, **more: Any) -> JsonResponse:
    return JsonResponse({"error": sentence} | more, status=status)


class Doors:
    def __init__(self, model_admin: Any) -> None:
        self.model_admin = model_admin
        self.site = model_admin.admin_site
        self.page = self.site.admin_view(self.unsaved)
        self.save = self.opened(self.keep, "POST")

    def opened(self, door: Door, method: str) -> Door:
        """The door for staff who ask by this method; what it raises becomes a sentence, with its status."""

        @wraps(door)
        def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return refusal(401, _("You are logged out."))
            if request.method != method:
                refused = refusal(405, _("This address is asked by %(method)s only.") % {"method": method})
                refused["Allow"] = method
                return refused
            try:
                access.demand(self.site.has_permission(request))
                return door(request, **kwargs)
            except PermissionDenied as denied:
                return refusal(403, str(denied) or _("Your account may not do this."))
            except Http404:
                return refusal(404, _("There is no such post; perhaps it was deleted."))
            except keeping.NotAForm as reason:
                return refusal(400, str(reason))
            except RequestDataTooBig:
                return refusal(413, _("That is more than can be kept on the server."))
            except SuspiciousOperation:
                return refusal(400, _("The words arrived broken. Try again."))

        return never_cache(answer)

    def token(self, request: HttpRequest) -> JsonResponse:
        """What a form needs after its editor has logged in again in another tab."""
        return JsonResponse({"token": get_token(request), "user": request.user.pk})

    # --- Working copies

    def copy(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        """Posted, words to keep; otherwise the page about those that are kept."""
        return (self.save if request.method == "POST" else self.page)(request, object_id=object_id)

    def keep(self, request: HttpRequest, object_id: int | None) -> JsonResponse:
        """Writes what was typed. 409 with the other's words where they come from another tab and were not seen here;
        nothing is written then. `over` names those words as seen: they are set aside. `aside` gives up one's own."""
        post, sent, at = self._written(request, object_id), body_of(request), timezone.now()
        if sent.get("user") not in {None, request.user.pk}:
            return refusal(401, _("Somebody else is logged in in this browser now."))
        form = keeping.form_of(sent.get("form"))
        place: dict[str, Any] = {
            "post": post.pk if post else None,
            "key": "" if post else name_of(sent, "key"),
        }
        number, seen = number_of(sent, "number"), number_of(sent, "seen")
        if sent.get("aside"):
            keeping.set_aside(form, by=request.user, at=at, seen=seen, **place)
            return JsonResponse({"number": number, "saved_at": at.isoformat()})
        other = keeping.of(request.user, **place).first() if sent.get("over") else None
        if other and other.form is not None and other.number == number:
            keeping.set_aside(other.form, by=request.user, at=at, seen=other.seen_version, **place)
        kept = keeping.keep(
            form, by=request.user, at=at, number=number, seen=seen, tab=name_of(sent, "tab"),
            sequence=number_of(sent, "sequence", keeping.LAST - 1), **place,
        )  # fmt: skip
        told = {"number": kept.number, "saved_at": kept.saved_at.isoformat(), "closed": kept.closed}
        if kept.other:
            said = _("Another tab of yours has kept other words meanwhile.")
            return refusal(409, said, **told, form=kept.other.form)
        return JsonResponse(told)

    def difference(self, request: HttpRequest, object_id: int | None = None) -> JsonResponse:
        """How the words that only this browser has differ from the working copy, or where there is none from the post:
        as HTML."""
        post, sent = self._written(request, object_id), body_of(request)
        mine = typed.as_posted(keeping.form_of(sent.get("form")))
        key = "" if post else name_of(sent, "key")
        copy = keeping.of(request.user, post=post.pk if post else None, key=key).first()
        theirs = typed.as_posted(copy.form) if copy and copy.form else None
        form, formsets = typed.opened(self.model_admin, request, post)
        context = {"differences": typed.differences(form, formsets, mine, theirs), "sides": bool(theirs)}
        html = render_to_string("admin/blog/post/_differences.html", context, request)
        return JsonResponse({"html": html, "same": not context["differences"]})

    def unsaved(self, request: HttpRequest, object_id: int | None) -> HttpResponse:
        """The page of the working copy: how it differs, continue or discard, and what was discarded before."""
        post = self._written(request, object_id)
        key = request.GET.get("key", "")
        mine = WorkingCopy.objects.filter(user=request.user, post=post)  # type: ignore[misc]
        copy = keeping.of(request.user, post=post.pk if post else None, key=keeping.storable(key)).first()
        context = self.site.each_context(request) | {
            "title": _("Unsaved changes"),
            "subtitle": str(post) if post else _("A new post"),
            "opts": self.model_admin.opts,
            "post": post,
            "discarded": mine.exclude(discarded_at=None).order_by("-discarded_at", "-pk")[:MOST_COPIES],
            "address": addresses(post),
        }
        if copy and copy.form is not None:
            form, formsets = typed.opened(self.model_admin, request, post)
            found = typed.differences(form, formsets, typed.as_posted(copy.form))
            context |= {"copy": copy, "differences": found}
        return render(request, "admin/blog/post/working_copy.html", context)

    def discard(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        post, key = self._written(request, object_id), keeping.storable(request.POST.get("key", ""))
        copy = keeping.of(request.user, post=post.pk if post else None, key=key).first()
        if copy is None or copy.form is None:
            messages.info(request, _("There were no unsaved changes any more."))
        else:
            keeping.discard(copy, at=timezone.now())
            said = _("Your unsaved changes are discarded. For 30 days they can be brought back:")
            link = format_html(
                '{} <a href="{}">{}</a>', said, addresses(post)["page"], _("discarded changes")
            )
            messages.success(request, link)
        return HttpResponseRedirect(addresses(post)["form"])

    def bring_back(self, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
        post = self._written(request, object_id)
        asked = typed.possible_keys([request.POST.get("copy", "")])
        copy = WorkingCopy.objects.filter(user=request.user, post=post, pk__in=asked).first()  # type: ignore[misc]
        try:
            if copy is None or copy.discarded_at is None:
                raise IntegrityError
            keeping.bring_back(copy, at=timezone.now())
        except IntegrityError:
            messages.info(request, _("These changes are not among the discarded ones any more."))
            return HttpResponseRedirect(addresses(post)["form"])
        return HttpResponseRedirect(addresses(post, copy.key)["continue"])

    def _written(self, request: HttpRequest, object_id: int | None) -> Post | None:
        """The post, with what permissions ask of it; None for a new one. Raises Http404, PermissionDenied."""
        post = the_post(object_id)
        access.demand_edit(request.user, post)
        return post

    # --- Presence

    def beat(self, request: HttpRequest, object_id: int) -> JsonResponse:
        """The form is still open. Who else has it open, and what they have saved since `version`, in sentences."""
        post, sent, at = the_post(object_id), body_of(request), timezone.now()
        assert post is not None
        access.demand_see(request.user, post)
        tab = name_of(sent, "tab")
        if sent.get("leave"):
            presence.leave(post.pk, user=request.user, tab=tab)
            return JsonResponse({})
        others = presence.beat(
            post.pk, user=request.user, tab=tab, at=at,
            idle=bool(sent.get("idle")), away=bool(sent.get("away")),
        )  # fmt: skip
        told = [in_words(other) for other in others]
        seen = number_of(sent, "version")
        return JsonResponse(
            {"others": told, "version": post.version, "saved": saved_since(post, seen, request.user)}
        )


# --- What the doors ask


def the_post(object_id: int | None) -> Post | None:
    """Raises Http404."""
    if object_id is None:
        return None
    found = Post.objects.only("status", "version", "created_by", "title", "trashed_at").filter(pk=object_id)
    if post := found.order_by("pk").first():
        return post
    raise Http404


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Raises NotAForm, RequestDataTooBig."""
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise keeping.NotAForm(_("The words arrived broken. Try again."))
    return sent


def number_of(sent: dict[str, Any], what: str, most: int = GREATEST) -> int:
    """Raises NotAForm."""
    number = sent.get(what) or 0
    if type(number) is not int or not 0 <= number <= most:
        raise keeping.NotAForm(_("What was sent does not count as it should."))
    return number
