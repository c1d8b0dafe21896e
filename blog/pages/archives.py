"""The doors to the archive: all years and months, one year, one month."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.views.generic import TemplateView

from blog.models import read_selection

from .listings import PAGE_SIZE
from .selecting import places_of, selection_of


class Archives(TemplateView):
    template_name = "blog/archives.html"


class DatedPosts(TemplateView):
    """The posts of a year or a month."""

    template_name = "blog/archive.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        selection = selection_of(self.request, self.kwargs)
        page = read_selection(selection, at=timezone.now(), size=PAGE_SIZE, **places_of(self.request))
        return super().get_context_data(**kwargs) | {"selection": selection, "page": page}
