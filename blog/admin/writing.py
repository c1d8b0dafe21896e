"""The doors behind the editor of a post's text: its page while it is being written, figures to choose from and to add,
and what completes a reference or a tag. All answer JSON, refusals too: `{"error": sentence}`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.forms import Media, Script, modelform_factory
from django.http import Http404, HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from blog import imaging
from blog.models import Figure, Post, Tag

from . import access
from .figure_form import FigureForm, key_from
from .preview import drawn
from .state import state_of
from .thumbnail import nearest

PAGE = 24  # figures at once
PAGES = 1_000
OFFERED = 10  # completions at once
THUMB = 320  # device pixels
LONGEST = 200  # characters of what is looked for
# An upload with its words and the wrapping of the form.
MAX_REQUEST = imaging.MAX_BYTES + 2**20
ATTEMPTS = 5

SCRIPT: Any = Script("js/admin/editor/main.js", type="module")
MEDIA = Media(js=[SCRIPT], css={"all": ["css/editor.css"]})

Door = Callable[..., JsonResponse]


def urls(model_admin: Any) -> list[URLPattern]:
    """The addresses below those of posts."""
    here = Doors(model_admin)
    return [
        path("writing/page/", here.opened(here.page, "POST"), name="blog_post_writing_page_new"),
        path("<int:object_id>/writing/page/", here.opened(here.page, "POST"), name="blog_post_writing_page"),
        path("writing/figures/", here.opened(here.figures, "GET"), name="blog_post_writing_figures"),
        path("writing/figures/add/", here.opened(here.add, "POST"), name="blog_post_writing_figures_add"),
        path("writing/posts/", here.opened(here.posts, "GET"), name="blog_post_writing_posts"),
        path("writing/tags/", here.opened(here.tags, "GET"), name="blog_post_writing_tags"),
    ]


def refusal(status: int, sentence: str, **more: Any) -> JsonResponse:
    return JsonResponse({"error": sentence} | more, status=status)


class Doors:
    def __init__(self, model_admin: Any) -> None:
        self.model_admin = model_admin
        self.site = model_admin.admin_site

    def opened(self, door: Door, method: str) -> Door:
        """The door for staff who ask by this method; what it raises becomes a sentence, with its status."""

        @wraps(door)
        def answer(request: HttpRequest, **kwargs: Any) -> JsonResponse:
            if not self.site.has_permission(request):
                return refusal(
                    403, _("Your session has ended. Sign in again in another tab; nothing is lost here.")
                )
            if request.method != method:
                refused = refusal(405, _("This address is asked by %(method)s only.") % {"method": method})
                refused["Allow"] = method
                return refused
            try:
                return door(request, **kwargs)
            except PermissionDenied as denied:
                return refusal(403, str(denied) or _("Your account may not do this."))
            except Http404:
                return refusal(404, _("There is no such post; perhaps it was deleted."))
            except RequestDataTooBig:
                return refusal(413, _("That is more than can be taken at once."))
            except (MultiPartParserError, SuspiciousOperation):
                return refusal(400, _("The form arrived broken. Try again."))

        return never_cache(answer)

    # --- The page

    def page(self, request: HttpRequest, object_id: int | None = None) -> JsonResponse:
        response = JsonResponse(drawn(self.model_admin, request, object_id))
        response["X-Robots-Tag"] = "noindex"
        return response

    # --- Figures

    def figures(self, request: HttpRequest) -> JsonResponse:
        """Those whose key or words contain all the words of `q`, the newest first, but first those whose key begins so.
        Two queries."""
        library = self.site.get_model_admin(Figure)
        access.demand(library.has_view_permission(request) or library.has_add_permission(request))
        number = _number(request.GET.get("page", "1"))
        words = sought(request).split()[:8]
        begun = Case(When(slug__startswith="-".join(words).lower(), then=Value(0)), default=Value(1))
        found: QuerySet[Figure] = Figure.objects.order_by(*[begun][: len(words)], "-created_at", "-id")
        for word in words:
            found = found.filter(
                Q(slug__icontains=word) | Q(caption__icontains=word) | Q(alt__icontains=word)
            )
        shown = found.only("slug", "caption", "alt", "decorative", "image", "width", "height", "dark_image")
        rows = list(shown.prefetch_related("renditions")[(number - 1) * PAGE : number * PAGE + 1])
        return JsonResponse(
            {"figures": [described(one) for one in rows[:PAGE]], "page": number, "more": len(rows) > PAGE}
        )

    def add(self, request: HttpRequest) -> JsonResponse:
        """Takes one picture with its words into the library, under a free key. The rules are those of the figure's own
        form; `errors` names the fields that break one, `known` the figure that was made of this very file."""
        library = self.site.get_model_admin(Figure)
        access.demand(library.has_add_permission(request), _("Your account may not add figures."))
        too_large = _("The file is larger than %(most)d MB. Scale it down first.")
        too_large %= {"most": imaging.MAX_BYTES // 2**20}
        if _number(request.META.get("CONTENT_LENGTH") or "0", most=2**60) > MAX_REQUEST:
            return refusal(413, too_large)
        upload = request.FILES.get("upload")
        if upload is None:
            return refusal(400, _("No picture arrived."), errors={"upload": [_("Choose a picture.")]})
        if (upload.size or 0) > imaging.MAX_BYTES:
            return refusal(413, too_large)
        base = (
            key_from(request.POST.get("slug", "")[:LONGEST] + ".") or key_from(str(upload.name)) or "figure"
        )
        form_class = modelform_factory(
            Figure, form=FigureForm, fields=["slug", "caption", "alt", "decorative"]
        )
        for _attempt in range(ATTEMPTS):
            data = request.POST.copy()
            data["slug"] = free_key(base)
            form = form_class(data, request.FILES)
            if not form.is_valid():
                errors = {name: [str(one) for one in found] for name, found in form.errors.items()}
                first = next(iter(errors.values()))[0]
                if "slug" not in errors:
                    known = form.duplicate.slug if form.duplicate else None  # type: ignore[attr-defined]
                    return refusal(400, first, errors=errors, known=known)
                upload.seek(0)
                continue
            try:
                with transaction.atomic():
                    figure = form.save(commit=False)
                    form.take(figure)  # type: ignore[attr-defined] # a FigureForm
                    library.log_addition(request, figure, [{"added": {}}])
            except IntegrityError:  # somebody took the key in this moment
                upload.seek(0)
                continue
            return JsonResponse({"figure": described(figure)}, status=201)
        return refusal(409, _("No free key was found for this name. Give the figure another key."))

    # --- Completion

    def posts(self, request: HttpRequest) -> JsonResponse:
        """Posts to refer to, by words or the slug's beginning: those that readers find or the user sees."""
        access.demand(self._writes(request))
        at = timezone.now()
        posts: Any = access.visible(request.user, Post.objects.order_by("-created_at", "-id"), at)
        posts, _distinct = self.model_admin.get_search_results(request, posts, sought(request))
        rows = posts.only("slug", "title", "status", "published_at", "expires_at")[:OFFERED]
        return JsonResponse(
            {"posts": [{"slug": one.slug, "title": one.title, "state": state_of(one, at)} for one in rows]}
        )

    def tags(self, request: HttpRequest) -> JsonResponse:
        """Tags that contain `q`, those that begin with it first."""
        access.demand(self._writes(request))
        asked = sought(request)
        first = Case(When(name__istartswith=asked, then=Value(0)), default=Value(1))
        rows = Tag.objects.filter(name__icontains=asked).order_by(first, "name", "id")
        return JsonResponse({"tags": list(rows.values_list("name", flat=True)[:OFFERED])})

    def _writes(self, request: HttpRequest) -> bool:
        return self.model_admin.has_add_permission(request) or self.model_admin.has_change_permission(request)


def sought(request: HttpRequest) -> str:
    return " ".join(request.GET.get("q", "")[:LONGEST].split())


def described(figure: Figure) -> dict[str, Any]:
    """What the library shows of a figure whose renditions are prefetched, or that was added just now."""
    return {
        "key": figure.slug,
        "title": figure.title,
        "alt": figure.alt,
        "decorative": figure.decorative,
        "width": figure.width,
        "height": figure.height,
        "thumb": nearest(figure, THUMB),
    }


def free_key(base: str) -> str:
    """`base`, or the first of `base-2`, `base-3`, … that no figure has; at most 80 characters. One query."""
    stem = base[:70].strip("-")
    taken = set(
        Figure.objects.filter(Q(slug=base) | Q(slug__startswith=f"{stem}-")).values_list("slug", flat=True)[
            :10_000
        ]
    )
    if base not in taken:
        return base
    return next(key for n in range(2, len(taken) + 3) if (key := f"{stem}-{n}") not in taken)


def _number(text: str, *, most: int = PAGES) -> int:
    return min(max(int(text), 1), most) if re.fullmatch(r"[0-9]{1,18}", text) else 1
