from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from blog.models import Author, Byline, Post

from .base import AddressKeeper
from .links_field import LinksField
from .merges import Merging


class AuthorForm(forms.ModelForm):
    links = LinksField(
        required=False,
        help_text=_(
            "One a line: what it is called, then its address, such as “Mastodon https://example.org/@ada”."
        ),
    )

    class Meta:
        model = Author
        fields: list[str] = []


@admin.register(Author)
class AuthorAdmin(Merging, AddressKeeper):
    form = AuthorForm
    list_display = ["name", "role", "slug"]
    ordering = ["name", "id"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["portrait", "user"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "role", "bio", "portrait", "links", "user"]

    def posts_using(self, objs: Any) -> QuerySet[Post]:
        return Post.objects.filter(
            pk__in=Byline.objects.filter(author__in=[one.pk for one in objs]).values("post_id")
        )
