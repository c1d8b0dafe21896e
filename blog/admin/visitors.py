"""From where somebody asks, as far as that can be trusted."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The IP address of the client: that of the connection, or the one that the outermost of the operator's own proxies
    has seen. Each appends an address to X-Forwarded-For; what stands before those that TRUSTED_PROXIES counts was sent
    by the client and means nothing."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.TRUSTED_PROXIES:
        return direct
    seen = [one.strip() for one in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    if len(seen) < settings.TRUSTED_PROXIES:
        return direct
    return seen[-settings.TRUSTED_PROXIES] or direct
