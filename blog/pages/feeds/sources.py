"""What a feed can be of: which rows, under which name, from which page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.dates import MONTHS
from django.utils.translation import gettext

from blog.models import Cursor, LearningPath, Post, Selection, Series
from blog.models.search import parse, search
from blog.models.selection import selected_rows

from ..selecting import demand_public, places_of, selection_of

FOUND = 20
SUFFIXES = {"rss": "feed/", "atom": "feed/atom/", "json": "feed/json/"}


@dataclass(frozen=True)
class Source:
    """A feed to be. `what` names it among the site's things for ever, by primary keys; `page` is the path (with query)
    of the HTML page it belongs to. `rows` lead to posts by `prefix`; `more` tells the page of what lies before a place.
    What has one address is redirected there from any other. `demand` is called where there is nothing, and raises
    Http404 where readers must not know of it yet.
    """

    what: str
    title: str
    description: str
    page: str
    rows: QuerySet[Any]
    prefix: str = "post__"
    indexable: bool = True
    has_one_address: bool = True
    more: Callable[[Cursor], str] | None = None
    demand: Callable[[], None] = lambda: None

    def url(self, kind: str) -> str:
        return feed_url(self.page, kind)


Reader = Callable[[HttpRequest, dict[str, Any], datetime], Source]


def feed_url(page: str, kind: str) -> str:
    """The feed of the page at this path (with query)."""
    path, mark, query = page.partition("?")
    return f"{path}{SUFFIXES[kind]}{mark}{query}"


def title_of(selection: Selection) -> str:
    """What is chosen, in words: `Category: Storage · Advanced (300) · 2026`. Empty for the whole site."""
    words = []
    if selection.category:
        words.append(gettext("Category: {name}").format(name=selection.category.name))
    if selection.tag:
        words.append(gettext("Tag: {name}").format(name=selection.tag.name))
    if selection.author:
        words.append(gettext("Author: {name}").format(name=selection.author.name))
    if selection.level:
        words.append(str(selection.level))
    if selection.month:
        words.append(f"{MONTHS[selection.month]} {selection.year}")
    elif selection.year:
        words.append(str(selection.year))
    return " · ".join(words)


def key_of(selection: Selection) -> str:
    """What is chosen, by what never changes: `category:12 level:3 year:2026`, or `site`."""
    parts = [f"{name}:{getattr(value, 'pk', value)}" for name, value in sorted(selection.chosen.items())]
    return " ".join(parts) or "site"


def of_selection(request: HttpRequest, kwargs: dict[str, Any], at: datetime) -> Source:
    """Any combination of facets: one query, and one for a level."""
    selection = selection_of(request, kwargs)
    before = places_of(request)["before"]
    title = title_of(selection)
    return Source(
        what=key_of(selection),
        title=f"{title} · {settings.BLOG_NAME}" if title else settings.BLOG_NAME,
        description=_described(selection),
        page=selection.url(before=before),
        rows=selected_rows(selection, at=at, before=before),
        indexable=selection.indexable,
        more=lambda place: selection.url(before=place),
        demand=lambda: demand_public(selection, at=at),
    )


def nothing_yet() -> None:
    raise Http404("Nothing of it has been published.")


def _described(selection: Selection) -> str:
    chosen = selection.chosen
    if not chosen:
        return settings.BLOG_TAGLINE or settings.BLOG_NAME
    if len(chosen) == 1 and (thing := selection.category or selection.level) and thing.description:
        return thing.description
    return gettext("The newest posts, whole, with their figures.")


def of_series(request: HttpRequest, kwargs: dict[str, Any], at: datetime) -> Source:
    """The live parts of a series, newest first: one query."""
    series = get_object_or_404(Series, slug=kwargs["slug"])
    return Source(
        what=f"series:{series.pk}",
        title=gettext("Series: {name}").format(name=series.title) + f" · {settings.BLOG_NAME}",
        description=series.description or series.title,
        page=series.get_absolute_url(),
        rows=newest(Post.objects.live(at).filter(series_parts__series=series)),
        prefix="",
        demand=nothing_yet,
    )


def of_path(request: HttpRequest, kwargs: dict[str, Any], at: datetime) -> Source:
    """The live steps of a learning path, newest first: one query."""
    path = get_object_or_404(LearningPath, slug=kwargs["slug"])
    return Source(
        what=f"path:{path.pk}",
        title=gettext("Learning path: {name}").format(name=path.title) + f" · {settings.BLOG_NAME}",
        description=path.introduction or path.title,
        page=path.get_absolute_url(),
        rows=newest(Post.objects.live(at).filter(path_steps__learning_path=path)),
        prefix="",
        demand=nothing_yet,
    )


def of_search(request: HttpRequest, kwargs: dict[str, Any], at: datetime) -> Source:
    """The newest of what a query finds: as many queries as the search. Without one, the site's."""
    query = parse(request.GET.get("q", ""))
    if not query:
        return of_selection(request, {}, at)
    found = [hit.post.pk for hit in search(query, at=at, size=FOUND, sort="newest").hits]
    title = gettext("Search: {query}").format(query=query.text)
    return Source(
        what=f"search:{query.text}",
        title=f"{title} · {settings.BLOG_NAME}",
        description=gettext("The newest posts that the search finds, whole, with their figures."),
        page=query.url(),
        rows=newest(Post.objects.live(at).filter(pk__in=found)),
        prefix="",
        indexable=False,
        has_one_address=False,
    )


def newest(posts: QuerySet[Post]) -> QuerySet[Post]:
    return posts.order_by("-published_at", "-pk")
