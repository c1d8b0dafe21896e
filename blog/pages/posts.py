"""The door to a post."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.views.generic import DetailView

from blog.models import Post, find_post_page

from .kept import KeptPage


class PostDetail(DetailView[Post]):
    """A live post. Whatever is not live does not exist: 404, as for a slug that never was. Three queries."""

    template_name = "blog/post.html"
    context_object_name = "post"
    response_class = KeptPage

    def get_object(self, queryset: QuerySet[Post] | None = None) -> Post:
        page = find_post_page(self.kwargs["slug"], at=timezone.now())
        if page is None:
            raise Http404("There is no such post.")
        self.page = page
        return page.post

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"page": self.page}
