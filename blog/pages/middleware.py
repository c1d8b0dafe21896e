"""Two doormen: one turns away input that PostgreSQL could not store, one knows where things have moved."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, get_script_prefix, resolve
from django.utils import timezone

from blog.models import Address
from blog.models.address import as_typed

# What may follow the address of a listing and moves along with it.
FEEDS = ("feed/", "feed/atom/", "feed/json/")
MARKDOWN = ".md"


class RefuseNul:
    """Answers 400 to a NUL in the path or the query: no text column can hold one, so no page can mean it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return self._refuse(request)
        return self.get_response(request)

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        from .errors import bad_request

        return bad_request(request, BadRequest("The address contains a NUL character."))


class MovedAddress:
    """Turns a 404 into a permanent redirect when the path is one that something public used to have, or one of its
    feeds or its Markdown: `/tag/old/feed/atom/` leads to `/tag/new/feed/atom/`.

    Asks the database only after a 404, so that no other request pays; a page that lives at the path always wins. What
    is not public now has no former address either: the answer stays the one that any other 404 gets.
    """

    longest = 700  # of a path
    longest_query = 1_000

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code != 404
            or request.method not in {"GET", "HEAD"}
            or len(request.path) > self.longest
            or len(query := request.META.get("QUERY_STRING", "")) > self.longest_query
        ):
            return response
        url = where_now(request)
        # It may lead to itself: something at that path is not there, such as a level that the query names.
        if url is None or as_typed(url) == request.path:
            return response
        return HttpResponsePermanentRedirect(f"{url}?{query}" if query else url)


def where_now(request: HttpRequest) -> str | None:
    """`moved_to` of the request's path, looked up once: the page for a 404 asks before it is drawn. While the database
    is away, nothing is known to have moved."""
    if not hasattr(request, "moved_to"):
        try:
            request.moved_to = moved_to(request.path)  # type: ignore[attr-defined]
        except Error:
            request.moved_to = None  # type: ignore[attr-defined]
            request.database_is_away = True  # type: ignore[attr-defined]
    return request.moved_to  # type: ignore[attr-defined]


def moved_to(path: str) -> str | None:
    """Where that which used to be at `path` (decoded) is now, as a URL; None when it is nowhere. One query, and one
    more for a figure."""
    parts = dict(partings(path))
    # The whole path before any part of it: a category may bear the name of a feed.
    found = sorted(
        Address.objects.with_targets().filter(path__in=parts), key=lambda address: -len(address.path)
    )
    if not found or not found[0].leads_somewhere(timezone.now()):
        return None
    url = found[0].target.get_absolute_url()  # type: ignore[attr-defined]
    follows = parts[found[0].path]
    if not follows:
        return url
    url = f"{url.removesuffix('/')}{MARKDOWN}" if follows == MARKDOWN else f"{url}{follows}"
    try:
        resolve(f"/{as_typed(url).removeprefix(get_script_prefix())}")
    except Resolver404:  # a post has no feed
        return None
    return url


def partings(path: str) -> list[tuple[str, str]]:
    """The addresses whose page, feed or Markdown may be at `path`, each with what follows it."""
    if path.endswith(MARKDOWN):
        return [(f"{path.removesuffix(MARKDOWN)}/", MARKDOWN)]
    whole = path if path.endswith("/") else f"{path}/"
    below = [(whole.removesuffix(feed), feed) for feed in FEEDS if whole.endswith(f"/{feed}")]
    return [(whole, ""), *below]
