from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Author, Figure, Post, PostTag
from blog.publishing import editing

from . import (
    bulk,
    buttons,
    figure_state,
    findings,
    history,
    keeping,
    kept,
    merge,
    planning,
    reports,
    review,
    searching,
    shared,
    trash,
    writing,
    zones,
)
from .access import PostAccess
from .base import BlogAdmin, LongChangeList, form_of, link_to
from .choosing import Choose
from .dates import Dates, steps
from .filters import AuthorFilter, CategoryFilter, StateFilter, TagFilter
from .inlines import ChangesOfPost
from .post_form import PostForm
from .preview import preview
from .rows import Bylines, ContentRows, PartsOfPost, RelatedOfPost, posted
from .stale import tell_taken
from .state import describe, had_readers, moment, state_of
from .thumbnail import thumbnail, with_renditions
from .trash import Trashing

THIS_CHANGE = gettext_lazy("This change")
PUBLICATION = gettext_lazy("Publication")
# Rooms beside the form, each with the addresses that `urls(model_admin)` gives.
DOORS: tuple[Any, ...] = (
    history,
    keeping,
    merge,
    planning,
    reports,
    review,
    shared,
    trash,
    writing,
    zones,
)


def _unmade(figure: Figure) -> str:
    """How far its smaller versions are, while they are not all there."""
    return "" if figure_state.state_of(figure) == "made" else figure_state.badge(figure)


def ordering_of(params: Iterable[str]) -> list[str]:
    """The newest post first; in a list of a year, month or day the newest publication, in the order of its index."""
    dated = any(name.startswith("published_at__") for name in params)
    return ["-published_at" if dated else "-created_at", "-id"]


class PostList(LongChangeList):
    """The list with all that its columns show, in a number of queries that does not depend on its length."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Post]:
        return super().get_queryset(request, exclude_parameters).for_cards()  # type: ignore[attr-defined]

    def _get_default_ordering(self) -> Any:
        """What the headings show."""
        return ordering_of(self.params)

    def dates(self) -> Dates:
        return steps(self, "published_at")


@admin.register(Post)
class PostAdmin(PostAccess, Trashing, BlogAdmin):
    form = PostForm
    inlines = [Bylines, PartsOfPost, RelatedOfPost, ChangesOfPost]
    list_display = ["picture", "title", "state", "learning_level", "by", "published"]
    list_display_links = ["title"]
    list_filter = [StateFilter, "learning_level", CategoryFilter, AuthorFilter, TagFilter]
    sortable_by = ["title", "published"]
    date_hierarchy = "published_at"
    search_fields = ["title"]
    search_help_text = gettext_lazy(
        "Words of the title, summary, figures and text, or the beginning of a slug."
    )
    autocomplete_fields = ["learning_level", "categories", "lead_figure", "translation_of"]
    prepopulated_fields = {"slug": ["title"]}
    readonly_fields = ["figures_used", "state"]
    actions = bulk.ACTIONS
    fieldsets = [
        (None, {"fields": ["title", "slug", "body", "summary"]}),
        (gettext_lazy("Filing"), {"classes": ["filing"], "fields": ["learning_level", "categories", "tags"]}),
        (gettext_lazy("Figures"), {"fields": ["lead_figure", "figures_used"]}),
        (PUBLICATION, {"fields": ["state", "published_at", "expires_at", "canonical_url"]}),
        (gettext_lazy("Language"), {"fields": ["language", "translation_of"]}),
        (gettext_lazy("Note above the text"), {"fields": ["editors_note", "editors_note_at"]}),
        (THIS_CHANGE, {"fields": ["notable", "minor"]}),
    ]

    @property
    def media(self) -> forms.Media:
        completing = Choose(PostTag._meta.get_field("tag"), self.admin_site).media
        watching: Any = forms.Script("js/admin/renditions.js", type="module")
        own = forms.Media(js=["js/admin/lines.js", "js/admin/filters.js", watching])
        return super().media + completing + own + writing.MEDIA + keeping.MEDIA

    # --- The list

    def get_ordering(self, request: HttpRequest) -> Any:
        return ordering_of(request.GET)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PostList

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, post: Post) -> str:
        return thumbnail(post.lead_figure)

    @admin.display(description=gettext_lazy("State"))
    def state(self, post: Post) -> str:
        at = timezone.now()
        if not post.pk:
            return _("Not saved yet")
        return format_html('<span class="state state-{}">{}</span>', state_of(post, at), describe(post, at))

    @admin.display(description=gettext_lazy("Published"), ordering="published_at")
    def published(self, post: Post) -> str:
        return moment(post.published_at) or "–"

    @admin.display(description=gettext_lazy("Authors"))
    def by(self, post: Post) -> str:
        return ", ".join(line.author.name for line in post.bylines.all()) or "–"

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Post], bool]:
        return searching.find(queryset, search_term), False

    # --- The form

    @admin.display(description=gettext_lazy("figures in the text"))
    def figures_used(self, post: Post) -> str:
        placed = with_renditions(post) if post.pk else []
        rows = [
            (
                thumbnail(p.figure),
                _("Figure {number}").format(number=p.number),
                link_to(p.figure),
                p.figure.caption,
                _unmade(p.figure),
            )
            for p in placed
        ]
        if not rows:
            return _("None. Place one in the text with ![](figure:key).")
        shown = format_html_join("", "<li>{} {}: {} {} {}</li>", rows)
        return format_html('<ol class="figures-used">{}</ol>', shown)

    def get_fieldsets(self, request: HttpRequest, obj: Post | None = None) -> Any:
        """The version that a form was filled from is asked of those who may save it, what is changed only where readers
        know the post."""
        first, *others = super().get_fieldsets(request, obj)
        if not self._is_read(obj) or not self.has_change_permission(request, obj):
            others = [one for one in others if one[0] != THIS_CHANGE]
        if obj and obj.status == Post.Status.PUBLISHED and self.has_publish_permission(request, obj):
            others = [
                (name, more | {"fields": [*more["fields"], "appear_at"]})
                if name == PUBLICATION
                else (name, more)
                for name, more in others
            ]
        may = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        hidden = ["seen_version"] if may else []
        return [(first[0], first[1] | {"fields": [*first[1]["fields"], *hidden]}), *others]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.may_publish = self.has_publish_permission(request, obj)
        return form

    def get_inline_instances(self, request: HttpRequest, obj: Post | None = None) -> list[Any]:
        rows = super().get_inline_instances(request, obj)
        return [one for one in rows if self._is_read(obj) or not isinstance(one, ChangesOfPost)]

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Whoever begins a post is named as its author, if the account belongs to one."""
        given: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, Bylines) and not obj.pk and request.method == "GET":
            given["writer"] = Author.objects.filter(user=request.user.pk).order_by("pk").first()
        return given

    def _is_read(self, post: Post | None) -> bool:
        return post is not None and had_readers(post, timezone.now())

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view(self.preview_view)
        return [
            path("preview/", guarded, name="blog_post_preview_new"),
            path("<path:object_id>/preview/", guarded, name="blog_post_preview"),
            *(one for door in DOORS for one in door.urls(self)),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(
                ["POST"], _("A preview is drawn from the form: press “Preview” there.")
            )
        return preview(self, request, object_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return history.versions(self, request, object_id)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        post, at = context.get("original"), timezone.now()
        if post and post.draft_id:
            context |= {"draft": post.draft, "draft_appears": moment(post.draft_at, exact=True)}
        if post and post.pk and not context["errors"]:
            context["missing"], context["advice"] = findings.remarks(post, at)
        if post and post.pk:
            context["preview_url"] = reverse("admin:blog_post_preview", args=[post.pk])
        else:
            context["preview_url"] = reverse("admin:blog_post_preview_new")
        may = self.has_change_permission(request, post) if post else self.has_add_permission(request)
        context["review"] = review.panel(request, post)
        context["buttons"] = (
            buttons.buttons_for(post, at, publishing=self.has_publish_permission(request, post))
            if may
            else []
        )
        kept.surround(request, context, at=at)
        return super().render_change_form(request, context, *args, **kwargs)

    def view_on_site(self, post: Post) -> str | None:
        """Only what readers find has an address for them."""
        return post.get_absolute_url() if post.slug and post.is_live(timezone.now()) else None

    def save_model(self, request: HttpRequest, obj: Post, form: Any, change: bool) -> None:
        """Nothing yet: the post is saved with all its rows at once, see `save_related`."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Saves the form and its rows as one content, merged with what others have saved since the form was opened.
        Where both changed the same place, what was typed is set aside; rows that are no content are saved, for nobody
        would be asked about them."""
        post, at, said = form.instance, timezone.now(), form.cleaned_data
        content = posted(form, formsets)
        told = {name: said[name] for name in ("minor", "notable") if name in said}
        if form.previewed:
            post.__dict__.update(editing.trial(post, content, at=at, rendered=post, **told).__dict__)
            return
        seen, told = said.get("seen_version"), told | {"withdraw": form.pressed("_withdraw")}
        try:
            saved = editing.save(
                post, content, at=at, by=request.user, seen=seen, on_top=form.on_top, rendered=post, **told
            )
        except editing.Conflict as conflict:
            request.__dict__["aside"] = editing.set_aside(
                post, content, seen=conflict.base, at=at, by=request.user
            )
        else:
            post.__dict__.update(saved.post.__dict__)
        for formset in formsets:
            if not isinstance(formset, ContentRows):
                self.save_formset(request, form, formset, change=change)
        if "aside" in request.__dict__:
            return
        tell_taken(request, post, saved.taken, seen or 0)
        request.__dict__["draft_at"] = said.get("appear_at")

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """What is set aside has changed nothing yet."""
        return None if "aside" in request.__dict__ else super().log_change(request, obj, message)

    def response_add(
        self, request: HttpRequest, obj: Post, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._after_button(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Post) -> HttpResponse:
        return self._after_button(request, obj) or super().response_change(request, obj)

    def _after_button(self, request: HttpRequest, post: Post) -> HttpResponse | None:
        """Does what the pressed button says; the form's own transaction is still open."""
        if aside := request.__dict__.get("aside"):
            return merge.ask(request, aside)
        kept.saved(request, post, at=timezone.now())
        button = buttons.pressed(request)
        if IS_POPUP_VAR in request.POST or not (button or post.draft_id):
            return None
        if not button:  # readers see nothing of this save
            messages.success(request, buttons.laid_on_top(post))
            stays = "_continue" in request.POST
            return (
                HttpResponseRedirect(form_of(post))
                if stays
                else self.response_post_save_change(request, post)
            )
        level, text = buttons.press(
            button, post, at=timezone.now(), by=request.user, draft_at=request.__dict__.get("draft_at")
        )
        messages.add_message(request, level, text)
        # The form lists what is missing, and the browser moves the cursor there.
        return HttpResponseRedirect(form_of(post) + "#missing" * (level == messages.WARNING))
