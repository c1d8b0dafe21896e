"""The pages for requests that went wrong, in the site's own design."""

import sys
from typing import Any

from django.conf import settings
from django.contrib.admin import site
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone

from blog.models.nearest import Nearest, read_nearest, words_of

from .away import is_outage, unavailable
from .middleware import where_now


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """In the admin, to those who are signed in, with the reason and the ways that are open."""
    if at_the_desk(request):
        context = site.each_context(request) | {"reason": str(exception)}
        return render(request, "admin/refused.html", context, status=403)
    return render(request, "403.html", status=403)


def at_the_desk(request: HttpRequest) -> bool:
    """Whether a page of the admin was asked for by somebody who may enter it."""
    user: Any = getattr(request, "user", None)
    return request.path.startswith(reverse("admin:index")) and user is not None and user.is_staff


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an address that leads nowhere: in the admin with the reason, elsewhere with what was perhaps
    meant. That costs a look-up of where it may have moved and one of what resembles it; no query where nobody can have
    mistyped it, and few bytes where nobody reads them."""
    if not wants_a_page(request):
        return HttpResponseNotFound("Not found.\n", content_type="text/plain; charset=utf-8")
    if not getattr(request, "database_is_away", False) and at_the_desk(request):
        # The resolver raises one with no sentence for people.
        reason = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
        return render(request, "admin/lost.html", site.each_context(request) | {"reason": reason}, status=404)
    words = words_of(request.path)
    nearest: list[Nearest] = []
    if words and request.method == "GET":
        if where_now(request):
            return HttpResponseNotFound()  # the middleware makes a redirect of it
        nearest = suggestions(request)
    return render(request, "404.html", {"words": words, "nearest": nearest}, status=404)


def suggestions(request: HttpRequest) -> list[Nearest]:
    """None while the database is away: a 404 stays a 404."""
    if getattr(request, "database_is_away", False):
        return []
    try:
        return read_nearest(request.path, at=timezone.now())
    except Error:
        return []


def wants_a_page(request: HttpRequest) -> bool:
    """Whether somebody may read the answer: not where an image, a script or data was asked for."""
    if request.headers.get("Sec-Fetch-Dest", "document") not in {"document", "iframe", "frame", "empty"}:
        return False
    accepted = request.headers.get("Accept", "")
    return "html" in accepted or accepted.strip() in {"", "*/*"}


def server_error(request: HttpRequest) -> HttpResponse:
    """Knows nothing but its template, the name and the request's number: neither the database nor the session need be
    in order. Django calls it where the error is at hand."""
    if is_outage(sys.exc_info()[1]):
        return unavailable(request)
    context = {"blog_name": settings.BLOG_NAME, "number": getattr(request, "number", "")}
    return HttpResponse(get_template("500.html").render(context), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A script that asked for data is told in data, so that it may fetch a fresh token and ask again."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": "This form is out of date.", "csrf": True}, status=403)
    return render(request, "403.html", {"stale_form": True}, status=403)
