"""What is answered while the database is away and there is no copy to answer with."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import gettext

from .cache.making import AWAY, FAILED

AGAIN = "5"
"""Seconds after which to come back, for Retry-After: it is tried four times a second."""
READ_ONLY = "25006"
"""PostgreSQL's code for a write to a server that only reads: a standby. Appendix A of its manual."""
REFUSED = {READ_ONLY, "40001", "40P01", "55P03"}
"""Its codes for what it refuses this one request: besides, what others were faster at, or have locked."""
LOCKED = "55P03"
"""The one for what somebody else has locked, and not let go of in time."""
SECRET = ("password", "token", "code")
"""Parts of the names of fields that are not shown again."""
LONG = 80  # characters; longer texts are shown, shorter ones go along unseen


class Away:
    """Answers for the page cache when it has no copy: with the site's headers, and without asking anybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return unavailable(request) if AWAY in request.META else self.get_response(request)


def is_outage(error: BaseException | None) -> bool:
    """Whether a request failed for want of a database, and not for a fault of its own."""
    return isinstance(error, (OperationalError, InterfaceError)) or is_read_only(error)


def is_read_only(error: BaseException | None) -> bool:
    return isinstance(error, DatabaseError) and code_of(error) == READ_ONLY


def code_of(error: BaseException | None) -> str | None:
    """PostgreSQL's code for an error, None where it did not get to say one."""
    return getattr(error.__cause__, "sqlstate", None) if error is not None else None


def unavailable(request: HttpRequest) -> HttpResponse:
    """The page for it: 503, and when to come back; the page cache is told. In the admin with all that was typed, to
    send it once more."""
    error = sys.exc_info()[1]
    request.META[FAILED] = code_of(error) not in REFUSED
    read_only, locked = is_read_only(error), code_of(error) == LOCKED
    headers = {"Retry-After": AGAIN, "Cache-Control": "no-store"}
    if "application/json" in request.headers.get("Accept", ""):
        words = (
            gettext(
                "Something else is changing this just now. Nothing was saved; what you have typed is still here."
            )
            if locked
            else gettext(
                "The database can't be reached. Nothing was saved; what you have typed is still here."
            )
        )
        return JsonResponse({"error": words, "away": True}, status=503, headers=headers)
    context = {"blog_name": settings.BLOG_NAME, "read_only": read_only, "locked": locked}
    name = "503.html"
    if request.path.startswith(reverse("admin:index")):
        name = "admin/away.html"
        context |= {
            "path": request.get_full_path(),
            "fields": typed(request),
            "csrf_token": token_of(request),
            "site_header": settings.BLOG_NAME,
        }
        context["files"] = list(request.FILES) if request.method == "POST" else []
    return HttpResponse(get_template(name).render(context), status=503, headers=headers)


def token_of(request: HttpRequest) -> str:
    """For the form, also where the request has not come as far as the middleware that knows the browser's."""
    if "CSRF_COOKIE" not in request.META:
        CsrfViewMiddleware(lambda _: HttpResponse()).process_request(request)
    return get_token(request)


def typed(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """The fields of a form that was sent, but for what is secret: name, text, and whether it is long."""
    if request.method != "POST":
        return []
    return [
        (name, text, len(text) > LONG or "\n" in text)
        for name, texts in request.POST.lists()
        for text in texts
        if isinstance(text, str) and not any(part in name.lower() for part in SECRET)
    ]
