"""Reads for readers from a streaming standby, where DATABASE_REPLICA_URL names one.

Whoever is signed in reads the primary, and so their own writing. For all others the standby stands in for the site's
database during one request, if it is fit; and where the page cache has told which state of the site it will take the
page for, only if the standby has come to that very state. So a page from a standby is never taken for a newer one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from blog.models.move import has_seen
from blog.models.standby import STANDBY

logger = logging.getLogger(__name__)

SEEN = "stratum.seen"
"""In the environ of a request: the stamp that the page has to show. "" where the page cache does not know it, and will
not take the page for true."""
AWAY = (OperationalError, InterfaceError)


class FromStandby:
    """The innermost of all: what others ask before or after a view, they ask the primary."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        from .cache.policies import POLICIES

        self.get_response = get_response
        self.pages = POLICIES

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        primary = connections["default"]
        request.primary = primary  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        finally:
            connections["default"] = primary

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if not self.is_for_readers(request):
            return
        STANDBY.begin()
        request.again = lambda: view(request, *args, **kwargs)  # type: ignore[attr-defined]
        if STANDBY.fit() and self.has_come_to(request.META.get(SEEN, "")):
            connections["default"] = connections["replica"]

    def is_for_readers(self, request: HttpRequest) -> bool:
        """Whether it is a reader's page, and asked for by nobody in particular."""
        return (
            request.method in {"GET", "HEAD"}
            and request.resolver_match is not None
            and request.resolver_match.view_name in self.pages
            and settings.SESSION_COOKIE_NAME not in request.COOKIES
            and "HTTP_AUTHORIZATION" not in request.META
        )

    def has_come_to(self, stamp: str) -> bool:
        """Whether the standby shows the state of the site that the stamp names; any will do for ""."""
        if not stamp:
            return True
        try:
            with connections["replica"].cursor() as cursor:
                return has_seen(cursor, stamp)
        except AWAY as error:
            self.give_up(error)
            return False

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Asks the other server. Templates ask nothing, so what fails is the view, and nothing has been sent."""
        again = getattr(request, "again", None)
        if again is None or not isinstance(error, AWAY):
            return None
        del request.again  # type: ignore[attr-defined]
        primary = request.primary  # type: ignore[attr-defined]
        if connections["default"] is not primary:
            self.give_up(error)
            connections["default"] = primary
            return cast(HttpResponseBase, again())
        if not STANDBY.answers():
            return None
        # All that there is, and perhaps not all that there was: nobody may keep it.
        connections["default"] = connections["replica"]
        response = cast(HttpResponseBase, again())
        response["Cache-Control"] = "no-store"
        return response

    def give_up(self, error: Exception) -> None:
        logger.warning("The standby is left alone for now: %s", str(error).strip().partition("\n")[0])
        STANDBY.fail()
        connections["replica"].close()
