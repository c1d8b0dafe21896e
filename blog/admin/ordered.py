"""What the lists of series and of learning paths have in common."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Post

from .base import AddressKeeper, counted


class OrderedAdmin(AddressKeeper):
    """Posts in order: how many there are, and how many of them readers see."""

    list_display = ["title", "slug", "all_posts", "shown_posts"]
    ordering = ["title", "id"]
    search_fields = ["title", "slug"]
    prepopulated_fields = {"slug": ["title"]}

    places: type[models.Model]  # the rows that hold a post and its number
    owner: str  # the name of their relation to this admin's model

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        here = self._places(**{self.owner: OuterRef("pk")})
        live = here.filter(post__in=Post.objects.live(timezone.now()))
        return super().get_queryset(request).annotate(held=self._number(here), shown=self._number(live))

    def _places(self, **which: Any) -> QuerySet[Any]:
        return self.places._default_manager.filter(**which).order_by()

    def _number(self, rows: QuerySet[Any]) -> Coalesce:
        each = rows.values(self.owner).annotate(n=Count("*")).values("n")
        return Coalesce(Subquery(each, output_field=IntegerField()), 0)

    @admin.display(description=gettext_lazy("posts"))
    def all_posts(self, thing: Any) -> int:
        return int(thing.held)

    @admin.display(description=gettext_lazy("readers see"))
    def shown_posts(self, thing: Any) -> str:
        if not thing.shown:
            return _("nothing yet")
        return (
            _("all of it")
            if thing.shown == thing.held
            else _("{number} of them").format(number=number_format(thing.shown, force_grouping=True))
        )

    def goes_along(self, objs: Any) -> list[str]:
        held = self._places(**{f"{self.owner}__in": [one.pk for one in objs]}).count()
        return (
            [_("Taken off {posts}; the posts themselves stay.").format(posts=counted(held))] if held else []
        )
