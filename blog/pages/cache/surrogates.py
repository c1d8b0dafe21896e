"""What a CDN before the site is told of a page: that it may keep it, and by which keys it will hear that the page has
changed. Only where settings.CDN names one.

A page depends on what it leads to: the title of a post, the name of a tag, the key of a figure stand on no page without
a link. So the keys of things are read from the finished page. What was listed, and might have been, follows from the
page's address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote, unquote_plus

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase

from blog.models import touch
from blog.models.category import lineage
from blog.models.touch import key_of

from .policies import POLICIES

LONGEST = 86_400
"""Seconds that a CDN keeps a page of which it hears nothing."""
MOST = 200
"""Keys of a page, 2 KB of headers. One that has more is purged with any change."""
WHOLE = frozenset(
    {"search", "search-feed", "opml", "robots", "sitemap", "sitemap-of", "sitemap-part", "llms", "llms-full",
     "all-series", "learning-paths"}
)  # fmt: skip
OVERVIEWS = {
    "subjects": touch.COUNTS,
    "levels": touch.COUNTS,
    "figures": touch.GALLERY,
    "archives": touch.SITE,
}
KINDS = {
    "posts": touch.POST, "category": touch.CATEGORY, "tag": touch.TAG, "author": touch.AUTHOR,
    "figures": touch.FIGURE, "series": touch.SERIES, "paths": touch.PATH,
}  # fmt: skip
ENDS = ("/feed", "/feed/atom", "/feed/json")

IN_PATH = re.compile(rf"/({'|'.join(KINDS)})/([^\s\"'<>?#&()\[\]\\]+)")
IN_QUERY = re.compile(r"[?&;](category|tag|author)=([^\s\"'<>#&()\[\]\\]+)")

KEEP = {
    "fastly": "Surrogate-Control",
    "varnish": "Surrogate-Control",
    "cloudflare": "Cloudflare-CDN-Cache-Control",
}
KEYS = {"fastly": ("Surrogate-Key", " "), "varnish": ("xkey", " "), "cloudflare": ("Cache-Tag", ",")}


class Surrogates:
    """Writes both headers, for the CDN alone: it takes them away. What is not a page for everybody it must not keep;
    pictures it may, as long as browsers do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name == "media" or response.status_code == 304:
            return response
        if name in POLICIES and response.status_code == 200 and is_for_all(request):
            header, between = KEYS[settings.CDN]
            response[header] = between.join(keys_of(request, response))
            response[KEEP[settings.CDN]] = f"max-age={LONGEST}"
        else:
            response[KEEP[settings.CDN]] = "no-store, max-age=0"
        return response


def is_for_all(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME not in request.COOKIES and "HTTP_AUTHORIZATION" not in request.META


def keys_of(request: HttpRequest, response: HttpResponseBase) -> list[str]:
    """The keys of a page that readers are given, the same for the same bytes."""
    assert request.resolver_match
    name, named = request.resolver_match.view_name, request.resolver_match.kwargs
    if name in WHOLE or not isinstance(response, HttpResponse):
        return [touch.ALL, touch.LISTS]
    keys = {*_listed(request, name, named), *(key_of(*one) for one in _mentioned(request.path))}
    if (
        name.endswith("-feed")
        or name in {"figure", "figures"}
        or response.get("Content-Type", "").startswith("text/markdown")
    ):
        keys.add(touch.NAMES)
    if name == "post":
        keys |= set(_above(response))
    keys |= {key_of(*one) for one in _mentioned(response.content.decode())}
    return [touch.ALL, *sorted(keys)] if len(keys) < MOST else [touch.ALL, touch.LISTS]


def _listed(request: HttpRequest, name: str, named: dict[str, str]) -> Iterator[str]:
    """What a listing or overview might have shown."""
    if name in OVERVIEWS:
        yield OVERVIEWS[name]
    if "narrow" in request.GET:
        yield touch.COUNTS
    if name in {"post", "series", "series-feed", "learning-path", "learning-path-feed", "figure", "figures"}:
        return
    chosen = {kind: named.get(kind) or request.GET.get(kind) for kind in ("category", "tag", "author")}
    for kind, value in chosen.items():
        if value:
            yield key_of(touch.LISTED[KINDS[kind]], value)
    if not any(chosen.values()):
        yield touch.SITE


def _above(response: HttpResponse) -> Iterator[str]:
    """What a post might lead up to: deeper posts of its categories and of those above them."""
    page = (getattr(response, "context_data", None) or {}).get("page")
    if page is not None and page.post.learning_level:
        for path in {above for one in page.post.categories.all() for above in lineage(one.path)}:
            yield key_of(touch.UP, f"{path} {page.post.learning_level.number}")


def _mentioned(text: str) -> Iterator[tuple[str, str]]:
    """The kinds and names of all that the text leads to."""
    for kind, rest in set(IN_PATH.findall(text)):
        name = unquote(rest).rstrip("/")
        for end in ENDS:
            name = name.removesuffix(end)
        name = name.removesuffix(".md")
        yield KINDS[kind], name if kind == "category" else name.split("/")[0]
    for kind, value in set(IN_QUERY.findall(text)):
        yield KINDS[kind], unquote_plus(value)
