from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Author, Figure, Post, Rendition
from blog.publishing import figure_files, figure_uses

from . import figure_replacing, figure_state, figure_uploads
from .base import NAMED, BlogAdmin, LongChangeList, counted, form_of, link_to
from .figure_filters import KindFilter, LookFilter, MissingFilter, RenditionFilter, UseFilter
from .figure_form import FigureForm
from .thumbnail import thumbnail

HEAVY = 500_000  # bytes: a page of fifty such pictures that have no renditions yet would take minutes
COUNTED = 100  # posts that use each figure of a list; the page of its uses counts on
SHAPE = "as"  # the parameter that asks for a list in the place of the grid


class Library(LongChangeList):
    """The list of figures, shown as a grid unless `?as=list` asks otherwise."""

    def get_filters_params(self, params: Any = None) -> Any:
        found = super().get_filters_params(params)
        found.pop(SHAPE, None)
        return found

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        held = figure_uses.in_hand()
        uses = figure_uses.uses(self.result_list, most=COUNTED)
        for figure in self.result_list:
            figure.held, figure.uses = len(held.posts(figure)), uses[figure.pk]
        self.total = self.weigh() if request.GET.get("use") == "unused" else ""

    def weigh(self) -> str:
        """What the figures of an unused lot take on the disk, in words."""
        rows = self.queryset.order_by()
        own = rows.aggregate(n=Count("pk"), bytes=Sum("weight"))
        made = Rendition.objects.filter(figure__in=rows.values("pk")).aggregate(bytes=Sum("size"))["bytes"]
        if not own["n"]:
            return ""
        return _("They take %(size)s on the disk.") % {
            "size": filesizeformat((own["bytes"] or 0) + (made or 0))
        }

    @property
    def shape(self) -> str:
        return "list" if self.params.get(SHAPE) == "list" else "grid"

    @property
    def shapes(self) -> list[tuple[str, str, bool]]:
        """The label and address of each shape, and whether it is the present one."""
        grid = self.get_query_string(remove=[SHAPE])
        rows = self.get_query_string({SHAPE: "list"})
        return [(_("Grid"), grid, self.shape == "grid"), (_("List"), rows, self.shape == "list")]


@admin.register(Figure)
class FigureAdmin(BlogAdmin):
    form = FigureForm
    list_display = ["picture", "slug", "caption_begun", "measures", "used", "files", "added"]
    list_display_links = ["slug"]
    list_filter = [UseFilter, RenditionFilter, KindFilter, MissingFilter, LookFilter]
    sortable_by = ["slug", "added"]
    ordering = ["-created_at", "-id"]
    search_fields = ["slug", "caption", "alt", "original_name", "credit"]
    search_help_text = gettext_lazy("Key, caption, alternative text, name of the file, credit")
    readonly_fields = [
        "shown", "measures", "renditions_made", "used_by", "file", "look_alikes", "former_files", "focus_point",
        "source_kept",
    ]  # fmt: skip
    fieldsets = [
        (None, {"fields": ["shown", "file", "slug", "caption"]}),
        (gettext_lazy("For those who can't see it"), {"fields": ["alt", "decorative", "long_description"]}),
        (gettext_lazy("Where it is small"), {"fields": ["focus_point", ("focus_x", "focus_y")]}),
        (gettext_lazy("Origin"), {"fields": ["credit", "licence", "source_upload"]}),
        (
            gettext_lazy("In use"),
            {"fields": ["measures", "renditions_made", "used_by", "look_alikes", "former_files"]},
        ),
    ]

    @property
    def media(self) -> forms.Media:
        scripts = [
            forms.Script(f"js/admin/{one}.js", type="module")
            for one in ("renditions", "figures", "figures-upload")
        ]
        return super().media + forms.Media(
            css={"all": ["css/library.css"]},
            js=["js/admin/figure-key.js", *scripts],  # type: ignore[list-item]
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Library]:
        return Library

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("states/", view(self.seen(figure_state.states)), name="blog_figure_states"),
            *figure_uploads.urls(self),
            *figure_replacing.urls(self),
            *super().get_urls(),
        ]

    def seen(self, door: Any) -> Any:
        """The door, for those who may see figures."""

        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            answer: HttpResponse = door(request, *args, **kwargs)
            return answer

        return opened

    def get_queryset(self, request: HttpRequest) -> QuerySet[Figure]:
        def count(rows: Any, by: str) -> Coalesce:
            grouped = rows.order_by().values(by).annotate(n=Count("*")).values("n")
            return Coalesce(Subquery(grouped, output_field=IntegerField()), 0)

        return (
            super()
            .get_queryset(request)
            .annotate(
                portraits=count(Author.objects.filter(portrait=OuterRef("pk")), "portrait"),
            )
            .prefetch_related("renditions")
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A figure that is being added is not in use, and has no picture to click on."""
        sets = [(name, {**options}) for name, options in self.fieldsets]
        if obj is None:
            sets[0][1]["fields"] = ["upload", "slug", "caption"]
            return [sets[0], sets[1], sets[3]]
        if obj.source_file and self.has_change_permission(request, obj):
            sets[3][1]["fields"] = ["credit", "licence", "source_kept", "source_upload", "without_source"]
        elif obj.source_file:
            sets[3][1]["fields"] = ["credit", "licence", "source_kept"]
        if obj.notation:
            sets[0][1]["fields"] = ["shown", "drawn_from", "slug", "caption"]
            sets[3][1]["fields"] = ["credit", "licence"]
            sets[4][1]["fields"] = ["measures", "renditions_made", "used_by"]
        return sets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What a drawing shows and says is written in its post, which would overwrite it here."""
        fixed = super().get_readonly_fields(request, obj)
        return (
            [*fixed, "drawn_from", "slug", "caption", "alt", "decorative"] if obj and obj.notation else fixed
        )

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        same = getattr(context["adminform"].form, "duplicate", None)
        return super().render_change_form(
            request, context | {"same": same and (same.slug, form_of(same))}, *args, **kwargs
        )

    # --- In the list

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, figure: Figure) -> str:
        if figure.rendered_at is None and (figure.weight or 0) > HEAVY and not figure.renditions.all():
            return format_html('<span class="thumb thumb-soon">{}</span>', figure_state.told(figure))
        return thumbnail(figure)

    @admin.display(description=gettext_lazy("caption"))
    def caption_begun(self, figure: Figure) -> str:
        words = figure.caption or figure.alt
        return words if len(words) < 100 else f"{words[:99]}…"

    @admin.display(description=gettext_lazy("size"))
    def measures(self, figure: Figure) -> str:
        size = f"{figure.width} × {figure.height}"
        if figure.weight is None:
            return size
        taken = figure.weight + sum(one.size for one in figure.renditions.all())
        return f"{size}, {filesizeformat(taken)}"

    @admin.display(description=gettext_lazy("used in"))
    def used(self, figure: Any) -> str:
        parts = [counted(figure.uses, most=COUNTED)] if figure.uses else []
        if figure.portraits:
            parts.append(_("a portrait"))
        if figure.held:
            parts.append(_("a draft"))
        if not parts:
            return _("not used")
        # The grid has no headings.
        return format_html(
            '<span class="in-grid">{} </span><a href="{}">{}</a>',
            _("Used in"), reverse("admin:blog_figure_uses", args=[figure.pk]), ", ".join(parts),
        )  # fmt: skip

    @admin.display(description=gettext_lazy("renditions"))
    def files(self, figure: Figure) -> str:
        return figure_state.badge(figure)

    @admin.display(description=gettext_lazy("added"), ordering="created_at")
    def added(self, figure: Figure) -> str:
        return date_format(timezone.localtime(figure.created_at), _("j M Y"))

    # --- In the form

    @admin.display(description=gettext_lazy("drawn from the text of"))
    def drawn_from(self, figure: Figure) -> str:
        if figure.drawn_for is None:
            return _("A post that was deleted.")
        return format_html(_("{}; the words are edited there."), link_to(figure.drawn_for))

    @admin.display(description=gettext_lazy("picture"))
    def shown(self, figure: Figure) -> str:
        return format_html(
            '<a href="{}" aria-label="{}">{}</a>',
            figure.image.url, _("The picture in full size"), thumbnail(figure, wide=True),
        )  # fmt: skip

    @admin.display(description=gettext_lazy("file"))
    def file(self, figure: Figure) -> str:
        """What was uploaded, and where it is exchanged."""
        return format_html(
            '{}. <a href="{}">{}</a>',
            figure.original_name or figure.image.name,
            reverse("admin:blog_figure_replace", args=[figure.pk]), _("Replace the file…"),
        )  # fmt: skip

    @admin.display(description=gettext_lazy("focus"))
    def focus_point(self, figure: Figure) -> str:
        told = _(
            "Cards, portraits and the social card have less room than the text. Click on what has to stay visible, or "
            "give the place in per cent from the left and from the top; they are then cut around it. Without one they "
            "show the whole picture."
        )
        return format_html(
            '<div class="focus-point">{}</div><p class="help">{}</p>', thumbnail(figure, wide=True), told
        )

    @admin.display(description=gettext_lazy("drawing"))
    def source_kept(self, figure: Figure) -> str:
        name = f"{figure.slug}.{str(figure.source_file.name).rsplit('.', 1)[-1]}"
        return format_html('<a href="{}">{}</a>', reverse("admin:blog_figure_source", args=[figure.pk]), name)

    @admin.display(description=gettext_lazy("renditions"))
    def renditions_made(self, figure: Figure) -> str:
        return figure_replacing.renditions_of(figure)

    @admin.display(description=gettext_lazy("used by"))
    def used_by(self, figure: Figure) -> str:
        named = self._users([figure])
        if not named:
            return _("Nothing yet.")
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((one,) for one in named)))

    @admin.display(description=gettext_lazy("looks like"))
    def look_alikes(self, figure: Figure) -> str:
        alike = figure.resemblances.select_related("other").prefetch_related("other__renditions")[:NAMED]
        rows = [(thumbnail(one.other), link_to(one.other)) for one in alike]
        if not rows:
            return _("No other figure.")
        return format_html('<ul class="look-alikes">{}</ul>', format_html_join("", "<li>{} {}</li>", rows))

    @admin.display(description=gettext_lazy("former files"))
    def former_files(self, figure: Figure) -> str:
        return figure_replacing.former_files(figure)

    def _users(self, objs: Any) -> list[str]:
        posts = self.posts_using(objs).only("title").order_by("-pk")
        named = [link_to(post) for post in posts[:NAMED]] + self.other_users(objs)
        if len(named) >= NAMED and (others := posts.count() - NAMED) > 0:
            named.append(_("and {number} others").format(number=number_format(others, force_grouping=True)))
        return named

    # --- Deleting

    def posts_using(self, objs: Any) -> QuerySet[Post]:
        return figure_uses.posts_showing(objs)

    def other_users(self, objs: Any) -> list[str]:
        """Authors whose portrait it is, and posts whose drafts name it."""
        portrayed = Author.objects.filter(portrait__in=[one.pk for one in objs]).order_by("name", "pk")
        named = [link_to(one, _("{name} (portrait)").format(name=one.name)) for one in portrayed[:NAMED]]
        held = figure_uses.in_hand()
        writing = set[int | None]().union(*(held.posts(one) for one in objs))
        drafts = Post.objects.filter(pk__in=[one for one in writing if one]).only("title").order_by("-pk")
        named += [
            link_to(one, _("%(post)s (a draft that readers don't see)") % {"post": one})
            for one in drafts[:NAMED]
        ]
        return [*named, _("A post that somebody is writing and has not saved")] if None in writing else named

    def goes_along(self, objs: Any) -> list[str]:
        served, kept = figure_files.files_of(objs)
        return [_("with %(n)d files, a day later") % {"n": len(served) + len(kept)}]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_queryset(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        figure_files.delete(queryset, at=timezone.now())
        connection.check_constraints()

    def save_model(self, request: HttpRequest, obj: Figure, form: Any, change: bool) -> None:
        form.take(obj)
