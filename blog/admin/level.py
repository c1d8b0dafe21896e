from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from blog.models import LearningLevel, Post

from .base import AddressKeeper


@admin.register(LearningLevel)
class LevelAdmin(AddressKeeper):
    list_display = ["__str__", "slug", "description"]
    ordering = ["number"]
    search_fields = ["name", "slug", "number"]
    fields = ["number", "name", "slug", "description"]
    prepopulated_fields = {"slug": ["name", "number"]}

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Also finds a level as it is shown: “Advanced (300)”."""
        return super().get_search_results(request, queryset, search_term.translate(str.maketrans("()", "  ")))

    def in_choices(self, level: LearningLevel) -> str:
        """With the first sentence of its description, by which one chooses."""
        sentence = re.split(r"(?<=[.!?。])\s*", level.description.strip(), maxsplit=1)[0]
        return _("{level}: {whom}").format(level=level, whom=sentence) if sentence else str(level)

    def posts_using(self, objs: Any) -> QuerySet[Post]:
        return Post.objects.filter(learning_level__in=[one.pk for one in objs])
