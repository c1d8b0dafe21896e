"""The page of a post as it stands in the form, with nothing left behind: by the button, and beside the text while it is
being written."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms.formsets import all_valid
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from taggit.utils import parse_tags

from blog import markup
from blog.models import Author, Byline, Category, LearningLevel, Post, for_page, read_post_page
from blog.publishing import sentences, workflow

from .choosing import possible_keys
from .inlines import MOST_ROWS
from .moments import Moment
from .state import had_readers

LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
# Of a post that was never saved: no row has it, so that nothing is found around it.
NO_ROW = 0
# More of anything than a page shows; what is beyond them is left out of the picture, not refused.
MOST = 100


def preview(model_admin: Any, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
    """The posted form as a reader's page. It is saved with all its rows, read, drawn, and rolled back.

    Raises:
        PermissionDenied: the user may not write this post.
        Http404: there is no such post.
    """
    with transaction.atomic():
        response = _draw(model_admin, request, object_id)
        transaction.set_rollback(True)
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store, private"
    return response


def _draw(model_admin: Any, request: HttpRequest, object_id: str | None) -> HttpResponse:
    at = timezone.now()
    post = post_to_write(model_admin, request, object_id)
    form_class = model_admin.get_form(request, post, change=post is not None)
    live = post is not None and post.is_live(at)
    if post:
        post.__dict__["_had_readers"] = had_readers(post, at)
        post.status = Post.Status.DRAFT  # a preview may be as unfinished as a draft
    form = form_class(request.POST, request.FILES, instance=post)
    form.previewed = True
    formsets, _instances = model_admin._create_formsets(request, form.instance, change=post is not None)
    valid = form.is_valid()
    if not (all_valid(formsets) and valid):
        context: dict[str, Any] = {"form": form, "formsets": formsets, "title": _("No preview yet")}
        context |= model_admin.admin_site.each_context(request)
        return render(request, "admin/blog/post/preview_refused.html", context)
    saved = model_admin.save_form(request, form, change=post is not None)
    model_admin.save_model(request, saved, form, post is not None)
    model_admin.save_related(request, form, formsets, post is not None)
    shown = for_page(Post.objects.filter(pk=saved.pk)).get()
    shown.published_at = shown.published_at or at
    page = read_post_page(shown, at=at)
    with timezone.override(timezone.get_default_timezone()):  # as readers will see its dates
        context = {"post": shown, "page": page, "preview": True, "live": live}
        return render(request, "blog/post.html", context)


def post_to_write(model_admin: Any, request: HttpRequest, object_id: str | int | None) -> Post | None:
    """The post that the form is about, None for a new one.

    Raises:
        PermissionDenied: the user may not write it.
        Http404: there is no such post.
    """
    if object_id is None:
        if not model_admin.has_add_permission(request):
            raise PermissionDenied
        return None
    post = model_admin.get_object(request, unquote(str(object_id)))
    if not model_admin.has_change_permission(request, post):
        raise PermissionDenied
    if post is None:
        raise Http404(_("There is no such post; perhaps it was deleted."))
    return post


# --- While it is being written


def drawn(model_admin: Any, request: HttpRequest, object_id: int | None) -> dict[str, Any]:
    """The reader's page of what is typed so far: `html`, `words`, `minutes`, and `problems` of the text with their
    lines; or `refused`, the reason why the text can't be rendered.

    Nothing is saved, locked or demanded: a field that is not finished is left out of the page. What a save would draw
    from the text, a diagram that is new, is shown as its source until then.

    Raises:
        PermissionDenied: the user may not write this post.
        Http404: there is no such post.
    """
    at = timezone.now()
    stored = post_to_write(model_admin, request, object_id)
    post = Post(pk=NO_ROW, language="en") if stored is None else stored
    was, is_read, live = workflow.says(post), had_readers(post, at), post.is_live(at)
    try:
        take_typed(post, request.POST)
    except markup.RenderRefused as refusal:
        return {"refused": sentences.of(refusal)}
    if is_read and "minor" not in request.POST and workflow.says(post) != was:
        post.changed_at = at  # what a save would tell its readers
    post.status = Post.Status.DRAFT
    post.published_at = _date_in(request.POST, "published_at") or post.published_at or at
    page = read_post_page(post, at=at, placed=post.facts.get("figures", []))
    context = {"post": post, "page": page, "preview": True, "live": live}
    with timezone.override(timezone.get_default_timezone()):  # as readers will see its dates
        html = render_to_string("blog/post.html", context, request)
    return {
        "html": html,
        "words": post.word_count,
        "minutes": post.reading_minutes,
        "problems": [
            {"message": sentences.of_problem(one), "line": one["line"]}
            for one in post.facts.get("problems", [])
        ],
    }


def take_typed(post: Post, data: Any) -> None:
    """Puts what a form's fields (a QueryDict) say into the row and what is read with it, in memory only. Raises
    markup.RenderRefused."""
    _take_words(post, data)
    _take_relations(post, data)


def _take_words(post: Post, data: Any) -> None:
    """Puts the typed words into the row, in memory only. Raises markup.RenderRefused."""

    def typed(name: str, longest: int, former: str) -> str:
        return " ".join(data[name][: longest * 2].split())[:longest] if name in data else former

    post.title = typed("title", 200, post.title)
    post.summary = typed("summary", 600, post.summary)
    post.editors_note = typed("editors_note", 2_000, str(post.editors_note or "") if post.pk else "")
    if LANGUAGE_TAG.fullmatch(language := data.get("language", "")) and len(language) <= 16:
        post.language = language
    if "body" in data:
        post.body = data["body"].replace("\r\n", "\n").replace("\r", "\n")
    post.render()


def _take_relations(post: Post, data: Any) -> None:
    """Gives the row in memory what the form names, and what the form does not have from the database."""
    if "learning_level" in data:
        keys = possible_keys([data["learning_level"]])
        post.learning_level = LearningLevel.objects.filter(pk__in=keys).first() if keys else None
    if "lead_figure" in data:
        keys = possible_keys([data["lead_figure"]])
        post.lead_figure_id = int(keys[0]) if keys else None
    # A multiple choice of which nothing is chosen is not sent at all; the level beside it always is.
    filed = Category.objects.filter(pk__in=possible_keys(data.getlist("categories"))[:MOST])
    if "learning_level" not in data:
        filed = Category.objects.filter(posts=post.pk)
    lines = _bylines(data) if "bylines-TOTAL_FORMS" in data else list(post.bylines.select_related("author"))
    post.__dict__["_prefetched_objects_cache"] = {"categories": list(filed), "bylines": lines}
    names = _tags(data["tags"]) if "tags" in data else list(post.tags.names())
    slugs = [{"name": name, "slug": slugify(name, allow_unicode=True)} for name in sorted(names)]
    post.__dict__["tag_list"] = [tag for tag in slugs if tag["slug"]]


def _bylines(data: Any) -> list[Byline]:
    """The rows of the form that name an author, in order. One query, or none."""
    wanted: list[tuple[int, str]] = []
    for number in range(MOST_ROWS):
        name = f"bylines-{number}-author"
        if name not in data:
            break
        if keys := possible_keys([data[name]]):
            place = possible_keys([data.get(f"bylines-{number}-position", "")])
            if f"bylines-{number}-DELETE" not in data:
                wanted.append((int(place[0]) if place else 0, keys[0]))
    authors = Author.objects.in_bulk([key for _, key in wanted[:MOST]]) if wanted else {}
    named = [authors[int(key)] for _, key in sorted(wanted, key=lambda row: row[0]) if int(key) in authors]
    return [Byline(author=author, position=n) for n, author in enumerate(named)]


def _tags(typed: str) -> set[str]:
    """The keywords between the commas, as the form reads them."""
    typed = typed[:5_000]
    names = parse_tags(typed if set(typed) & set(',"') else f"{typed},")
    return {" ".join(name.split())[:100] for name in names[:MOST]}


def _date_in(data: Any, name: str) -> Any:
    """The instant that the two boxes of a date name, None when they don't."""
    try:
        return Moment(required=False).clean([data.get(f"{name}_0"), data.get(f"{name}_1")])
    except (ValidationError, OverflowError, ValueError):
        return None
