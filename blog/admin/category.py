from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Category, Post
from blog.publishing import categories, names

from .base import BlogAdmin, link_to
from .merges import Merging


@admin.register(Category)
class CategoryAdmin(Merging, BlogAdmin):
    list_display = ["in_tree", "path", "position"]
    list_display_links = ["in_tree"]
    list_per_page = 200
    sortable_by = ()
    ordering = ["path"]
    search_fields = ["name", "path"]
    autocomplete_fields = ["parent"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "parent", "description", "position", "approvals"]

    @admin.display(description=gettext_lazy("category"))
    def in_tree(self, category: Category) -> str:
        return format_html('<span class="depth depth-{}">{}</span>', min(category.depth, 6), category.name)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "parent" in form.base_fields:
            form.base_fields["parent"].help_text = _(
                "Moving takes along everything below; former addresses lead on."
            )
        return form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Says it in a message when another's move has come between this form's check and its saving."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ValidationError as refusal:
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        names.save(obj, at=timezone.now(), by=request.user)

    def posts_using(self, objs: Any) -> QuerySet[Post]:
        filed = Post.categories.through.objects.filter(category__in=[one.pk for one in objs])
        return Post.objects.filter(pk__in=filed.values("post_id"))

    def other_users(self, objs: Any) -> list[str]:
        """Categories below these that would not go with them."""
        keys = [one.pk for one in objs]
        below = Category.objects.filter(parent__in=keys).exclude(pk__in=keys)
        return [link_to(one, _("{path} (lies below it)").format(path=one.path)) for one in below[:50]]

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        self._delete(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        self._delete(request, sorted(queryset, key=lambda one: -one.depth))

    def _delete(self, request: HttpRequest, doomed: list[Category]) -> None:
        for one in doomed:
            try:
                categories.delete(one)
            except categories.InUse as refusal:  # filed or moved below it since the question was asked
                self.message_user(request, str(refusal), messages.ERROR)
