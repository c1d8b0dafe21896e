from __future__ import annotations

from django.contrib import admin

from blog.models import Series, SeriesPart

from .inlines import PartsOfSeries
from .merges import Merging
from .ordered import OrderedAdmin


@admin.register(Series)
class SeriesAdmin(Merging, OrderedAdmin):
    fields = ["title", "slug", "description"]
    inlines = [PartsOfSeries]
    places = SeriesPart
    owner = "series"
