"""The page of a post as it stands in the form, by the code that saves and shows it, with nothing left behind."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms.formsets import all_valid
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from blog.models import Post, for_page, read_post_page

from .state import had_readers


def preview(model_admin: Any, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
    """The posted form as a reader's page. It is saved with all its rows, read, drawn, and rolled back.

    Raises:
        PermissionDenied: the user may not write this post.
        Http404: there is no such post.
    """
    with transaction.atomic():
        response = _draw(model_admin, request, object_id)
        transaction.set_rollback(True)
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store, private"
    return response


def _draw(model_admin: Any, request: HttpRequest, object_id: str | None) -> HttpResponse:
    at = timezone.now()
    post = _post(model_admin, request, object_id)
    form_class = model_admin.get_form(request, post, change=post is not None)
    if post:
        post.__dict__["_had_readers"] = had_readers(post, at)
        post.status = Post.Status.DRAFT  # a preview may be as unfinished as a draft
    form = form_class(request.POST, request.FILES, instance=post)
    form.previewed = True
    formsets, _ = model_admin._create_formsets(request, form.instance, change=post is not None)
    valid = form.is_valid()
    if not (all_valid(formsets) and valid):
        context: dict[str, Any] = {"form": form, "formsets": formsets, "title": "No preview yet"}
        context |= model_admin.admin_site.each_context(request)
        return render(request, "admin/blog/post/preview_refused.html", context)
    saved = model_admin.save_form(request, form, change=post is not None)
    model_admin.save_model(request, saved, form, post is not None)
    model_admin.save_related(request, form, formsets, post is not None)
    shown = for_page(Post.objects.filter(pk=saved.pk)).get()
    shown.published_at = shown.published_at or at
    page = read_post_page(shown, at=at)
    return render(request, "blog/post.html", {"post": shown, "page": page, "preview": True})


def _post(model_admin: Any, request: HttpRequest, object_id: str | None) -> Post | None:
    if object_id is None:
        if not model_admin.has_add_permission(request):
            raise PermissionDenied
        return None
    post = model_admin.get_object(request, unquote(object_id))
    if not model_admin.has_change_permission(request, post):
        raise PermissionDenied
    if post is None:
        raise Http404("There is no such post; perhaps it was deleted.")
    return post
