"""Response headers that Django does not set by itself, and the coding of pages."""

import gzip
from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip
from django.utils.cache import patch_vary_headers

from blog.keeping.shelf import Shelf
from blog.pages.kept import KeptPage

LEVEL = 6  # as Django's
compressed: Shelf[bytes] = Shelf(2_000_000)
"""Pages in gzip, by what they are without: mostly the very object that `pages` keeps, so that Python knows its hash."""


class PolicyHeaders:
    """Denies browser features that no page uses, and embedding of our answers by other sites.

    The outermost of all: what Django's SecurityMiddleware turns away itself (a strange host, http in place of https)
    bears the headers too. They depend on nothing but the settings, so that a cache may keep them with a page.
    """

    permissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in (
            ("Permissions-Policy", self.permissions),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", settings.X_FRAME_OPTIONS),
            ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
        ):
            response.headers.setdefault(name, value)
        return response


class ContentPolicy(CSPMiddleware):
    """Sets the site's Content-Security-Policy, built once: it would be built anew for every answer, in an order of its
    own for every process. A view's own policy is left to django-csp."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.policy = "; ".join(sorted(build_policy().split("; ")))

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        own = any(name.startswith("_csp") for name in (*vars(response), *vars(request)))
        if not own and not settings.DEBUG:
            response.headers.setdefault(HEADER, self.policy)
        return super().process_response(request, response) if own or settings.DEBUG else response


class GZipPages(GZipMiddleware):
    """Compresses pages. Pictures are compressed already: once more costs time, their length and their strong ETag. Only
    drawings are text."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.get("Content-Type", "")
        if kind.startswith("image/") and kind != "image/svg+xml":
            return response
        if isinstance(response, KeptPage) and accepts_gzip(request):
            self._send_kept(response)
        return super().process_response(request, response)

    def _send_kept(self, response: KeptPage) -> None:
        """A page that is sent again is not compressed again. It bears no bytes of chance, against which Django guards
        secrets: such a page knows none, nor anything of who asks."""
        plain = response.content
        packed = compressed.get(plain)
        if packed is None:
            packed = gzip.compress(plain, LEVEL, mtime=0)
            compressed.put(plain, packed)
        response.content = packed
        response.headers["Content-Length"] = str(len(packed))
        response.headers["Content-Encoding"] = "gzip"
        patch_vary_headers(response, ["Accept-Encoding"])


def accepts_gzip(request: HttpRequest) -> bool:
    """As Django's middleware reads it."""
    return bool(re_accepts_gzip.search(request.META.get("HTTP_ACCEPT_ENCODING", "")))
