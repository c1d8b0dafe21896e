"""Which pages have Markdown, and which feed stands behind each: by the names of their addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

from blog.models.routes import route

from ..feeds.formats import TYPES
from ..feeds.sources import feed_url, title_of
from ..where import markdown_of
from . import listings, posts

Context = dict[str, Any]

LISTINGS = ("home", "category", "tag", "author", "level", "levels", "year", "month")
WRITERS: dict[str, Callable[[Context], str]] = {
    **dict.fromkeys(LISTINGS, listings.write_listing),
    "post": posts.write_page,
    "subjects": listings.write_subjects,
    "archives": listings.write_archives,
    "all-series": listings.write_all_series,
    "series": listings.write_series,
    "learning-paths": listings.write_all_paths,
    "learning-path": listings.write_path,
    "search": listings.write_search,
    "figures": listings.write_gallery,
    "figure": listings.write_figure,
}
FORMATS = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}


@dataclass(frozen=True)
class Alternate:
    """The same in another form, for a page's head."""

    type: str
    url: str
    title: str = ""


def alternates_of(name: str, url: str, context: Context) -> tuple[Alternate, ...]:
    """What the head of the page `name` at `url` leads to: its Markdown and the three formats of its feed; the site's,
    where the page has none of its own."""
    page, title = _fed(name, context)
    return _alternates(url, page, f"{title} · {settings.BLOG_NAME}" if title else settings.BLOG_NAME)


@lru_cache(maxsize=1_000)
def _alternates(url: str, page: str, shown: str) -> tuple[Alternate, ...]:
    feeds = (Alternate(TYPES[kind], feed_url(page, kind), f"{shown} ({FORMATS[kind]})") for kind in FORMATS)
    return Alternate("text/markdown", markdown_of(url)), *feeds


def _fed(name: str, context: Context) -> tuple[str, str]:
    """The page whose feed it is, and its title."""
    if name in LISTINGS:
        selection = context["selection"]
        return selection.url(), title_of(selection)
    if name == "series":
        return context["series"].get_absolute_url(), context["series"].title
    if name == "learning-path":
        return context["path"].get_absolute_url(), context["path"].title
    if name == "search" and context["query"]:
        return context["query"].url(), context["query"].text
    return route("home"), ""
