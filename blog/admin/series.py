from __future__ import annotations

from typing import Any

from django.contrib import admin

from blog.models import Series, SeriesPart

from .base import AddressKeeper, counted
from .inlines import PartsOfSeries


@admin.register(Series)
class SeriesAdmin(AddressKeeper):
    list_display = ["title", "slug"]
    ordering = ["title", "id"]
    search_fields = ["title", "slug"]
    prepopulated_fields = {"slug": ["title"]}
    fields = ["title", "slug", "description"]
    inlines = [PartsOfSeries]

    def goes_along(self, objs: Any) -> list[str]:
        parts = SeriesPart.objects.filter(series__in=[one.pk for one in objs]).count()
        return [f"Taken off {counted(parts)}; the posts themselves stay."] if parts else []
