"""Where a page's two renderers part: by its address, or by what the client prefers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.urls import get_script_prefix
from django.utils.cache import patch_vary_headers

from ..where import absolute, markdown_of, page_of
from .errors import write_error
from .registry import WRITERS, alternates_of

MARKDOWN = "text/markdown; charset=utf-8"
EXPLAINED = frozenset({400, 404})
"""What goes wrong with an address. Other answers, such as of the admin, are not for programs that read."""


class MarkdownResponse(SimpleTemplateResponse):
    """A page's context, written as Markdown when the page would be rendered."""

    def __init__(self, context: dict[str, Any], write: Callable[[dict[str, Any]], str]) -> None:
        super().__init__("", context, content_type=MARKDOWN)
        self.write_markdown = write

    @property
    def rendered_content(self) -> str:
        assert self.context_data is not None
        return self.write_markdown(self.context_data)


class Alternates:
    """Answers `/posts/x.md` with the Markdown of `/posts/x/`, and that page itself to a client that prefers
    `text/markdown` (RFC 9110, section 12.5.1; HTML where it does not say). All other pages learn where their Markdown
    and their feeds are.

    The page's own view answers, so that visibility, cache rules, redirects and status are those of the page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        page = page_of(request.path_info)
        request.is_markdown = page is not None  # type: ignore[attr-defined]
        if page is not None:
            request.path_info = page
            request.path = f"{get_script_prefix().removesuffix('/')}{page}"
        response = self.get_response(request)
        if page is not None:
            _label_file(request, response)
        if response.status_code in EXPLAINED and wants_markdown(request) and not response.streaming:
            response = HttpResponse(
                write_error(request, response.status_code), MARKDOWN, response.status_code
            )
        elif not page and _name_of(request) not in WRITERS:
            return response
        if page is None:
            patch_vary_headers(response, ["Accept"])
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Raises Http404 before a view runs that is no page's."""
        if request.is_markdown and _name_of(request) not in WRITERS:  # type: ignore[attr-defined]
            raise Http404("There is no Markdown of this.")

    def process_template_response(
        self, request: HttpRequest, response: SimpleTemplateResponse
    ) -> SimpleTemplateResponse:
        name = _name_of(request)
        if name not in WRITERS or response.status_code != 200:
            return response
        context = dict(response.context_data or {})
        canonical = context.get("canonical") or request.path
        if wants_markdown(request):
            written = MarkdownResponse(context, WRITERS[name])
            for header, value in _kept(response.headers):
                written[header] = value
            written["Link"] = f'<{absolute(canonical)}>; rel="canonical"'
            written["Cross-Origin-Resource-Policy"] = "cross-origin"
            return written
        response.context_data = context | {"alternates": alternates_of(name, canonical, context)}
        response["Link"] = f'<{markdown_of(canonical)}>; rel="alternate"; type="text/markdown"'
        return response


def wants_markdown(request: HttpRequest) -> bool:
    """Whether the address names the Markdown or the client prefers it to HTML."""
    if request.is_markdown:  # type: ignore[attr-defined]
        return True
    return prefers_markdown(request.META.get("HTTP_ACCEPT", "*/*"))


@lru_cache(maxsize=256)
def prefers_markdown(accept: str) -> bool:
    """What Django reads out of the header, from memory: browsers send a handful of different ones."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = accept
    return request.get_preferred_type(["text/html", "text/markdown"]) == "text/markdown"


def _name_of(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _kept(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers.items() if name.lower() not in {"content-type", "link"}]


def _label_file(request: HttpRequest, response: HttpResponse) -> None:
    """The Markdown at an address of its own: redirects stay among its kind, search engines keep the page instead."""
    response["X-Robots-Tag"] = "noindex"
    location = response.get("Location", "")
    if location and urlsplit(location).path.endswith("/") and not urlsplit(location).netloc:
        response["Location"] = markdown_of(location)
