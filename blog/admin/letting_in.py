"""The admin's login: how it is slowed down for those who guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from blog.publishing import logins

from . import known_browser
from .logins import note_refusal
from .visitors import address_of

LONGEST_PASSWORD = 4_096


class LoginForm(AdminAuthenticationForm):
    """Asks `publishing.logins` before it looks at a password. `wait` is how long the attempt has to wait, if it has."""

    wait = timedelta()

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["password"].max_length = LONGEST_PASSWORD  # type: ignore[attr-defined]

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name is None or not password or len(password) > LONGEST_PASSWORD:
            return super().clean()
        at = timezone.now()
        request: Any = self.request
        attempt = attempt_of(request, name)
        self.wait = logins.begin(attempt, at=at)
        if self.wait and attempt.device:
            # It has used up the tries of its own: a stranger like any other.
            attempt = replace(attempt, device="")
            self.wait = logins.begin(attempt, at=at)
        if self.wait:
            note_refusal("login.delayed", name, at=at, seconds=in_seconds(self.wait))
            raise ValidationError(too_many(self.wait), code="delayed")
        try:
            cleaned = super().clean()
        except ValidationError:
            logins.fail(at=at)
            raise
        logins.succeed(attempt, at=at)
        return cleaned


def attempt_of(request: HttpRequest, name: str, purpose: str = "password") -> logins.Attempt:
    """Who wants to be let in, as far as the request tells."""
    network = logins.network_of(address_of(request))
    return logins.Attempt(name, network, known_browser.mark_for(request, name), purpose)


def log_in(site: Any, request: HttpRequest, extra_context: Any) -> HttpResponse:
    """Django's own login page, answered with 429 to those who have to wait."""
    response: Any = site.login(request, extra_context)
    form = getattr(response, "context_data", None) and response.context_data.get("form")
    if form is not None and getattr(form, "wait", None):
        return slowed(response, form.wait)
    if request.method == "POST" and response.status_code == 302:
        known_browser.remember(response, request, request.user.get_username())
    return response


def slowed(response: HttpResponse, wait: timedelta) -> HttpResponse:
    """As the answer to an attempt that has to wait (RFC 6585, section 4)."""
    response.status_code = 429
    response["Retry-After"] = str(in_seconds(wait))
    return response


def too_many(wait: timedelta) -> str:
    """What those read who have to wait."""
    seconds = in_seconds(wait)
    if seconds < 90:
        time = ngettext("%(number)d second", "%(number)d seconds", seconds) % {"number": seconds}
    else:
        minutes = -(-seconds // 60)
        time = ngettext("%(number)d minute", "%(number)d minutes", minutes) % {"number": minutes}
    return _(
        "Too many logins have failed. Please wait {time}, then try again: until then no password is looked at. In a "
        "browser in which you have logged in before, you need not wait for others."
    ).format(time=time)


def in_seconds(wait: timedelta) -> int:
    """Rounded up."""
    return -int(-wait.total_seconds() // 1)
