from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import HttpRequest
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import PostTag, Tag
from blog.publishing.tagging import folded

from .base import AddressKeeper, count_to, counted
from .merges import Merging

COUNTED = 1_000  # posts that have each tag of a list


class TagForm(forms.ModelForm):
    class Meta:
        model = Tag
        fields = ["name", "slug"]

    def clean_name(self) -> str:
        """Raises ValidationError for a tag that exists in another case, or that could have no page."""
        name = folded(self.cleaned_data["name"])
        same = (
            Tag.objects.filter(Exact(Lower("name"), Lower(Value(name)))).exclude(pk=self.instance.pk).first()
        )
        if same:
            raise ValidationError(
                _("This tag exists already as “{name}”; upper and lower case make no difference.").format(
                    name=same.name
                )
            )
        if not slugify(name, allow_unicode=True):
            raise ValidationError(_("A tag needs a letter or a digit."))
        return name


@admin.register(Tag)
class TagAdmin(Merging, AddressKeeper):
    form = TagForm
    list_display = ["name", "slug", "used"]
    ordering = ["name"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        uses = count_to(COUNTED, PostTag.objects.filter(tag=OuterRef("pk")), "tag")
        return super().get_queryset(request).annotate(uses=uses)

    @admin.display(description=gettext_lazy("used in"))
    def used(self, tag: Any) -> str:
        return counted(tag.uses, most=COUNTED)

    def goes_along(self, objs: Any) -> list[str]:
        uses = PostTag.objects.filter(tag__in=[one.pk for one in objs]).count()
        return (
            [_("Taken off {posts}; the posts themselves stay.").format(posts=counted(uses))] if uses else []
        )
