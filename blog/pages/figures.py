"""The doors to the figures: the gallery of all that are public, and the page of one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import DetailView, TemplateView

from blog.models import Category, Figure, LearningLevel
from blog.models.address import as_typed
from blog.models.gallery import (
    LARGEST_ID,
    Wanted,
    categories_with_posts,
    count_figures,
    read_figure_page,
    read_wall,
)

from .citation import cite

WALL = 24
LONGEST_QUERY = 200  # characters; more is cut


class Gallery(TemplateView):
    """All public figures, newest first, narrowed by `?q=`, `?level=` and `?category=`, cut by `?before=` and `?after=`.

    Five queries: categories, levels, counts, and two for the page; a sixth where there are many figures.
    """

    template_name = "blog/figures.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(**kwargs)
        if context["moved"]:
            return HttpResponsePermanentRedirect(context["wanted"].url())
        return self.render_to_response(context)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at = timezone.now()
        before, after = (_place(self.request, name) for name in ("before", "after"))
        if before is not None and after is not None:
            raise BadRequest("A page lies before a place or after it, not both.")
        levels = list(LearningLevel.objects.all())
        categories = list(categories_with_posts(at))
        asked = self.request.GET.get("category", "")
        wanted = Wanted(
            words=" ".join(self.request.GET.get("q", "").split())[:LONGEST_QUERY],
            level=_level(self.request, levels),
            category=_category(asked, categories),
        )
        if wanted.category and wanted.category.path != asked:
            return {"moved": True, "wanted": wanted}
        found = count_figures(wanted, at=at)
        counts, count_all = found.by_level, found.count_all
        wall = read_wall(wanted, at=at, size=WALL, few=found.few, before=before, after=after)
        chips = [
            (level, counts.get(level.pk, 0), replace(wanted, level=level).url(), level == wanted.level)
            for level in levels
        ]
        return super().get_context_data(**kwargs) | {
            "moved": False,
            "wanted": wanted,
            "categories": [("\u2003" * one.depth + one.name, one) for one in categories],
            "category_is_empty": wanted.category not in [None, *categories],
            "chips": chips,
            "any_level": replace(wanted, level=None).url(),
            "any_category": replace(wanted, category=None).url() if wanted.category else "",
            "any_words": replace(wanted, words="").url() if wanted.words else "",
            "count": counts.get(wanted.level.pk, 0) if wanted.level else count_all,
            "count_all": count_all,
            "wall": wall,
            "first_page": before is None and after is None,
            "canonical": wanted.url(before=before, after=after),
            "newer": wanted.url(after=wall.newer) if wall.newer else "",
            "older": wanted.url(before=wall.older) if wall.older else "",
        }


class FigureDetail(DetailView[Figure]):
    """A public figure, large, with its words and the live posts that show it. Five queries. Whatever no live post shows
    does not exist: 404, as for a key that never was."""

    template_name = "blog/figure.html"
    context_object_name = "figure"

    def get_queryset(self) -> Any:
        self.at = timezone.now()
        return Figure.objects.public(self.at).prefetch_related("renditions")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = read_figure_page(self.object, at=self.at)
        if page is None:
            raise Http404("No such figure.")
        ending = str(self.object.image.name).rsplit(".", 1)[-1]
        return super().get_context_data(**kwargs) | {
            "page": page,
            "file_format": {"jpg": "JPEG", "webp": "WebP"}.get(ending, ending.upper()),
            "file_name": f"{self.object.slug}.{ending}",
            "file_size": _size(self.object),
            "citation": cite(page, blog=settings.BLOG_NAME, site=settings.SITE_URL),
        }


def _size(figure: Figure) -> int | None:
    """Bytes of the full image; None where the storage can't say."""
    try:
        return figure.image.size
    except (OSError, NotImplementedError):
        return None


def _place(request: HttpRequest, name: str) -> int | None:
    """The figure's id that a page lies before or after. Raises BadRequest for what no page has given out."""
    text = request.GET.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,18}", text, re.ASCII) or int(text) > LARGEST_ID:
        raise BadRequest(f"?{name}= is not a place in the gallery.")
    return int(text)


def _level(request: HttpRequest, levels: list[LearningLevel]) -> LearningLevel | None:
    """Raises Http404 for a level that does not exist; an empty one is what a form sends for “any”."""
    number = request.GET.get("level", "")
    if not number:
        return None
    for level in levels:
        if str(level.number) == number:
            return level
    raise Http404("There is no such level.")


def _category(path: str, known: list[Category]) -> Category | None:
    """The category at `path`, or the one that used to live there. Raises Http404 where there never was one."""
    if not path:
        return None
    for category in known:
        if category.path == path:
            return category
    if not re.fullmatch(r"[-\w]+(?:/[-\w]+)*", path) or len(path) > 500:
        raise Http404("There is no such category.")
    former = as_typed(reverse("category", args=[path]))
    found = Category.objects.filter(Q(path=path) | Q(addresses__path=former))
    at_path = sorted(found, key=lambda one: one.path != path)
    if not at_path:
        raise Http404("There is no such category.")
    return at_path[0]
