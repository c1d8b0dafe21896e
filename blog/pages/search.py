"""The door to the search."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.views.generic import TemplateView

from blog.models import Category, LearningLevel, read_page
from blog.models.missed_search import nothing_found
from blog.models.search import MAX_CHARACTERS, MAX_PAGES, Sort, parse, search

from .listings import PAGE_SIZE

NEWEST = 5


class Search(TemplateView):
    """What `?q=` finds, sorted by relevance or, with `?sort=newest`, by date; without it, how to search and where else
    to begin. Six queries at most, whatever is asked."""

    template_name = "blog/search.html"

    def get_page(self) -> int:
        """Raises Http404 for what is not the number of a page that is given out."""
        text = self.request.GET.get("page", "1")
        if not re.fullmatch(r"[1-9][0-9]?", text, re.ASCII) or int(text) > MAX_PAGES:
            raise Http404("There is no such page of results.")
        return int(text)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at, text, page = timezone.now(), self.request.GET.get("q", ""), self.get_page()
        sort: Sort = "newest" if self.request.GET.get("sort") == "newest" else "relevance"
        query = parse(text)
        context = super().get_context_data(**kwargs) | {
            "query": query,
            # As it was typed, for going on from there.
            "text": " ".join(text[:MAX_CHARACTERS].split()),
            "sort": sort,
            "canonical": query.url(sort=sort, page=page),
            "by_relevance": query.url(),
            "by_date": query.url(sort="newest"),
        }
        if not query:
            return context | {
                "newest": read_page(None, at=at, size=NEWEST).posts,
                "levels": list(LearningLevel.objects.all()),
                "categories": list(Category.objects.filter(parent=None).order_by("position", "name", "pk")),
            }
        results = search(query, at=at, size=PAGE_SIZE, page=page, sort=sort)
        if not results.count:
            nothing_found.send(sender=type(self), text=text, at=at)
        return context | {
            "results": results,
            "previous": query.url(sort=sort, page=page - 1) if page > 1 else "",
            "next": query.url(sort=sort, page=page + 1) if page < results.pages else "",
            "most": MAX_PAGES * PAGE_SIZE,
            "capped": page == MAX_PAGES and results.count > MAX_PAGES * PAGE_SIZE,
        }
