"""The door to a post."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.generic import TemplateView

from blog.models import find_post_page

from .kept import KeptPage


class PostDetail(TemplateView):
    """A live post. Whatever is not live does not exist: 404, as for a slug that never was. Three queries."""

    template_name = "blog/post.html"
    response_class = KeptPage

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = find_post_page(kwargs["slug"], at=timezone.now())
        if page is None:
            raise Http404("There is no such post.")
        # Read only where the page is made anew.
        return super().get_context_data(page=page, post=SimpleLazyObject(lambda: page.post))
