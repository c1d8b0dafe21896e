"""The doors to the series."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.views.generic import DetailView, TemplateView

from blog.models import Series, series_with_counts, series_with_parts


class AllSeries(TemplateView):
    """Every series that has a live part. Two queries."""

    template_name = "blog/all_series.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"all_series": series_with_counts(timezone.now())}


class SeriesDetail(DetailView[Series]):
    """A series with its live parts, in order. Five queries. Its name is public from the day editors give it; what it
    holds, only when it is live."""

    template_name = "blog/series.html"
    model = Series
    context_object_name = "series"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = series_with_parts(self.object, at=timezone.now())
        return super().get_context_data(**kwargs) | {"parts": parts}
