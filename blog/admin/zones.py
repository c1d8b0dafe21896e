"""The time zone that an editor works in: chosen on a page of its own, and in force in the admin alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, get_script_prefix, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from blog.models import Preference


class EditorsZone:
    """Puts the admin into the editor's time zone. Readers' pages, and the previews of them, stay in the site's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(_admin(get_script_prefix())):
            return self.get_response(request)
        zone = zone_of(request.user)
        if zone is None:
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)


@cache
def _admin(_prefix: str) -> str:
    return reverse("admin:index")


def zone_of(user: Any) -> ZoneInfo | None:
    """The zone that the user has chosen, if any. It comes with the account."""
    if not user.is_authenticated:
        return None
    try:
        name = user.preference.time_zone
    except Preference.DoesNotExist:
        return None
    return ZoneInfo(name) if name and name in zones() else None


@cache
def zones() -> frozenset[str]:
    """The names that people use: regions with cities, and UTC."""
    return frozenset(name for name in available_timezones() if "/" in name and _is_place(name)) | {"UTC"}


def _is_place(name: str) -> bool:
    return not name.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/"))


def choices() -> list[Any]:
    """All zones by region, for a select; the site's own first."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(zones() - {"UTC"}):
        region, _slash, place = name.partition("/")
        grouped.setdefault(region, []).append((name, place.replace("_", " ")))
    site = _("The site’s: {zone}").format(zone=settings.TIME_ZONE)
    return [("", site), ("UTC", "UTC"), *grouped.items()]


class ZoneForm(forms.Form):
    time_zone = forms.ChoiceField(required=False)
    mail = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["time_zone"]
        field.choices, field.label = choices(), _("Time zone")
        field.help_text = _("Dates and times in the admin are shown and read in it. Readers see the site’s.")
        if settings.MAIL:
            self.fields["mail"].label = _(
                "Write to me when a post of mine, or one that I may review, waits for me"
            )
        else:
            del self.fields["mail"]


def urls(model_admin: Any) -> list[URLPattern]:
    guarded = model_admin.admin_site.admin_view

    def choose(request: HttpRequest) -> HttpResponse:
        return zone_view(model_admin, request, at=timezone.now())

    return [path("zone/", guarded(choose), name="blog_post_zone")]


def zone_view(model_admin: Any, request: HttpRequest, *, at: datetime) -> HttpResponse:
    """The page where an editor chooses. Whoever may enter the admin may."""
    chosen = zone_of(request.user)
    mail = getattr(getattr(request.user, "preference", None), "mail", True)
    form = ZoneForm(request.POST or None, initial={"time_zone": str(chosen) if chosen else "", "mail": mail})
    back = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = ""
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["time_zone"]
        user: Any = request.user
        Preference.objects.update_or_create(user=user, defaults=form.cleaned_data)
        messages.success(
            request, _("The admin now tells times in {zone}.").format(zone=name or settings.TIME_ZONE)
        )
        return HttpResponseRedirect(back or reverse("admin:blog_post_zone"))
    title = _("Your time zone and mail") if settings.MAIL else _("Your time zone")
    context = model_admin.admin_site.each_context(request) | {
        "title": title, "form": form, "now": at, "next": back, "opts": model_admin.opts,
    }  # fmt: skip
    return render(request, "admin/blog/post/zone.html", context)
