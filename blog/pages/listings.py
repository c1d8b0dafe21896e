"""The doors to listings: home, category, levels, tag, author. Each names a scope; the rest is the same for all."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.db import models
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.views.generic import TemplateView

from blog.models import (
    Author,
    BadCursor,
    Category,
    Cursor,
    Figure,
    LearningLevel,
    Tag,
    levels_with_counts,
    read_page,
    read_shelves,
)

PAGE_SIZE = 10


class ListingView(TemplateView):
    """One page of a scope's live posts, newest first, narrowed by `?level=`, cut by `?before=` and `?after=`.

    Costs one query for the scope and its surroundings, one for the levels with their counts, and four for the page.
    """

    scope: models.Model | None = None
    level_narrows = True

    def get_scope(self) -> models.Model | None:
        """What the listing is of; None is the whole site. Raises Http404."""
        return None

    def get_level(self, levels: list[LearningLevel]) -> LearningLevel | None:
        """The level to which the listing is narrowed. Raises Http404 for one that does not exist."""
        number = self.request.GET.get("level")
        if number is None:
            return None
        for level in levels:
            if str(level.number) == number:
                return level
        raise Http404("There is no such level.")

    def get_beside(self) -> list[Figure]:
        """Figures that the page shows beside the cards."""
        return []

    def get_cursor(self, name: str) -> Cursor | None:
        text = self.request.GET.get(name)
        try:
            return Cursor.parse(text) if text is not None else None
        except BadCursor:
            raise BadRequest(f"?{name}= is not a place in this listing.") from None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at = timezone.now()
        before, after = self.get_cursor("before"), self.get_cursor("after")
        if before and after:
            raise BadRequest("A page lies before a place or after it, not both.")
        self.scope = self.get_scope()
        levels = list(levels_with_counts(self.scope, at=at))
        level = self.get_level(levels)
        page = read_page(
            self.scope,
            at=at,
            size=PAGE_SIZE,
            level=level,
            before=before,
            after=after,
            beside=self.get_beside(),
        )
        shown = level.posts_count if level else sum(one.posts_count for one in levels)
        return super().get_context_data(**kwargs) | {
            "scope": self.scope,
            "levels": levels,
            "level": level,
            # What a link to another page of the listing keeps; a level named by the path is not repeated in the query.
            "base": escape_uri_path(self.request.path),
            "narrowed": level if "level" in self.request.GET and self.level_narrows else None,
            "before": before,
            "after": after,
            "page": page,
            "count": shown,
            "count_all": sum(one.posts_count for one in levels),
            "first_page": before is None and after is None,
        }


class Home(ListingView):
    template_name = "blog/home.html"


class CategoryPosts(ListingView):
    template_name = "blog/category.html"

    def get_scope(self) -> Category:
        path = self.kwargs["category"]
        around = {category.path: category for category in Category.objects.around(path)}
        if path not in around:
            raise Http404("There is no such category.")
        category = around[path]
        self.extra_context = {
            "category": category,
            "ancestors": [one for one in around.values() if path.startswith(f"{one.path}/")],
            "children": sorted(
                (one for one in around.values() if one.parent_id == category.pk),
                key=lambda c: (c.position, c.name),
            ),
        }
        return category


class Subjects(TemplateView):
    """The whole tree of categories: the way in for those who do not know yet what they look for."""

    template_name = "blog/subjects.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"shelves": read_shelves(at=timezone.now())}


class LevelsPosts(ListingView):
    """“Category: Learning Levels”: every post, since every published post has a level."""

    template_name = "blog/levels.html"


class LevelPosts(ListingView):
    """One level, at an address of its own."""

    template_name = "blog/level.html"
    level_narrows = False

    def get_level(self, levels: list[LearningLevel]) -> LearningLevel:
        for level in levels:
            if level.slug == self.kwargs["level"]:
                return level
        raise Http404("There is no such level.")


class TagPosts(ListingView):
    template_name = "blog/tag.html"

    def get_scope(self) -> Tag:
        tag = get_object_or_404(Tag, slug=self.kwargs["tag"])
        self.extra_context = {"tag": tag}
        return tag


class AuthorPosts(ListingView):
    template_name = "blog/author.html"

    def get_scope(self) -> Author:
        author = get_object_or_404(Author.objects.select_related("portrait"), slug=self.kwargs["author"])
        self.extra_context = {"author": author}
        return author

    def get_beside(self) -> list[Figure]:
        portrait = self.scope.portrait if isinstance(self.scope, Author) else None
        return [portrait] if portrait else []
