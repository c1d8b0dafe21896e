"""For editors who wonder why a page is slow: what it cost, in the browser's own network view."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse


class ServerTiming:
    """Adds `Server-Timing` (https://www.w3.org/TR/server-timing/) to pages that signed-in staff ask for: all that came
    after it in milliseconds, and the part of the database with its number of queries."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        asked = _Asked()
        began = time.perf_counter()
        with connection.execute_wrapper(asked):
            response = self.get_response(request)
            if request.user.is_staff:  # may ask the database, which is part of the page's cost
                total = (time.perf_counter() - began) * 1000
                response["Server-Timing"] = (
                    f'total;dur={total:.1f}, db;dur={asked.seconds * 1000:.1f};desc="{asked.queries} queries"'
                )
        return response


class _Asked:
    def __init__(self) -> None:
        self.queries, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.queries += 1
            self.seconds += time.perf_counter() - began
