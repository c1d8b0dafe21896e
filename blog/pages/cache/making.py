"""Having Django make a page as anybody would get it, and reading what it answers."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

from .copies import Headers
from .keys import MARKDOWN

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

AWAY = "stratum.away"
"""In a request of which Django is to say that the page can't be made now."""
FAILED = "stratum.failed"
"""Put into a request of which Django found that the database gives no answer, or none in time; False where it refused,
which is one. A 503 alone may have other reasons, such as a bucket that is away."""


def is_secure(environ: Environ) -> bool:
    header = settings.SECURE_PROXY_SSL_HEADER
    if header and header[0] in environ:
        return bool(environ[header[0]].split(",")[0].strip() == header[1])
    return bool(environ["wsgi.url_scheme"] == "https")


def plain(environ: Environ, query: str, form: int) -> Environ:
    """The request that anybody could have made for the page: nothing of this client is in it but the number by which
    the log names it."""
    header = settings.SECURE_PROXY_SSL_HEADER
    kept = {"HTTP_HOST", "HTTP_X_REQUEST_ID", *(header[:1] if header else ())}
    asked = {name: value for name, value in environ.items() if not name.startswith("HTTP_") or name in kept}
    return asked | {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": query,
        "HTTP_ACCEPT": "text/markdown" if form == MARKDOWN else "text/html",
        "CONTENT_LENGTH": "",
        "wsgi.input": io.BytesIO(),
    }


def read(django: Application, environ: Environ, most: int) -> tuple[str, Headers, bytes | Iterable[bytes]]:
    """Django's answer, its body whole if it has at most so many bytes; a longer one is to be sent as it comes."""
    told: list[tuple[str, Headers]] = []
    answer = django(environ, lambda status, headers, exc_info=None: told.append((status, headers)))
    pieces: list[bytes] = []
    size = 0
    parts = iter(answer)
    for part in parts:
        pieces.append(part)
        size += len(part)
        if size > most:
            return *told[0], Rest(pieces, parts, answer)
    if hasattr(answer, "close"):
        answer.close()
    return *told[0], b"".join(pieces)


class Rest:
    """A body of which the first pieces were read already."""

    def __init__(self, pieces: list[bytes], parts: Any, answer: Any) -> None:
        self.pieces, self.parts, self.answer = pieces, parts, answer

    def __iter__(self) -> Any:
        yield from self.pieces
        yield from self.parts

    def close(self) -> None:
        if hasattr(self.answer, "close"):
            self.answer.close()


def example(host: str) -> Environ:
    """A request for the front page that nobody has made."""
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "HTTP_ACCEPT": "text/html",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
