"""Several files at once: each becomes a figure, or is refused with a reason, and none of them costs the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from blog.models import Figure
from blog.publishing import figures

from .base import form_of
from .figure_form import ENDINGS, FigureForm, key_from
from .figure_state import state_of, told

if TYPE_CHECKING:
    from .figure import FigureAdmin

ROWS, MOST = 5, 20
"""Files that the plain form takes at once, at first and at most; the script sends one a request."""
ATTEMPTS = 3
FIELDS = ("slug", "caption", "alt", "decorative")
Bulk: type[FigureForm] = forms.modelform_factory(Figure, form=FigureForm, fields=FIELDS)  # type: ignore[assignment]


@dataclass
class Outcome:
    """What became of one file: the figure, or the reasons against it by field."""

    name: str
    figure: Figure | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    same: Figure | None = None

    @property
    def link(self) -> str:
        """The form of the figure that it became, or that it is already."""
        found = self.figure or self.same
        return form_of(found) if found else ""


@dataclass
class Row:
    """One line of the plain form, with what was typed into it."""

    number: int
    alt: str = ""
    caption: str = ""
    decorative: bool = False
    outcome: Outcome | None = None


def urls(model_admin: FigureAdmin) -> list[URLPattern]:
    def upload(request: HttpRequest) -> HttpResponse:
        return page(model_admin, request)

    return [path("upload/", model_admin.admin_site.admin_view(upload), name="blog_figure_upload")]


def page(model_admin: FigureAdmin, request: HttpRequest) -> HttpResponse:
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if request.method == "POST" and request.headers.get("Accept", "").startswith("application/json"):
        return answer(model_admin, request)
    rows, outcomes = rows_of(request), []
    for row in rows if request.method == "POST" else []:
        upload = request.FILES.get(f"{row.number}-upload")
        if upload is None and not (row.alt or row.caption or row.decorative):
            continue
        row.outcome = take(model_admin, request, upload, row.alt, row.caption, row.decorative)
        outcomes.append(row.outcome)
    added = sum(one.figure is not None for one in outcomes)
    # What became a figure makes room; what was refused stays with its words, and only the file is chosen again.
    left = [row for row in rows if row.outcome is None or row.outcome.figure is None]
    return TemplateResponse(
        request,
        "admin/blog/figure/upload.html",
        model_admin.admin_site.each_context(request)
        | {
            "opts": model_admin.opts,
            "media": model_admin.media,
            "title": _("Upload several figures"),
            "rows": left or rows_of_number(ROWS),
            "outcomes": outcomes,
            "added": added,
            "refused": len(outcomes) - added,
            "more": min(MOST, len(rows) + ROWS) if len(rows) < MOST else 0,
            "endings": ENDINGS,
        },
        status=200,
    )


def rows_of_number(many: int) -> list[Row]:
    return [Row(number) for number in range(many)]


def rows_of(request: HttpRequest) -> list[Row]:
    """As many rows as `rows` asks for, filled with what was posted."""
    asked = request.POST.get("rows") or request.GET.get("rows", "")
    many = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else ROWS
    rows = rows_of_number(min(MOST, max(1, many)))
    for row in rows:
        row.alt = request.POST.get(f"{row.number}-alt", "")
        row.caption = request.POST.get(f"{row.number}-caption", "")
        row.decorative = f"{row.number}-decorative" in request.POST
    return rows


def answer(model_admin: FigureAdmin, request: HttpRequest) -> JsonResponse:
    """One file that a script sends: 201 with the figure, or 400 with what stands against it, by field."""
    given = request.POST
    outcome = take(
        model_admin, request, request.FILES.get("upload"), given.get("alt", ""), given.get("caption", ""),
        "decorative" in given, slug=given.get("slug", ""),
    )  # fmt: skip
    figure, same = outcome.figure, outcome.same
    if figure is None:
        told_same = {"key": same.slug, "url": outcome.link} if same else None
        return JsonResponse({"errors": outcome.errors, "same": told_same}, status=400)
    figure = Figure.objects.prefetch_related("renditions").get(pk=figure.pk)
    return JsonResponse(
        {
            "id": figure.pk,
            "key": figure.slug,
            "url": outcome.link,
            "state": state_of(figure),
            "told": told(figure),
        },
        status=201,
    )


def take(
    model_admin: FigureAdmin, request: HttpRequest, upload: UploadedFile | None, alt: str, caption: str,
    decorative: bool, *, slug: str = "",
) -> Outcome:  # fmt: skip
    """Makes a figure of one file under a key that is free. The rules are those of the figure's own form."""
    outcome = Outcome(str(upload.name) if upload else _("No file"))
    if upload is None:
        outcome.errors = {"upload": [_("Choose the file again; browsers don't keep it.")]}
        return outcome
    wanted = slug.strip() or key_from(outcome.name) or "figure"
    for _attempt in range(ATTEMPTS):
        upload.seek(0)
        key = wanted if slug.strip() else figures.free_key(wanted)
        data: dict[str, Any] = {"slug": key, "alt": alt, "caption": caption}
        form = Bulk(data | ({"decorative": "on"} if decorative else {}), MultiValueDict({"upload": [upload]}))
        if not form.is_valid():
            outcome.errors = {name: [str(one) for one in found] for name, found in form.errors.items()}
            outcome.same = form.duplicate
            return outcome
        try:
            with transaction.atomic():
                figure = form.save(commit=False)
                form.take(figure)
                model_admin.log_addition(request, figure, [{"added": {}}])
        except IntegrityError:  # somebody took the key in this moment
            continue
        outcome.figure = figure
        return outcome
    outcome.errors = {"slug": [_("The key was taken in this moment. Send the file again.")]}
    return outcome
