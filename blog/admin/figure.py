from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html, format_html_join

from blog.models import Author, Figure, Placement, Post, Rendition

from .base import NAMED, BlogAdmin, counted, link_to
from .figure_form import FigureForm
from .thumbnail import thumbnail


@admin.register(Figure)
class FigureAdmin(BlogAdmin):
    form = FigureForm
    list_display = ["picture", "slug", "caption_begun", "measures", "used", "files"]
    list_display_links = ["slug"]
    sortable_by = ["slug"]
    ordering = ["-created_at", "-id"]
    search_fields = ["slug", "caption", "alt"]
    readonly_fields = ["shown", "measures", "renditions_made", "used_by"]
    fieldsets = [
        (None, {"fields": ["shown", "upload", "slug", "caption"]}),
        ("For those who can't see it", {"fields": ["alt", "decorative", "long_description"]}),
        ("Origin", {"fields": ["credit", "licence"]}),
        ("In use", {"fields": ["measures", "renditions_made", "used_by"]}),
    ]

    class Media:
        js = ["js/admin/figure-key.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Figure]:
        placed = Placement.objects.filter(figure=OuterRef("pk")).order_by().values("figure")
        uses = Subquery(placed.annotate(n=Count("*")).values("n"), output_field=IntegerField())
        return super().get_queryset(request).annotate(uses=Coalesce(uses, 0)).prefetch_related("renditions")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A figure that is being added is not in use."""
        sets = [(name, {**options}) for name, options in self.fieldsets]
        if obj is None:
            sets[0][1]["fields"] = ["upload", "slug", "caption"]
            return sets[:3]
        if obj.notation:
            sets[0][1]["fields"] = ["shown", "drawn_from", "slug", "caption"]
        return sets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What a drawing shows and says is written in its post, which would overwrite it here."""
        fixed = super().get_readonly_fields(request, obj)
        return (
            [*fixed, "drawn_from", "slug", "caption", "alt", "decorative"] if obj and obj.notation else fixed
        )

    @admin.display(description="drawn from the text of")
    def drawn_from(self, figure: Figure) -> str:
        if figure.drawn_for is None:
            return "A post that was deleted."
        return format_html("{}; the words are edited there.", link_to(figure.drawn_for))

    @admin.display(description="picture")
    def picture(self, figure: Figure) -> str:
        return thumbnail(figure)

    @admin.display(description="picture")
    def shown(self, figure: Figure) -> str:
        return format_html(
            '<a href="{}" aria-label="The picture in full size">{}</a>',
            figure.image.url, thumbnail(figure, wide=True),
        )  # fmt: skip

    @admin.display(description="caption")
    def caption_begun(self, figure: Figure) -> str:
        return figure.caption if len(figure.caption) < 100 else f"{figure.caption[:99]}…"

    @admin.display(description="size")
    def measures(self, figure: Figure) -> str:
        return f"{figure.width} × {figure.height}"

    @admin.display(description="used in")
    def used(self, figure: Any) -> str:
        return counted(figure.uses)

    @admin.display(description="renditions")
    def files(self, figure: Figure) -> str:
        made = len(figure.renditions.all())
        if figure.rendered_at is None:
            return "waiting"
        return "1 file" if made == 1 else f"{made} files"

    @admin.display(description="renditions")
    def renditions_made(self, figure: Figure) -> str:
        if figure.rendered_at is None:
            return "Waiting for the worker. Until then readers get the full picture."
        rows = [
            (one.file.url, one.format.upper(), one.width, one.height, size_of(one))
            for one in figure.renditions.all()
        ]
        return format_html(
            '<ul class="renditions">{}</ul>',
            format_html_join("", '<li><a href="{}">{} {} × {}</a>, {}</li>', rows),
        )

    @admin.display(description="used by")
    def used_by(self, figure: Figure) -> str:
        named = self._users([figure])
        if not named:
            return "Nothing yet."
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((one,) for one in named)))

    def _users(self, objs: Any) -> list[str]:
        posts = self.posts_using(objs).only("title").order_by("-pk")
        named = [link_to(post) for post in posts[:NAMED]] + self.other_users(objs)
        if len(named) >= NAMED and (others := posts.count() - NAMED) > 0:
            named.append(f"and {others:,} others")
        return named

    def posts_using(self, objs: Any) -> QuerySet[Post]:
        keys = [one.pk for one in objs]
        return Post.objects.filter(
            Q(pk__in=Placement.objects.filter(figure__in=keys).values("post_id"))
            | Q(pk__in=Post.objects.filter(lead_figure__in=keys).values("pk"))
        )

    def other_users(self, objs: Any) -> list[str]:
        """Authors whose portrait it is."""
        portrayed = Author.objects.filter(portrait__in=[one.pk for one in objs])
        return [link_to(one, f"{one.name} (portrait)") for one in portrayed[:NAMED]]

    def save_model(self, request: HttpRequest, obj: Figure, form: Any, change: bool) -> None:
        form.take(obj)


def size_of(rendition: Rendition) -> str:
    """Its weight for reading, such as “24.1 KB, lossless”."""
    weight = filesizeformat(rendition.size)
    return f"{weight}, lossless" if rendition.lossless else weight
