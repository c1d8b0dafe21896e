"""The doors to a post and to a series."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone
from django.views.generic import DetailView

from blog.models import Post, Series, for_page, read_post_page


class PostDetail(DetailView[Post]):
    """A live post. Whatever is not live does not exist: 404, as for a slug that never was. Six queries."""

    template_name = "blog/post.html"
    context_object_name = "post"

    def get_queryset(self) -> QuerySet[Post]:
        self.at = timezone.now()
        return for_page(Post.objects.live(self.at))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"page": read_post_page(self.object, at=self.at)}


class SeriesDetail(DetailView[Series]):
    """A series with its live parts, in order."""

    template_name = "blog/series.html"
    model = Series

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        live = Post.objects.live(timezone.now()).filter(series_parts__series=self.object)
        posts = live.for_cards().annotate(part=F("series_parts__number")).order_by("part", "pk")
        return super().get_context_data(**kwargs) | {"posts": list(posts)}
