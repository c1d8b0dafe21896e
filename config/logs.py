"""What the log says: one line an event, as text or as JSON, each with the number of the request it belongs to."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

REQUEST: ContextVar[str] = ContextVar("request", default="")
GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""What a proxy's number of a request may look like: it is written to logs and pages."""
access = logging.getLogger("stratum.access")


class Numbered:
    """Gives every request a number: the proxy's `X-Request-ID` where there is one, else a random one. It stands in each
    line of the log, and on the page that says that something broke. The line for the request itself is written at
    the level INFO."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
        number = given if GIVEN.fullmatch(given) else secrets.token_hex(8)
        request.number = number  # type: ignore[attr-defined]
        token, began = REQUEST.set(number), time.perf_counter()
        try:
            response = self.get_response(request)
            if access.isEnabledFor(logging.INFO):
                self._note(request, response, time.perf_counter() - began)
        finally:
            REQUEST.reset(token)
        if response.status_code >= 500:
            response["X-Request-ID"] = number
        return response

    def _note(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        """The path without its query: that may hold what readers search for, or a token."""
        match = request.resolver_match
        access.info(
            "%s %s %s in %.1f ms", request.method, request.path, response.status_code, seconds * 1000,
            extra={
                "method": request.method, "path": request.path, "status": response.status_code,
                "milliseconds": round(seconds * 1000, 1), "view": match.view_name if match else None,
            },
        )  # fmt: skip


class WithRequest(logging.Filter):
    """Adds the number of the request at hand, "-" outside of any."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = REQUEST.get() or "-"
        # Django hands the request itself to its own lines, which no format can show.
        record.__dict__.pop("request", None)
        return True


class UnlessAway(logging.Filter):
    """Leaves out each request that failed for want of a database: one line has said that it is away."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 503


def configuration(*, level: str, form: str) -> dict[str, Any]:
    """The settings of `logging` for a level and a form: `line` or `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request": {"()": "config.logs.WithRequest"},
            "outage": {"()": "config.logs.UnlessAway"},
        },
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name} [{request_id}]: {message}", "style": "{"},
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": "{asctime}{levelname}{name}{request_id}{message}",
                "style": "{",
                "rename_fields": {
                    "asctime": "time",
                    "levelname": "level",
                    "name": "logger",
                    "request_id": "request",
                },
                "datefmt": "%Y-%m-%dT%H:%M:%S%z",
            },
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["request"]}
        },
        "root": {"handlers": ["console"], "level": level},
        # A stranger's wrong host name, address or oversized form is answered with 400 or 404: no news to the operator.
        "loggers": {
            "django.request": {"level": "ERROR", "filters": ["outage"]},
            # Each attempt to reach a server that is away; that it is away, and that it is back, others say.
            "psycopg.pool": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.security.RequestDataTooBig": {"level": "CRITICAL"},
            "django.security.TooManyFieldsSent": {"level": "CRITICAL"},
            "django.security.TooManyFilesSent": {"level": "CRITICAL"},
        },
    }
