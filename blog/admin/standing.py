"""How far somebody is signed in: sessions grow old, and one that lacks its second factor is nobody's.

Whoever has given a password and no code yet is an anonymous reader everywhere, in the admin, on pages and for pictures
alike; `half_of` alone knows better.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from blog.publishing import second_factor

BEGAN, SEEN, FACTOR = "began_at", "seen_at", "second_factor"  # keys in a session
PASSED, NONE = "passed", "none"  # what stands under FACTOR; nothing does until the code has been given
HALF_LASTS = timedelta(minutes=15)
"""So long may pass between the password and the code."""


class Standing:
    """Puts the user of a session in its place, when somebody asks for it; keeps the session of whoever works in the
    admin from growing idle."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked: list[bool] = []  # a page that did not ask for the user is spared it: the database may be away

        def judged() -> Any:
            user = judge(request)
            asked.append(True)
            return user

        request.user = SimpleLazyObject(judged)  # type: ignore[assignment]
        response = self.get_response(request)
        if asked and request.path.startswith(reverse("admin:index")) and request.user.is_authenticated:
            now = timezone.now().timestamp()
            # Written seldom: each time costs a query.
            if now - request.session.get(SEEN, 0) > settings.SESSION_COOKIE_AGE / 24:
                request.session[SEEN] = now
        return response


def judge(request: Any) -> Any:
    """The session's user, or nobody while the session lacks something."""
    user = get_user(request)
    if not user.is_authenticated:
        return user
    session, now = request.session, timezone.now().timestamp()
    age = now - session.setdefault(BEGAN, now)
    if age > settings.SESSION_DAYS * 86_400:
        session.flush()
        return AnonymousUser()
    if not lacks(session, user):
        return user
    if age > HALF_LASTS.total_seconds():
        session.flush()
    else:
        request.half = user
    return AnonymousUser()


def half_of(request: Any) -> Any:
    """Who has given the password in this session and still lacks the second factor; None for all others."""
    return None if request.user.is_authenticated else getattr(request, "half", None)


def lacks(session: Any, user: Any) -> bool:
    """Whether the session still needs a code, or an account that has none ought to have one."""
    if session.get(FACTOR) == PASSED:
        return False
    if FACTOR not in session:
        if second_factor.enrolled(user):
            return True
        session[FACTOR] = NONE
    return second_factor.required(user)


def complete(request: HttpRequest) -> None:
    """The session has its second factor now, and another key."""
    request.session[FACTOR] = PASSED
    request.session[BEGAN] = request.session[SEEN] = timezone.now().timestamp()
    request.session.cycle_key()


@receiver(user_logged_in)
def begin(sender: Any, request: Any, user: Any, **more: Any) -> None:
    """A password has been given: the session begins, without a second factor."""
    if not hasattr(request, "session"):
        return
    request.session.pop(FACTOR, None)
    request.session[BEGAN] = request.session[SEEN] = timezone.now().timestamp()
    if not second_factor.enrolled(user):
        request.session[FACTOR] = NONE
