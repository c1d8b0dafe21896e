"""Preview links: the door for people without an account, and the page where editors make and revoke them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from blog import markup
from blog.models import Byline, Post, PreviewLink, Revision, WorkingCopy, for_page, read_post_page
from blog.publishing import audit, contents, figure_history

from . import access
from .preview import take_typed
from .state import moment

LASTING = [(1, gettext_lazy("1 day")), (7, gettext_lazy("7 days")), (30, gettext_lazy("30 days")),
           (90, gettext_lazy("90 days"))]  # fmt: skip
USUAL = 7  # days
NEWEST, UNSAVED = "newest", "unsaved"
REVISIONS = 30  # that the form offers
SHOWN = 100  # links that the page lists
MOST_OPEN = 50  # of one post: enough for any round of readers, and an end to what a script could make
# Elements that name a picture, and its address within one. In the text itself, addresses stay as they are.
ELEMENT = re.compile(r"<(?:img|source|a|link|meta)\s[^>]*>")
PRIVATE = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
}
# With no referrer at all, browsers send the editors' form with an origin of “null”, which is refused as a stranger's.
FOR_EDITORS = {"Cache-Control": "no-store, private", "Referrer-Policy": "same-origin"}


# --- The door


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a post that is not public, for whoever has its link. Wrong, expired and revoked links get the same
    answer at the same cost; only an answer with the page is counted."""
    at = timezone.now()
    link = PreviewLink.objects.by_token(token, at)
    html = draw(request, link, at=at) if link else None
    if link is None or html is None:
        return _answer(render(request, "blog/preview_gone.html", status=404))
    if request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        PreviewLink.objects.filter(pk=link.pk).update(views=F("views") + 1, last_viewed_at=at)
    return _answer(HttpResponse(html))


def _answer(response: HttpResponse, headers: dict[str, str] = PRIVATE) -> HttpResponse:
    for name, value in headers.items():
        response[name] = value
    return response


def draw(request: HttpRequest, link: PreviewLink, *, at: datetime) -> str | None:
    """The reader's page of what the link shows, its pictures with a pass; None when that can't be rendered any more.
    Nothing is written or locked."""
    post = for_page(Post.objects.filter(pk=link.post_id).select_related("draft")).get()
    live = post.is_live(at)
    try:
        saved = not _take_shown(post, link)
    except markup.RenderRefused:
        return None
    placed = None if saved else post.facts.get("figures", [])
    post.status = Post.Status.DRAFT  # its figures may have no pages yet: then pictures lead to files
    post.published_at = post.published_at or at
    page = read_post_page(post, at=at, placed=placed)
    if link.revision:
        page.figures.update(figure_history.of_their_time(page.figures, link.revision.content))
    context = {"post": post, "page": page, "preview": True, "shared": link, "live": live}
    html = render_to_string("blog/post.html", context, request)
    return with_pass(html, link.pictures_pass())


def _take_shown(post: Post, link: PreviewLink) -> bool:
    """Puts what the link shows into the row in memory; False where that is the row as it is. Raises
    markup.RenderRefused."""
    if link.unsaved and (typed := _typed(link)):
        take_typed(post, typed)
        return True
    shown = link.revision or post.draft
    if shown is None:
        return False
    contents.fill(post, shown.content)
    post.adopt_rendering(_rendered(post.body, post.language))
    named = contents.relations(shown.content)
    lines = [Byline(author=author, position=n) for n, author in enumerate(named["authors"])]
    post.__dict__["_prefetched_objects_cache"] = {"categories": named["categories"], "bylines": lines}
    tags = [{"name": name, "slug": slugify(name, allow_unicode=True)} for name in named["tags"]]
    post.__dict__["tag_list"] = [tag for tag in tags if tag["slug"]]
    return True


def _typed(link: PreviewLink) -> QueryDict | None:
    """What the link's maker has typed and not saved, as a form would post it."""
    copies = WorkingCopy.objects.filter(post=link.post_id, user=link.created_by_id, discarded_at=None)
    copy = copies.exclude(form=None).first() if link.created_by_id else None
    if copy is None:
        return None
    data = QueryDict(mutable=True)
    for name, values in (copy.form or {}).items():
        data.setlist(name, values if isinstance(values, list) else [str(values)])
    return data


@lru_cache(maxsize=16)
def _rendered(body: str, language: str) -> Post:
    """A row in memory with this text, rendered once: the same page may be opened again and again."""
    post = Post(body=body, language=language)
    post.render()
    return post


def with_pass(html: str, given: str) -> str:
    """The page with the pass behind the address of each picture."""
    address = re.compile(rf'(?<=[\s",]){re.escape(settings.MEDIA_URL)}[-\w./%]+(?=[\s",])')
    return ELEMENT.sub(
        lambda element: address.sub(lambda found: f"{found[0]}?preview={given}", element[0]), html
    )


# --- The editors' page


class LinkForm(forms.Form):
    shows = forms.ChoiceField()
    lasts = forms.TypedChoiceField(coerce=int, choices=LASTING, initial=USUAL)
    note = forms.CharField(required=False, max_length=100)

    def __init__(self, *args: Any, post: Post, unsaved: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = post.revisions.exclude(kind=Revision.Kind.ASIDE).defer("content").order_by("-made_at", "-pk")
        self.revisions = {str(one.pk): one for one in kept[:REVISIONS]}
        frozen = [
            (key, _("Version {number}, as it is: {when}{name}").format(
                number=one.number, when=moment(one.made_at), name=f" “{one.name}”" if one.name else ""
            )) for key, one in self.revisions.items()
        ]  # fmt: skip
        shows: Any = self.fields["shows"]
        shows.choices = [
            (NEWEST, _("Always the newest saved version")),
            *([(UNSAVED, _("What I have typed and not saved yet"))] if unsaved else []),
            *frozen,
        ]
        shows.label, self.fields["lasts"].label = _("It shows"), _("It works for")
        self.fields["note"].label = _("For whom (only editors see this)")


def urls(model_admin: Any) -> list[URLPattern]:
    guarded = model_admin.admin_site.admin_view

    def links(request: HttpRequest, object_id: int) -> HttpResponse:
        return links_view(model_admin, request, object_id, at=timezone.now())

    return [path("<int:object_id>/links/", guarded(links), name="blog_post_links")]


def links_view(model_admin: Any, request: HttpRequest, object_id: int, *, at: datetime) -> HttpResponse:
    """The links of a post, a form to make one, and a button to revoke each. A new address is shown in this one answer
    and nowhere again.

    Raises:
        PermissionDenied: the user may neither write nor publish the post.
        Http404: there is no such post.
    """
    post = model_admin.get_object(request, str(object_id)) if object_id < 2**63 else None
    if post is None:
        raise Http404(_("There is no such post; perhaps it was deleted."))
    user: Any = request.user
    allowed = access.may_edit(user, post) or access.may_publish(user, post)
    access.demand(allowed, _("Links to a post are made by those who write or publish it."))
    unsaved = WorkingCopy.objects.filter(post=post, user=user, discarded_at=None).exclude(form=None).exists()
    if request.method == "POST" and "revoke" in request.POST:
        return _revoke(request, post, at)
    form = LinkForm(request.POST or None, post=post, unsaved=unsaved)
    address = ""
    if request.method == "POST" and form.is_valid():
        if PreviewLink.objects.open(at).filter(post=post).count() >= MOST_OPEN:
            form.add_error(None, _("This post has {n} open links. Revoke some first.").format(n=MOST_OPEN))
        else:
            address = _make(form, post, user, at)
            form = LinkForm(post=post, unsaved=unsaved)
    links = PreviewLink.objects.filter(post=post).select_related("created_by", "revision")
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Preview links of “{post}”").format(post=post),
        "opts": model_admin.opts,
        "post": post,
        "form": form,
        "address": address,
        "links": [(link, link.is_open(at)) for link in links.defer("revision__content")[:SHOWN]],
    }
    return _answer(render(request, "admin/blog/post/links.html", context), FOR_EDITORS)


def _make(form: LinkForm, post: Post, user: Any, at: datetime) -> str:
    """Makes the link that the form asks for; returns its whole address."""
    said = form.cleaned_data
    link, token = PreviewLink.make(
        post=post,
        revision=form.revisions.get(said["shows"]),
        unsaved=said["shows"] == UNSAVED,
        note=said["note"],
        created_by=user,
        created_at=at,
        expires_at=at + timedelta(days=said["lasts"]),
    )
    audit.record("preview_link.made", post, by=user, at=at, link=link.pk, days=said["lasts"])
    return f"{settings.SITE_URL}{reverse('preview', args=[token])}"


def _revoke(request: HttpRequest, post: Post, at: datetime) -> HttpResponse:
    """Closes one link, or all of the post; those that are closed already stay as they are."""
    wanted = request.POST["revoke"]
    links = PreviewLink.objects.filter(post=post, revoked_at=None, expires_at__gt=at)
    if wanted != "all":
        links = links.filter(pk=int(wanted)) if re.fullmatch(r"[0-9]{1,18}", wanted) else links.none()
    if closed := links.update(revoked_at=at):
        audit.record("preview_link.revoked", post, by=request.user, at=at, links=closed)
        messages.success(request, _("Revoked: whoever opens that address finds nothing from now on."))
    else:
        messages.info(request, _("That link was closed already."))
    return HttpResponseRedirect(reverse("admin:blog_post_links", args=[post.pk]))
