"""The versions of a post: what each save left, what changed between any two, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from blog import markup
from blog.models import Post, Revision
from blog.publishing import contents, differences, editing, sentences, workflow

from . import access
from .base import form_of

PER_PAGE = 50


@dataclass(frozen=True)
class Difference:
    """A field in which two versions are not the same, as pieces of text to read."""

    name: str
    label: str
    pieces: list[Any]


@dataclass(frozen=True)
class Picture:
    """A figure of the text before and after: the addresses of its pictures, empty where there is none."""

    key: str
    before: str
    after: str
    words: list[Difference] = field(default_factory=list)


def urls(model_admin: Any) -> list[URLPattern]:
    def guarded(view: Any) -> Any:
        return model_admin.admin_site.admin_view(
            lambda request, object_id: view(model_admin, request, object_id)
        )

    return [
        path("<int:object_id>/compare/", guarded(compare), name="blog_post_compare"),
        path("<int:object_id>/restore/", guarded(restore), name="blog_post_restore"),
        path("<int:object_id>/name/", guarded(name), name="blog_post_name"),
    ]


def post_of(model_admin: Any, request: HttpRequest, object_id: Any, *, writing: bool = False) -> Post:
    """The post of an address below the admin's.

    Raises:
        Http404: there is none.
        PermissionDenied: the user may not read it, or with `writing` not write it.
    """
    post: Post | None = model_admin.get_object(request, unquote(str(object_id)))
    if post is None:
        raise Http404(_("There is no such post; perhaps it was deleted."))
    (access.demand_edit if writing else access.demand_see)(request.user, post)
    return post


def versions(model_admin: Any, request: HttpRequest, object_id: Any) -> HttpResponse:
    """All versions, newest first."""
    post = post_of(model_admin, request, object_id)
    listed = post.revisions.select_related("made_by").defer("content").order_by("-made_at", "-pk")
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("p"))
    rows = list(page.object_list)
    before = {one.pk: other.number for one, other in zip(rows, rows[1:], strict=False)}
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Versions of “%(post)s”") % {"post": post},
        "opts": model_admin.opts,
        "post": post,
        "form_url": form_of(post),
        "page": page,
        "rows": [(one, before.get(one.pk)) for one in rows],
        "may_edit": access.may_edit(request.user, post),
    }
    return render(request, "admin/blog/post/history.html", context)


def compare(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """What changed from version `?from=` to `?to=`; without them, from what readers see to the newest words."""
    post = post_of(model_admin, request, object_id)
    older, newer = _asked(post, request.GET.get("from", "")), _asked(post, request.GET.get("to", ""))
    one = older.content if older else contents.read(post)
    other = newer.content if newer else contents.head(post)
    context = model_admin.admin_site.each_context(request) | {
        "title": _("What changed in “%(post)s”") % {"post": post},
        "opts": model_admin.opts,
        "post": post,
        "form_url": form_of(post),
        "history_url": reverse("admin:blog_post_history", args=[post.pk]),
        "older": older,
        "newer": newer,
        "differences": differing(one, other),
        "pictures": pictures(one, other),
        "may_edit": access.may_edit(request.user, post),
    }
    return render(request, "admin/blog/post/compare.html", context)


def differing(one: contents.Content, other: contents.Content) -> list[Difference]:
    """The fields that differ, word by word."""
    return [
        Difference(
            key,
            str(contents.LABELS[key]),
            differences.words(contents.named(key, one.get(key)), contents.named(key, other.get(key))),
        )
        for key in contents.differs(one, other)
    ]


def pictures(one: contents.Content, other: contents.Content) -> list[Picture]:
    """The figures of the text that came, went, were replaced or described in other words."""
    before, after = one.get("figures", {}), other.get("figures", {})
    found = []
    for key in {**before, **after}:
        old, new = before.get(key, {}), after.get(key, {})
        if old == new:
            continue
        words = [
            Difference(part, label, differences.words(old.get(part, ""), new.get(part, "")))
            for part, label in (("caption", _("caption")), ("alt", _("alternative text")))
            if old.get(part, "") != new.get(part, "")
        ]
        found.append(Picture(key, _url(old), _url(new), words))
    return found


def _url(figure: dict[str, str]) -> str:
    return default_storage.url(figure["image"]) if figure.get("image") else ""


def _asked(post: Post, number: str) -> Revision | None:
    if not number:
        return None
    found = (
        post.revisions.exclude(kind=Revision.Kind.ASIDE).filter(number=number) if _is_number(number) else None
    )
    revision = found.select_related("made_by").first() if found is not None else None
    if revision is None:
        raise Http404(_("There is no such version."))
    return revision


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def restore(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Brings a version back, whole or the one `field`, as a new save; nothing that is there now is lost."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"], _("Press “Restore” beside a version."))
    post = post_of(model_admin, request, object_id, writing=True)
    revision = _asked(post, request.POST.get("number", "") or "0")
    assert revision is not None
    wanted = request.POST.get("field", "")
    if wanted and wanted not in contents.LABELS:
        raise PermissionDenied(_("A version has no such field."))
    try:
        done = editing.restore(
            post, revision, at=timezone.now(), by=request.user, fields=[wanted] if wanted else None
        )
    except (markup.RenderRefused, workflow.NotReady) as refusal:
        messages.error(request, _("Nothing was restored: %(reason)s") % {"reason": sentences.of(refusal)})
        return HttpResponseRedirect(reverse("admin:blog_post_history", args=[post.pk]))
    what = contents.LABELS[wanted] if wanted else _("everything")
    said = _("Version %(number)s is back (%(what)s), as version %(new)s.")
    if done.on_top:
        said = _("Version %(number)s is back (%(what)s), as a draft: readers keep the present version.")
    messages.success(request, said % {"number": revision.number, "what": what, "new": done.post.version})
    return HttpResponseRedirect(form_of(post))


def name(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Gives a version a name to find it by, or takes it away."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"], _("Write the name beside a version."))
    post = post_of(model_admin, request, object_id, writing=True)
    revision = _asked(post, request.POST.get("number", "") or "0")
    assert revision is not None
    revision.name = " ".join(request.POST.get("name", "").replace("\0", "").split())[:100]
    revision.save(update_fields=["name"])
    return HttpResponseRedirect(reverse("admin:blog_post_history", args=[post.pk]))
