"""Response headers that Django does not set by itself."""

from collections.abc import Callable

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


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
        return super().process_response(request, response)
