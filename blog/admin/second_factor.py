"""The pages of the second factor: giving a code after the password, setting an app up, and what one has set up."""

from __future__ import annotations

import io
from base64 import b32encode
from typing import Any

from django.contrib import messages
from django.contrib.admin import site
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from blog.publishing import audit, logins, second_factor, sessions

from . import known_browser
from .letting_in import attempt_of, slowed, too_many, towards
from .logins import note_refusal
from .standing import complete, half_of

PENDING = "enrolling"  # in a session: the key that no code has confirmed yet


def urls() -> list[URLPattern]:
    return [
        path("code/", _door(give_code), name="second_factor"),
        path("sign-in/", site.admin_view(overview), name="sign_in"),
        path("sign-in/app/", _door(enrol), name="enrol"),
        path("sign-in/app/qr.png", _door(qr), name="enrol_qr"),
    ]


def _door(view: Any) -> Any:
    """For pages that those see too who are signed in by half."""
    return never_cache(csrf_protect(sensitive_post_parameters()(view)))


# --- Giving a code


def give_code(request: HttpRequest) -> HttpResponse:
    """The page after the password."""
    user, back = half_of(request), _back(request)
    if user is None:
        return _elsewhere(request, back)
    if not second_factor.enrolled(user):
        return HttpResponseRedirect(towards("enrol", back))
    if "_anew" in request.POST:
        request.session.flush()
        return HttpResponseRedirect(reverse("admin:login"))
    error = ""
    if request.method == "POST":
        error, how, wait = try_code(request, user)
        if how:
            complete(request)
            response = HttpResponseRedirect(back or reverse("admin:index"))
            known_browser.remember(response, request, user.get_username())
            if how == "recovery":
                _tell_left(request, user)
            return response
        if wait:
            return slowed(_ask(request, error, back), wait)
    return _ask(request, error, back)


def _ask(request: HttpRequest, error: str, back: str) -> TemplateResponse:
    return _show(request, "code", error=error, next=back, app=second_factor.available())


def try_code(request: HttpRequest, user: Any) -> tuple[str, str, Any]:
    """What is wrong with the code that was sent, how it was good, and how long to wait for the next try."""
    at, name = timezone.now(), user.get_username()
    attempt = attempt_of(request, name, "code")
    try:
        how = logins.judge(
            attempt, lambda: second_factor.verify(user, request.POST.get("code", ""), at=at), at=at
        )
    except logins.TooMany as many:
        note_refusal("login.delayed", name, at=at)
        return too_many(many.wait), "", many.wait
    if not how:
        note_refusal("login.code_failed", name, at=at)
        return (
            _("That code is not right, or has been used already. Codes of the app change every half minute."),
            "",
            0,
        )
    audit.record("login.confirmed", user, by=user, at=at, by_means_of=how)
    return "", how, 0


def _tell_left(request: HttpRequest, user: Any) -> None:
    left = second_factor.codes_left(user)
    said = ngettext("%(left)d recovery code is left.", "%(left)d recovery codes are left.", left) % {
        "left": left
    }
    more = _("You can make new ones under “Signing in”.")
    messages.warning(request, f"{said} {more}")


# --- Setting up an app


def enrol(request: HttpRequest) -> HttpResponse:
    """Shows a key, as a picture and in letters, and keeps it once a code proves that an app has it."""
    user = _who_enrols(request)
    if user is None:
        return _elsewhere(request, _back(request))
    _demand_package()
    error = ""
    if request.method == "POST" and (key := request.session.get(PENDING)):
        error, codes, wait = _try_key(request, user, key)
        if codes:
            del request.session[PENDING]
            complete(request)
            sessions.end(user, but=request.session.session_key or "")
            response = _show(request, "codes", codes=codes, user=user, next=_back(request))
            known_browser.remember(response, request, user.get_username())
            return response
        if wait:
            return slowed(_show(request, "enrol", error=error, **_shown(request, user, key)), wait)
    key = request.session.setdefault(PENDING, second_factor.fresh_key())
    return _show(request, "enrol", error=error, **_shown(request, user, key))


def _try_key(request: HttpRequest, user: Any, key: str) -> tuple[str, list[str], Any]:
    at, name = timezone.now(), user.get_username()
    if request.user.is_authenticated and second_factor.enrolled(user) and not _knows_password(request, user):
        return _("That is not your password."), [], 0
    attempt = attempt_of(request, name, "code")
    code = request.POST.get("code", "")
    try:
        codes = logins.judge(attempt, lambda: second_factor.enrol(user, key=key, code=code, at=at), at=at)
    except logins.TooMany as many:
        return too_many(many.wait), [], many.wait
    if not codes:
        return _("That is not the code for this key. Is the clock of your phone right?"), [], 0
    return "", codes, 0


def qr(request: HttpRequest) -> HttpResponse:
    """The pending key as a QR code (ISO/IEC 18004), in a PNG with the quiet zone that scanners need."""
    user, key = _who_enrols(request), request.session.get(PENDING)
    if user is None or not key:
        raise Http404
    _demand_package()
    import segno

    picture = io.BytesIO()
    segno.make(second_factor.uri(user, key), error="m", micro=False).save(
        picture, kind="png", scale=6, border=4
    )
    return HttpResponse(picture.getvalue(), content_type="image/png")


def _shown(request: HttpRequest, user: Any, key: str) -> dict[str, Any]:
    letters = b32encode(bytes.fromhex(key)).decode()
    return {
        "key": " ".join(letters[n : n + 4] for n in range(0, len(letters), 4)),
        "demanded": half_of(request) is not None,
        "again": request.user.is_authenticated and second_factor.enrolled(user),
        "next": _back(request),
    }


def _who_enrols(request: HttpRequest) -> Any:
    """Those who are signed in, and those by half who have nothing to give a code with."""
    if site.has_permission(request):
        return request.user
    user = half_of(request)
    return user if user is not None and user.is_staff and not second_factor.enrolled(user) else None


# --- What one has


@sensitive_post_parameters()
def overview(request: HttpRequest) -> HttpResponse:
    """What the account has, and the buttons that change it."""
    user: Any = request.user
    at, error = timezone.now(), ""
    if request.method == "POST" and "_end" in request.POST:
        gone = sessions.end(user, but=request.session.session_key or "")
        request.session.cycle_key()
        audit.record("login.ended_everywhere", user, by=user, at=at, sessions=gone)
        messages.success(request, _("You are signed out everywhere but here."))
        return HttpResponseRedirect(reverse("admin:sign_in"))
    if request.method == "POST":
        if not _knows_password(request, user):
            error = _("That is not your password.")
        elif "_codes" in request.POST and second_factor.enrolled(user):
            return _show(request, "codes", codes=second_factor.renew_codes(user, at=at))
        elif "_remove" in request.POST and not second_factor.required(user):
            second_factor.remove(user, by=user, at=at)
            return HttpResponseRedirect(reverse("admin:login"))
    return _show(
        request,
        "index",
        error=error,
        app=second_factor.available(),
        enrolled=second_factor.enrolled(user),
        required=second_factor.required(user),
        left=second_factor.codes_left(user),
    )


def _knows_password(request: HttpRequest, user: Any) -> bool:
    """Whether the user's own password was sent along; guessing is slowed down as at the login."""
    at, attempt = timezone.now(), attempt_of(request, user.get_username())
    password = request.POST.get("password", "")[:4_096]
    try:
        knows = logins.judge(attempt, lambda: user.check_password(password), at=at)
    except logins.TooMany:
        return False
    if not knows:
        note_refusal("login.failed", user.get_username(), at=at)
    return bool(knows)


def _demand_package() -> None:
    if not second_factor.available():
        raise Http404("django-otp is not installed")


def _elsewhere(request: HttpRequest, back: str) -> HttpResponse:
    """For those who have no business at the page."""
    if site.has_permission(request):
        return HttpResponseRedirect(back or reverse("admin:index"))
    return redirect_to_login(back or reverse("admin:index"), reverse("admin:login"))


def _back(request: HttpRequest) -> str:
    """Where the user was going, if that is an address of this site."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if safe else ""


def _show(request: HttpRequest, name: str, **context: Any) -> TemplateResponse:
    titles = {
        "code": _("Your code"),
        "enrol": _("Set up an app for codes"),
        "codes": _("Your recovery codes"),
        "index": _("Signing in"),
    }
    everything = site.each_context(request) | {"title": titles[name], "required": False} | context
    response = TemplateResponse(request, f"admin/sign_in/{name}.html", everything)
    response["Cache-Control"] = "no-store"
    return response
