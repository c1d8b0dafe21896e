"""The pages that readers get, rendered from whatever database stands in for the site's, and summed up as checksums."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import unescape

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from .errors import BackupError

PARTS = 4
"""Parts of the sitemap of each kind that are read: 20,000 addresses, of which pages are chosen."""
FIXED = ["/", "/feed/", "/feed/atom/", "/feed/json/", "/archive/", "/sitemap.xml", "/robots.txt", "/llms.txt"]
NEEDED = "css/site.css"
"""A static file that each page names."""
SHOWN = (
    "SITE_URL", "BLOG_NAME", "BLOG_TAGLINE", "LANGUAGE_CODE", "TIME_ZONE", "AGE_NOTICE_YEARS",
)  # fmt: skip
"""Settings that pages show: with others, the same rows make other bytes."""


@contextmanager
def clock_at(at: datetime) -> Iterator[None]:
    """The doors read the clock, all by `timezone.now()`. A backup is compared at the instant of its snapshot, or what
    is scheduled would come out meanwhile. Only for commands: it is the clock of the whole process."""
    real = timezone.now
    timezone.now = lambda: at
    try:
        yield
    finally:
        timezone.now = real


class Renderer:
    """Answers for addresses as the site would, without a server. The middleware is loaded once."""

    def __init__(self) -> None:
        """Raises BackupError where no page can be rendered."""
        try:
            staticfiles_storage.url(NEEDED)
        except ValueError:
            raise BackupError(
                f"No page can be rendered here, since the static files are not in {settings.STATIC_ROOT}. Put them "
                "there, with the site’s settings: manage.py collectstatic --noinput."
            ) from None
        self.handler = WSGIHandler()
        where = urlsplit(settings.SITE_URL)
        allowed = [host for host in settings.ALLOWED_HOSTS if host and host[0] not in ".*"]
        wild = not allowed or "*" in settings.ALLOWED_HOSTS or where.hostname in allowed
        self.host = (where.hostname if wild else None) or (allowed[0] if allowed else "localhost")

    def answer(self, path: str) -> HttpResponseBase:
        """The answer to an anonymous reader's GET of this path (encoded, without a query)."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": "",
            "SERVER_NAME": self.host,
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
        }
        return self.handler.get_response(WSGIRequest(environ))

    def body(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        answer = self.answer(path)
        if isinstance(answer, HttpResponse):
            return answer.status_code, answer.content
        return answer.status_code, b"".join(answer)


def addresses(renderer: Renderer, most: int) -> list[str]:
    """At most about so many paths of pages, evenly from all that the sitemap tells; the same for the same rows."""
    parts = _locations(renderer, "/sitemap.xml")
    kinds: dict[str, list[str]] = {}
    for part in parts:
        kinds.setdefault(re.sub(r"\d+", "", part), []).append(part)
    found = [
        path for same in kinds.values() for part in evenly(same, PARTS) for path in _locations(renderer, part)
    ]
    return list(dict.fromkeys([*FIXED, *evenly(parts, 20), *evenly(found, most)]))


def evenly(things: list[str], most: int) -> list[str]:
    """At most so many of the things, the first and the last among them, at equal steps."""
    if len(things) <= most or most < 2:
        return things[:most] if most < 2 else things
    return [things[round(step * (len(things) - 1) / (most - 1))] for step in range(most)]


def _locations(renderer: Renderer, path: str) -> list[str]:
    _, body = renderer.body(path)
    found = re.findall(r"<loc>([^<]+)</loc>", body.decode(errors="replace"))
    return [urlsplit(unescape(one)).path or "/" for one in found]


def render(paths: list[str], renderer: Renderer) -> dict[str, list[int | str]]:
    """Of each path the status and the SHA-256 of the body."""
    told: dict[str, list[int | str]] = {}
    for path in paths:
        status, body = renderer.body(path)
        told[path] = [status, hashlib.sha256(body).hexdigest()]
    return told


def shown() -> dict[str, str]:
    """The settings that pages show, as text."""
    return {name: str(getattr(settings, name)) for name in SHOWN}
