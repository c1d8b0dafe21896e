"""A process asks itself for a page of each common kind before it takes requests. What the first page of a kind costs
besides (templates, addresses, catalogues, connections; up to a second on a busy machine) is then paid by no reader."""

from __future__ import annotations

import logging
import re
from urllib.parse import unquote, urlsplit

from django.conf import settings

from .cache.making import Application, example, read

logger = logging.getLogger(__name__)

KINDS = (r'href="(/posts/[^"?#]+/)"', r'href="(/category/[^"?#]+/)"')
"""Besides the front page: the first address of each kind that it leads to, as a reader would follow it."""
MOST = 10_000_000  # bytes of a page


def warm(application: Application) -> list[str]:
    """Ask the application for these pages as anybody would; the addresses that answered 200.

    Without a database it answers as it answers readers, in no more time; whatever else goes wrong is logged, and the
    process starts all the same.
    """
    answered: list[str] = []

    def ask(path: str) -> str:
        environ = example(urlsplit(settings.SITE_URL).netloc)
        # A server hands over the bytes of an address as if they were Latin-1 (PEP 3333).
        status, _, body = read(
            application, environ | {"PATH_INFO": unquote(path).encode().decode("latin-1")}, MOST
        )
        if not status.startswith("200") or not isinstance(body, bytes):
            return ""
        answered.append(path)
        return body.decode(errors="replace")

    try:
        front = ask("/")
        for kind in KINDS:
            if link := re.search(kind, front):
                ask(link[1])
    except Exception:
        logger.exception("A page could not be made before the first request.")
    return answered
