"""Filters of lists that may be long: one is typed and completed, never chosen from a whole table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Field, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Byline, Category, Post, PostTag

from .choosing import Choose, possible_keys
from .state import STATES, in_state


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, str(label)) for state, label in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Post]:
        state = self.value() or ""
        return in_state(queryset, state, timezone.now()) if state in STATES else queryset


class RelatedFilter(admin.ListFilter):
    """One related row, chosen with the admin's own autocomplete; without scripts by its slug.

    A subclass names the relation whose far side is offered, and the posts of a chosen row.
    """

    template = "admin/blog/related_filter.html"
    parameter_name: str
    by: tuple[str, ...] = ("slug", "name__iexact")

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        typed = [value.strip() for value in params.pop(self.parameter_name, []) if value.strip()]
        self.typed = typed[-1] if typed else ""
        self.chosen = self.find(self.typed) if self.typed else None
        mine = {self.parameter_name, "p", "e"}
        self.kept = [
            (name, value) for name, values in request.GET.lists() if name not in mine for value in values
        ]
        self.admin_site = model_admin.admin_site

    def relation(self) -> Field[Any, Any]:
        """The field whose far side is offered."""
        raise NotImplementedError

    def posts_of(self, chosen: Any, posts: QuerySet[Post]) -> QuerySet[Post]:
        raise NotImplementedError

    def find(self, typed: str) -> models.Model | None:
        """The row with this key or, else, with this slug or name."""
        rows = self.relation().related_model._default_manager  # type: ignore[union-attr]
        if possible_keys([typed]) and (row := rows.filter(pk=int(typed)).first()):
            return row
        wanted = Q()
        for lookup in self.by:
            wanted |= Q(**{lookup: typed})
        return rows.filter(wanted).first()

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name]

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        return iter(())

    def widget(self) -> str:
        """The autocomplete with only the chosen row in it, as HTML."""
        relation = self.relation()
        label = _("{title} to show").format(title=self.title)
        select = Choose(
            relation, self.admin_site, attrs={"id": f"filter-{self.parameter_name}", "aria-label": label}
        )
        rows = relation.related_model._default_manager.all()  # type: ignore[union-attr]
        field = forms.ModelChoiceField(rows, required=False, widget=select)
        return field.widget.render(self.parameter_name, [self.chosen.pk] if self.chosen else [])

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        if not self.typed:
            return queryset
        return self.posts_of(self.chosen, queryset) if self.chosen else queryset.none()


class CategoryFilter(RelatedFilter):
    """A category with everything below it, as its page shows it."""

    title = gettext_lazy("category")
    parameter_name = "category"
    by = ("path", "slug", "name__iexact")

    def relation(self) -> Any:
        return Post._meta.get_field("categories")

    def posts_of(self, chosen: Category, posts: QuerySet[Post]) -> QuerySet[Post]:
        here = Category.objects.filter(Q(pk=chosen.pk) | Q(path__startswith=f"{chosen.path}/"))
        # Named one by one, not by a query in the query: so PostgreSQL knows how many posts it will find.
        filed = Post.categories.through.objects.filter(category__in=list(here.values_list("pk", flat=True)))
        return posts.filter(pk__in=filed.values("post_id"))


class AuthorFilter(RelatedFilter):
    title = gettext_lazy("author")
    parameter_name = "author"

    def relation(self) -> Any:
        return Byline._meta.get_field("author")

    def posts_of(self, chosen: Any, posts: QuerySet[Post]) -> QuerySet[Post]:
        return posts.filter(pk__in=Byline.objects.filter(author=chosen).values("post_id"))


class TagFilter(RelatedFilter):
    title = gettext_lazy("tag")
    parameter_name = "tag"

    def relation(self) -> Any:
        return PostTag._meta.get_field("tag")

    def posts_of(self, chosen: Any, posts: QuerySet[Post]) -> QuerySet[Post]:
        return posts.filter(pk__in=PostTag.objects.filter(tag=chosen).values("content_object_id"))
