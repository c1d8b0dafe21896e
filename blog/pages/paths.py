"""The doors to the learning paths."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils import timezone
from django.views.generic import DetailView, TemplateView

from blog.models import LearningPath, Post


class AllPaths(TemplateView):
    """Every learning path that has a live step."""

    template_name = "blog/learning_paths.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        live = LearningPath.objects.filter(steps__post__in=Post.objects.live(timezone.now()))
        return super().get_context_data(**kwargs) | {"paths": list(live.distinct())}


class PathDetail(DetailView[LearningPath]):
    """A learning path with its live steps, in order."""

    template_name = "blog/learning_path.html"
    model = LearningPath
    context_object_name = "path"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        live = Post.objects.live(timezone.now()).filter(path_steps__learning_path=self.object)
        steps = live.for_cards().annotate(place=F("path_steps__number")).order_by("place", "pk")
        return super().get_context_data(**kwargs) | {"steps": list(steps)}
