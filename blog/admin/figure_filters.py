"""What the library can be narrowed to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from blog.models import Resemblance
from blog.publishing import figure_uses

WAITING, FAILED = Q(rendered_at=None, trouble=""), Q(rendered_at=None) & ~Q(trouble="")


class UseFilter(admin.SimpleListFilter):
    title = _("use")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("used", _("Used")), ("unused", _("Unused"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() == "unused":
            return figure_uses.unused(queryset)
        return queryset.filter(figure_uses.is_used()) if self.value() == "used" else queryset


class RenditionFilter(admin.SimpleListFilter):
    title = _("renditions")
    parameter_name = "renditions"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Waiting")), ("failed", _("Failed")), ("made", _("Made"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        wanted = {"waiting": WAITING, "failed": FAILED, "made": Q(rendered_at__isnull=False)}
        return queryset.filter(wanted.get(self.value() or "", Q()))


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("uploaded", _("Uploaded")),
            ("drawn", _("Drawn from text")),
            ("svg", "SVG"),
            ("photograph", _("Photographs")),
            ("animated", _("Animated")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        wanted = {
            "uploaded": Q(notation=""),
            "drawn": ~Q(notation=""),
            "svg": Q(image__endswith=".svg"),
            "photograph": Q(graphic=False),
            "animated": Q(animated=True),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


class MissingFilter(admin.SimpleListFilter):
    title = _("what is missing")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("description", _("Long description")), ("caption", _("Caption"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        # Only a drawing holds more than its alternative text can say.
        wanted = {
            "description": Q(long_description="", graphic=True, decorative=False),
            "caption": Q(caption="", decorative=False),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


class LookFilter(admin.SimpleListFilter):
    title = _("look")
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("alike", _("Looks like another"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if self.value() != "alike":
            return queryset
        return queryset.filter(Exists(Resemblance.objects.filter(figure=OuterRef("pk"))))
