"""The doors to the series."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils import timezone
from django.views.generic import DetailView, TemplateView

from blog.models import Post, Series


class AllSeries(TemplateView):
    """Every series that has a live part."""

    template_name = "blog/all_series.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        live = Series.objects.filter(parts__post__in=Post.objects.live(timezone.now()))
        return super().get_context_data(**kwargs) | {"all_series": list(live.distinct())}


class SeriesDetail(DetailView[Series]):
    """A series with its live parts, in order."""

    template_name = "blog/series.html"
    model = Series

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        live = Post.objects.live(timezone.now()).filter(series_parts__series=self.object)
        posts = live.for_cards().annotate(part=F("series_parts__number")).order_by("part", "pk")
        return super().get_context_data(**kwargs) | {"posts": list(posts)}
