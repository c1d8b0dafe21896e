"""Whether a reader has the newest already: RFC 9110, section 13."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.http import HttpRequest
from django.utils.http import http_date, parse_etags, parse_http_date_safe


def etag_of(*parts: object) -> str:
    """A validator of whatever these values are made into."""
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def date_of(instant: datetime) -> str:
    return http_date(instant.timestamp())


def is_known(request: HttpRequest, *, etag: str, changed_at: datetime | None) -> bool:
    """Whether the request names what it would be given.

    Dates are compared for equality: when a post is withdrawn the newest date of a feed goes back, and a reader that
    asks with a later one must see it. The tag comes first and is exact; a date tells seconds apart.
    """
    known = request.headers.get("If-None-Match")
    if known is not None:
        # A proxy that compresses makes a tag weak, which changes nothing here.
        tags = {tag.removeprefix("W/") for tag in parse_etags(known)}
        return etag in tags or "*" in tags
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since is not None and changed_at is not None and since == int(changed_at.timestamp())
