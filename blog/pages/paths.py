"""The doors to the learning paths."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.views.generic import DetailView, TemplateView

from blog.models import LearningPath, path_with_steps, paths_with_counts


class AllPaths(TemplateView):
    """Every learning path that has a live step. Two queries."""

    template_name = "blog/learning_paths.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"paths": paths_with_counts(timezone.now())}


class PathDetail(DetailView[LearningPath]):
    """A learning path with its live steps, in order. Two queries. Its title is public from the day editors give it;
    what lies on it, only when it is live."""

    template_name = "blog/learning_path.html"
    model = LearningPath
    context_object_name = "path"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        steps = path_with_steps(self.object, at=timezone.now())
        return super().get_context_data(**kwargs) | {"steps": steps}
