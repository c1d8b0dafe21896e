"""The trash of posts: what deleting one means here, and the page from which it comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Post
from blog.publishing import bulk, inbound, trash

from . import access, undo
from .bulk import lines
from .state import STATES, moment, state_of

PER_PAGE = 50


def may_restore(user: Any, post: Post) -> bool:
    """Who might have put it there: what readers knew, those alone who may take it from them."""
    if not (user.has_perm("blog.delete_post") and access.may_see(user, post)):
        return False
    if post.status_before in access.UNFINISHED:
        return bool(user.has_perm("blog.edit_any_post")) or access.is_own(user, post)
    return bool(user.has_perm("blog.publish_post"))


class Trashing(ModelAdmin):
    """For the admin of posts: to delete is to move to the trash."""

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        context: dict[str, Any] = {"title": _("Move to the trash")}
        post = self.get_object(request, object_id) if request.method == "GET" else None
        if post and access.may_delete(request.user, post):
            context["inbound"] = lines(inbound.inbound([post]))
        return super().delete_view(request, object_id, context | (extra_context or {}))

    def delete_model(self, request: HttpRequest, obj: Post) -> None:
        outcome = bulk.carry_out(bulk.TRASH, [obj.pk], at=timezone.now(), by=request.user)
        request.__dict__["trashed"] = outcome.operation

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        said = format_html(_("“{}” is in the trash. Readers no longer find it."), obj_display)
        undo.tell(request, said, request.__dict__.get("trashed"))
        return HttpResponseRedirect(reverse("admin:blog_post_changelist"))


def urls(model_admin: Any) -> list[URLPattern]:
    def door(view: Any) -> Any:
        def inner(request: HttpRequest, **given: Any) -> HttpResponse:
            return view(model_admin, request, **given)

        return model_admin.admin_site.admin_view(inner)

    return [
        path("trash/", door(listed), name="blog_post_trash"),
        path("trash/<int:key>/restore/", door(restore), name="blog_post_untrash"),
        path("trash/<int:key>/delete/", door(delete), name="blog_post_delete_for_good"),
    ]


def listed(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """What is in the trash, the newest first, with what each user may do about it."""
    user, at = request.user, timezone.now()
    access.demand(user.has_perm("blog.delete_post") or user.has_perm("blog.change_post"))
    posts = access.listed(user, Post.objects.in_trash()).select_related("trashed_by")
    known = (
        "title", "slug", "status", "status_before", "published_at", "expires_at", "trashed_at",
        "trashed_by__username", "created_by",
    )  # fmt: skip
    page = Paginator(posts.only(*known).order_by("-trashed_at", "-pk"), PER_PAGE).get_page(
        request.GET.get("p", "1")[:9]
    )
    rows = [
        {
            "post": post,
            "was": STATES[_state_before(post)],
            "when": moment(post.trashed_at),
            "left": _left(post, at),
            "may": may_restore(user, post),
        }
        for post in page
    ]
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Trash"),
        "opts": model_admin.opts,
        "rows": rows,
        "page": page,
        "days": trash.LASTS.days,
    }
    return TemplateResponse(request, "admin/blog/post/trash.html", context)


def _state_before(post: Post) -> str:
    """What it was to its readers when it was thrown away, a key of STATES."""
    was = Post(status=post.status_before, published_at=post.published_at, expires_at=post.expires_at)
    return state_of(was, post.trashed_at or timezone.now())


def _left(post: Post, at: Any) -> str:
    days = ((post.trashed_at or at) + trash.LASTS - at) // timedelta(days=1)
    if days < 1:
        return _("less than a day")
    return ngettext("{number} day", "{number} days", days).format(number=days)


def _found(request: HttpRequest, key: int) -> Post:
    """The post in the trash, for those who may bring it back; raises Http404 or PermissionDenied."""
    post = Post.objects.in_trash().filter(pk=key).first() if key < 2**63 else None
    if post is None:
        raise Http404(_("There is no such post in the trash."))
    access.demand(may_restore(request.user, post))
    return post


def restore(model_admin: Any, request: HttpRequest, key: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"], _("Press “Restore” in the trash."))
    post, said = trash.restore(_found(request, key), at=timezone.now(), by=request.user)
    link = format_html('<a href="{}">{}</a>', reverse("admin:blog_post_change", args=[post.pk]), _("Open it"))
    messages.success(request, format_html("{} {}", said, link))
    return HttpResponseRedirect(reverse("admin:blog_post_trash"))


def delete(model_admin: Any, request: HttpRequest, key: int) -> HttpResponse:
    """Asks first: this can't be undone."""
    post = _found(request, key)
    if request.method == "POST":
        trash.delete_for_good(post, at=timezone.now(), by=request.user)
        messages.success(request, format_html(_("“{}” is deleted for good."), post))
        return HttpResponseRedirect(reverse("admin:blog_post_trash"))
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Delete for good"),
        "opts": model_admin.opts,
        "post": post,
        "inbound": lines(inbound.inbound([post])),
    }
    return TemplateResponse(request, "admin/blog/post/delete_for_good.html", context)
