"""The doors to the series."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.views.generic import DetailView, TemplateView

from blog.models import Series, series_with_counts, series_with_parts


class AllSeries(TemplateView):
    """Every series that has a live part. Two queries."""

    template_name = "blog/all_series.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"all_series": series_with_counts(timezone.now())}


class SeriesDetail(DetailView[Series]):
    """A series with its live parts, in order. Five queries. Without a live part there is nothing to know of it yet:
    404."""

    template_name = "blog/series.html"
    model = Series
    context_object_name = "series"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = series_with_parts(self.object, at=timezone.now())
        if not parts.places:
            raise Http404("No part of this series has been published.")
        return super().get_context_data(**kwargs) | {"parts": parts}
