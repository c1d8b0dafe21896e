"""How far the renditions of a figure are: in words, and as an address that says so again while somebody waits."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Figure

from .choosing import possible_keys

MOST = 100  # figures that one question names


def state_of(figure: Figure) -> str:
    """`waiting`, `failed` or `made`."""
    if figure.rendered_at is None:
        return "failed" if figure.trouble else "waiting"
    return "made"


def told(figure: Figure) -> str:
    """The state for reading; the renditions are prefetched."""
    state, made = state_of(figure), len(figure.renditions.all())
    if state == "waiting":
        return _("waiting")
    if state == "failed":
        return _("failed")
    if not made:
        return _("none: shown as it is")
    return ngettext("%(n)d file", "%(n)d files", made) % {"n": made}


def badge(figure: Figure) -> str:
    """The state as HTML that a script keeps up to date."""
    return format_html(
        '<span class="rendering rendering-{}" data-rendering="{}" data-states="{}">{}</span>',
        state_of(figure), figure.pk, reverse("admin:blog_figure_states"), told(figure),
    )  # fmt: skip


def states(request: HttpRequest) -> JsonResponse:
    """Of the figures that `?id=` names, up to MOST: state and words. Two queries."""
    keys = possible_keys(request.GET.getlist("id")[:MOST])
    rows = Figure.objects.filter(pk__in=keys).only("rendered_at", "trouble").prefetch_related("renditions")
    found: dict[str, Any] = {str(one.pk): {"state": state_of(one), "told": told(one)} for one in rows}
    response = JsonResponse(found)
    response["Cache-Control"] = "no-store"
    return response
