"""The doors to the learning paths."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.views.generic import DetailView, TemplateView

from blog.models import LearningPath, path_with_steps, paths_with_counts


class AllPaths(TemplateView):
    """Every learning path that has a live step. Two queries."""

    template_name = "blog/learning_paths.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"paths": paths_with_counts(timezone.now())}


class PathDetail(DetailView[LearningPath]):
    """A learning path with its live steps, in order. Two queries. Without a live step there is nothing to know of it
    yet: 404."""

    template_name = "blog/learning_path.html"
    model = LearningPath
    context_object_name = "path"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        steps = path_with_steps(self.object, at=timezone.now())
        if not steps.places:
            raise Http404("No step of this path has been published.")
        return super().get_context_data(**kwargs) | {"steps": steps}
