"""What caches on the way are told of a reader's page, by Django: also where no page cache stands before it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from .policies import POLICIES

FOR_ALL = "public, max-age=0, stale-if-error=86400"
"""Kept by whoever likes, and asked for each time: what is published or withdrawn is so to the second. While the site
does not answer at all, a copy of a day is better than nothing (RFC 5861)."""
FOR_ONE = "private, no-cache"


class Labels:
    """Says who may keep the page: everybody; or their own browser alone, of those who are signed in or name a token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        if match is None or match.view_name not in POLICIES or response.status_code not in {200, 304}:
            return response
        if settings.SESSION_COOKIE_NAME in request.COOKIES or "HTTP_AUTHORIZATION" in request.META:
            response["Cache-Control"] = FOR_ONE
        else:
            response.headers.setdefault("Cache-Control", FOR_ALL)
        # Not on cookies: whoever is signed in is shown the same page.
        patch_vary_headers(response, ["Accept-Encoding"])
        return response
