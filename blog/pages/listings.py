"""The doors to listings: home, category, levels, tag, author, and any combination of them. An address says what is
selected; the rest is the same for all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.generic import TemplateView

from blog.models import Cursor, Figure, LearningLevel, Selection, count_levels, read_selection, read_shelves
from blog.models.coverage import read_coverage
from blog.models.narrowing import open_kinds, read_narrowing
from blog.models.routes import route

from . import selecting, wording
from .kept import KeptPage

PAGE_SIZE = 10
CHOICES = 12


class ListingView(TemplateView):
    """One page of a selection's live posts, newest first, cut by `?before=` and `?after=`; or, with `?narrow`, what it
    could be narrowed by. Any other address of the same posts leads to their canonical one.

    Costs one query for what the address names and what surrounds it, one for the levels with their counts, and four for
    the page.
    """

    template_name = "blog/listing.html"
    response_class = KeptPage
    selection: Selection
    levels: list[LearningLevel]
    at: datetime

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.at = timezone.now()
        self.places = selecting.places_of(request)
        self.found = selecting.find_scopes(request, kwargs)
        self.levels = count_levels(self.found.selection, at=self.at)
        self.selection = selecting.with_level(self.found.selection, request, kwargs, self.levels)
        if not any(one.posts_count for one in self.levels):
            selecting.demand_public(self.selection, at=self.at)
        narrow = request.GET.get("narrow")
        url = self.url_of(self.selection, **self.places)
        if not selecting.is_at(request, url):
            return HttpResponsePermanentRedirect(url if narrow is None else narrowed_url(url, narrow))
        if narrow is not None:
            return self.narrow(narrow)
        return self.render_to_response(self.get_context_data(**kwargs))

    def url_of(self, selection: Selection, **places: Cursor | None) -> str:
        return selection.url(**places)

    def get_beside(self) -> list[Figure]:
        """Figures that the page shows beside the cards."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        selection, about = self.selection, self.about()
        page = read_selection(selection, at=self.at, size=PAGE_SIZE, beside=self.get_beside(), **self.places)
        further = about["count"] and open_kinds(selection, self.found.below)
        return super().get_context_data(**kwargs) | about | {
            "page": page,
            "newer_url": page.newer and self.url_of(selection, after=page.newer),
            "older_url": page.older and self.url_of(selection, before=page.older),
            "first_page": not any(self.places.values()),
            "canonical": self.url_of(selection, **self.places),
            "noindex": not (selection.indexable and page.posts),
            "narrow_url": narrowed_url(selection.url()) if further else "",
        }  # fmt: skip

    def about(self) -> dict[str, Any]:
        """What a page of the selection says of it, whatever it shows below."""
        selection, level = self.selection, self.selection.level
        everything = sum(one.posts_count for one in self.levels)
        count = level.posts_count if level else everything
        return {
            "selection": selection,
            "category": selection.category,
            "tag": selection.tag,
            "author": selection.author,
            "level": level,
            "ancestors": self.found.above,
            "children": self.found.below,
            "kind": wording.kind_of(selection),
            "name": wording.name_of(selection),
            "description": wording.description_of(selection, count),
            "crumbs": self.crumbs(),
            "filters": wording.filters_of(selection),
            "chips": [(one, self.url_of(selection.replace(level=one))) for one in self.levels],
            "all_url": self.url_of(selection.replace(level=None)),
            "base": self.url_of(selection),
            "levels": self.levels,
            "count": count,
            "count_all": everything,
        }

    def crumbs(self) -> list[tuple[str, str]]:
        """Names and addresses of what lies above the page, from the top down."""
        return []

    def narrow(self, wanted: str) -> HttpResponse:
        """All kinds of choices with the most frequent of each, or all choices of the one wanted."""
        kinds = open_kinds(self.selection, self.found.below)
        if wanted:
            if wanted not in kinds:
                raise Http404("Posts can't be narrowed by that.")
            kinds = [wanted]
        found = read_narrowing(self.selection, kinds, at=self.at, most=None if wanted else CHOICES)
        url = self.selection.url()
        context = super().get_context_data() | self.about()
        context |= {
            "choices": [
                {
                    "kind": one.kind,
                    "values": [(wording.choice(one.kind, each), each) for each in one.values],
                    "more": one.more,
                    "url": narrowed_url(url, one.kind),
                }
                for one in found
            ],
            "wanted": wanted,
            "narrow_url": narrowed_url(url),
        }
        return self.response_class(self.request, ["blog/narrow.html"], context, using=self.template_engine)


def narrowed_url(url: str, kind: str = "") -> str:
    """Where the choices of a listing are: all of them, or of one kind."""
    return f"{url}{'&' if '?' in url else '?'}narrow{'=' if kind else ''}{kind}"


class Home(ListingView):
    template_name = "blog/home.html"


class CategoryPosts(ListingView):
    template_name = "blog/category.html"

    def crumbs(self) -> list[tuple[str, str]]:
        above = [(gettext("Subjects"), route("subjects"))]
        above += [(one.name, one.get_absolute_url()) for one in self.found.above]
        if self.selection.category and len(self.selection.chosen) > 1:
            above.append((self.selection.category.name, self.selection.category.get_absolute_url()))
        return above


class Subjects(TemplateView):
    """The whole tree of categories: the way in for those who do not know yet what they look for."""

    template_name = "blog/subjects.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"shelves": read_shelves(at=timezone.now())}


class LevelPosts(ListingView):
    """One level, at an address of its own."""

    template_name = "blog/level.html"

    def crumbs(self) -> list[tuple[str, str]]:
        return [(gettext("Home"), route("home")), (gettext("Learning Levels"), route("levels"))]

    def url_of(self, selection: Selection, **places: Cursor | None) -> str:
        """Without a level these pages are about all levels, not the front page."""
        url = selection.url(**places)
        return url if selection.chosen else route("levels") + url.removeprefix(route("home"))


class LevelsPosts(LevelPosts):
    """“Category: Learning Levels”: every post, since every published post has a level, below what the levels are and
    how well each top category covers them."""

    template_name = "blog/levels.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = read_coverage(self.levels, at=self.at) if context["first_page"] else []
        return context | {"coverage": rows}


class TagPosts(ListingView):
    def crumbs(self) -> list[tuple[str, str]]:
        """From a combination the way up to the tag alone."""
        tag = self.selection.tag
        return [(tag.name, tag.get_absolute_url())] if tag and len(self.selection.chosen) > 1 else []


class AuthorPosts(ListingView):
    template_name = "blog/author.html"

    def crumbs(self) -> list[tuple[str, str]]:
        author = self.selection.author
        return [(author.name, author.get_absolute_url())] if author and len(self.selection.chosen) > 1 else []

    def get_beside(self) -> list[Figure]:
        portrait = self.selection.author.portrait if self.selection.author else None
        return [portrait] if portrait else []
