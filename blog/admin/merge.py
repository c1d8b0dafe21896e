"""Where two people have changed the same place: both texts side by side, and a choice for each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from blog import markup
from blog.models import Post, Revision
from blog.publishing import contents, editing, keeping, merging, sentences, workflow

from . import access
from .base import form_of
from .history import post_of
from .kept import asked_name, posted_name

PREFIX = "choice-"


def urls(model_admin: Any) -> list[URLPattern]:
    def decide_here(request: HttpRequest, object_id: int, aside: int) -> HttpResponse:
        return decide(model_admin, request, object_id, aside)

    guarded = model_admin.admin_site.admin_view(decide_here)
    return [path("<int:object_id>/merge/<int:aside>/", guarded, name="blog_post_merge")]


def ask(request: HttpRequest, aside: Revision) -> HttpResponse:
    """Leads from a save that clashed to the page where it is decided, which is told the tab that it came from: what
    that had kept is decided there too, what another one keeps is not."""
    address = reverse("admin:blog_post_merge", args=[aside.post_id, aside.pk])
    tab = posted_name(request, "_keeping_tab")
    return HttpResponseRedirect(f"{address}?tab={tab}" if tab else address)


def decide(model_admin: Any, request: HttpRequest, object_id: int, aside: int) -> HttpResponse:
    """The clashes of what was set aside with what the post says now; posted, their choices are saved. What is saved
    by others while somebody decides is merged in its turn."""
    post = post_of(model_admin, request, object_id, writing=True)
    mine = post.revisions.filter(kind=Revision.Kind.ASIDE, pk=aside).select_related("made_by").first()
    if mine is None:
        raise Http404(_("There are no such words; perhaps they were merged already."))
    told = ""
    if request.method == "POST":
        try:
            return _save(request, post, mine, _chosen(request.POST))
        except editing.Conflict:
            told = _("Decide each place; or somebody has saved once more, and there is a new one.")
        except (markup.RenderRefused, workflow.NotReady) as refusal:
            told = _("Not saved: %(reason)s") % {"reason": sentences.of(refusal)}
    saves = post.revisions.exclude(kind=Revision.Kind.ASIDE)
    merge = editing.look(post, mine.content, mine.number)
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Two people changed “%(post)s”") % {"post": post},
        "opts": model_admin.opts,
        "post": post,
        "form_url": form_of(post),
        "mine": mine,
        "theirs": saves.select_related("made_by").order_by("-number").first(),
        "taken": [str(contents.LABELS[name]) for name in merge.taken],
        "clashes": [(clash, *_shown(clash)) for clash in merge.clashes],
        "told": told,
    }
    return render(request, "admin/blog/post/merge.html", context, status=409 if told else 200)


def _chosen(posted: QueryDict) -> dict[str, str]:
    """The side of each place. The buttons for all decide the places that the page showed, and no newer one."""
    if (side := posted.get("all")) in {merging.MINE, merging.THEIRS}:
        return dict.fromkeys(posted.getlist("place"), side)
    return {key.removeprefix(PREFIX): str(side) for key, side in posted.items() if key.startswith(PREFIX)}


def _shown(clash: merging.Clash) -> tuple[str, str]:
    """What both wrote, for reading."""
    if clash.field in merging.PROSE:
        return clash.theirs, clash.mine
    return contents.named(clash.field, clash.theirs), contents.named(clash.field, clash.mine)


def _save(request: HttpRequest, post: Post, mine: Revision, choices: dict[str, str]) -> HttpResponse:
    on_top = not access.may_publish(request.user, post)
    with transaction.atomic():
        saved = editing.save(
            post,
            mine.content,
            at=timezone.now(),
            by=request.user,
            seen=mine.number,
            on_top=on_top,
            choices=choices,
        )
        note = _("Merged into version {version}.").format(version=saved.post.version)
        Revision.objects.filter(pk=mine.pk).update(note=note)
        if tab := asked_name(request, "tab"):
            keeping.drop_until(saved.post, by=request.user, tab=tab, until=mine.made_at, at=timezone.now())
    messages.success(request, _("Both changes are in “%(post)s” now, as you decided.") % {"post": saved.post})
    return HttpResponseRedirect(form_of(post))
