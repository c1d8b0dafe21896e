"""A cookie by which a browser is known again in which an account has logged in: its owner then waits for no stranger.

It lets nobody in. Who steals it may try a few passwords more, in a slot of the cookie's own.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.crypto import get_random_string

from blog.publishing import logins

SALT = "blog.known_browser"
KNOWN_FOR = timedelta(days=180)


def cookie_name() -> str:
    """It is sent to the admin alone, so that no reader's page depends on it; `__Host-` would forbid that."""
    return "__Secure-known" if settings.SESSION_COOKIE_SECURE else "known"


def remember(response: HttpResponseBase, request: HttpRequest, name: str) -> None:
    """Gives the browser a mark for the account of that name, unless it has one."""
    if mark_for(request, name):
        return
    value = signing.dumps([logins.mark_of(name), get_random_string(22)], salt=SALT)
    response.set_cookie(
        cookie_name(),
        value,
        max_age=KNOWN_FOR,
        path=reverse("admin:index"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def mark_for(request: HttpRequest, name: str) -> str:
    """The browser's mark, if that account has logged in here; else ""."""
    try:
        whose, mark = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=KNOWN_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(mark) if whose == logins.mark_of(name) else ""
