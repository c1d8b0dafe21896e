"""The admin's login: how it is slowed down for those who guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME, get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from blog.publishing import logins, second_factor

from . import known_browser
from .logins import note_refusal
from .standing import complete, half_of, lacks
from .visitors import address_of

LONGEST_PASSWORD = 4_096
CONFIRMED = "confirmed"  # in a session, from the form to the view


class LoginForm(AdminAuthenticationForm):
    """Asks `publishing.logins` before it looks at a password. `wait` is how long the attempt has to wait, if it has."""

    wait = timedelta()
    confirmed = False  # a code of the second factor was sent along, and is right

    code = forms.CharField(required=False, max_length=40)

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
        refused: list[ValidationError] = []

        @sensitive_variables()
        def right() -> Any:
            try:
                return AdminAuthenticationForm.clean(self)
            except ValidationError as error:
                refused.append(error)
            return None

        try:
            cleaned = self._judge(attempt, right, at=at)
        except logins.TooMany as many:
            self.wait = many.wait
            note_refusal("login.delayed", name, at=at, seconds=in_seconds(self.wait))
            raise ValidationError(too_many(self.wait), code="delayed") from None
        if not cleaned:
            raise refused[0] if refused else self.get_invalid_login_error()
        if self.confirmed and request is not None:
            request.session[CONFIRMED] = True
        return cleaned

    def _judge(self, attempt: logins.Attempt, right: Callable[[], Any], *, at: datetime) -> Any:
        try:
            return logins.judge(attempt, right, at=at)
        except logins.TooMany:
            if not self.cleaned_data.get("code"):
                raise
        return logins.judge(
            replace(attempt, device=""),
            lambda: self._proves_itself(attempt.account) and right(),
            at=at,
            hurried=True,
        )

    def _proves_itself(self, name: str) -> bool:
        """Whether the code is one of the account's second factor: whoever has it is no stranger, and need not wait for
        those who have tried the account from elsewhere."""
        user = get_user_model()._default_manager.filter(username=name).first()
        code = self.cleaned_data["code"]
        self.confirmed = user is not None and bool(second_factor.verify(user, code, at=timezone.now()))
        return self.confirmed


def attempt_of(request: HttpRequest, name: str, purpose: str = "password") -> logins.Attempt:
    """Who wants to be let in, as far as the request tells."""
    network = logins.network_of(address_of(request))
    return logins.Attempt(name, network, known_browser.mark_for(request, name), purpose)


def log_in(site: Any, request: HttpRequest, extra_context: Any) -> HttpResponse:
    """Django's own login page, answered with 429 to those who have to wait."""
    back = request.GET.get(REDIRECT_FIELD_NAME, "")
    if request.method == "GET" and half_of(request) is not None:
        return HttpResponseRedirect(towards("second_factor", back))
    response: Any = site.login(request, {"second_factor": second_factor.available()} | (extra_context or {}))
    form = getattr(response, "context_data", None) and response.context_data.get("form")
    if form is not None and getattr(form, "wait", None):
        return slowed(response, form.wait)
    if request.method == "POST" and response.status_code == 302:
        if request.session.pop(CONFIRMED, False):
            complete(request)
        if lacks(request.session, request.user):
            return HttpResponseRedirect(towards("second_factor", response["Location"]))
        known_browser.remember(response, request, request.user.get_username())
    return response


def towards(name: str, back: str) -> str:
    """The address of that page of the admin, from which the way leads on to `back`."""
    return (
        f"{reverse(f'admin:{name}')}?{urlencode({REDIRECT_FIELD_NAME: back})}"
        if back
        else reverse(f"admin:{name}")
    )


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
