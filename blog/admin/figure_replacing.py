"""A figure's file is exchanged: the new one is uploaded, compared with the present one and with all that will change,
and confirmed; a former one is put back the same way, or at once. Beside it, what stands on the same ground: uploads as
they came, the drawing behind a picture, and renditions that are made again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog.models import Figure, FigureVersion, Rendition
from blog.models.figure import originals
from blog.publishing import audit, figure_files, figures

from .base import Lines, form_of
from .figure_form import ENDINGS, verified
from .figure_state import badge, state_of
from .figure_uses import uses_of
from .state import moment

if TYPE_CHECKING:
    from .figure import FigureAdmin

FORMER = 10  # former files that the form lists


class NewFile(forms.Form):
    upload = forms.FileField(max_length=255, widget=forms.FileInput(attrs={"accept": ENDINGS}))


class Words(forms.Form):
    alt = Lines(widget=forms.Textarea(attrs={"rows": 4, "class": "wide-text", "dir": "auto"}))


def urls(model_admin: FigureAdmin) -> list[URLPattern]:
    doors = Doors(model_admin)
    view = model_admin.admin_site.admin_view
    return [
        path("<int:pk>/uses/", view(doors.uses), name="blog_figure_uses"),
        path("<int:pk>/replace/", view(doors.replace), name="blog_figure_replace"),
        path("<int:pk>/replace/<int:version>/", view(doors.compare), name="blog_figure_compare"),
        path("<int:pk>/put-back/", view(require_POST(doors.put_back)), name="blog_figure_put_back"),
        path("<int:pk>/again/", view(require_POST(doors.again)), name="blog_figure_again"),
        path("<int:pk>/source/", view(doors.source), name="blog_figure_source"),
        path("<int:pk>/original/", view(doors.original), name="blog_figure_original"),
    ]


class Doors:
    def __init__(self, model_admin: FigureAdmin) -> None:
        self.model_admin = model_admin

    def figure(self, request: HttpRequest, pk: int, *, change: bool = True) -> Figure:
        """Raises Http404, or PermissionDenied for those who may not see it or, with `change`, not change it."""
        if pk >= 2**63:
            raise Http404
        figure = get_object_or_404(Figure.objects.prefetch_related("renditions"), pk=pk)
        allowed = self.model_admin.has_change_permission if change else self.model_admin.has_view_permission
        if not allowed(request, figure):
            raise PermissionDenied
        return figure

    def page(
        self, request: HttpRequest, template: str, figure: Figure, title: str, **context: Any
    ) -> HttpResponse:
        return TemplateResponse(
            request,
            f"admin/blog/figure/{template}.html",
            self.model_admin.admin_site.each_context(request)
            | {
                "opts": self.model_admin.opts,
                "media": self.model_admin.media,
                "title": title,
                "figure": figure,
            }
            | context,
        )

    def uses(self, request: HttpRequest, pk: int) -> HttpResponse:
        figure = self.figure(request, pk, change=False)
        uses = uses_of(figure, at=timezone.now())
        return self.page(
            request, "uses", figure, _("Where “%(key)s” is used") % {"key": figure.slug}, uses=uses
        )

    def replace(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Takes the new file, and leads on to where it is compared."""
        figure = self.figure(request, pk)
        form = NewFile(request.POST, request.FILES) if request.method == "POST" else NewFile()
        if request.method == "POST" and form.is_valid():
            upload = form.cleaned_data["upload"]
            try:
                cleaned, data = verified(upload)
                version = figure_files.propose(
                    figure, cleaned, data, name=str(upload.name), at=timezone.now(), by=request.user
                )
            except ValidationError as refused:
                form.add_error("upload", refused)
            except figure_files.CannotReplace as refused:
                form.add_error("upload", str(refused))
            else:
                return HttpResponseRedirect(reverse("admin:blog_figure_compare", args=[pk, version.pk]))
        title = _("Replace the file of “%(key)s”") % {"key": figure.slug}
        return self.page(
            request, "replace", figure, title, form=form, uses=uses_of(figure, at=timezone.now())
        )

    def compare(self, request: HttpRequest, pk: int, version: int) -> HttpResponse:
        """Both files side by side with all that will change; confirmed, the one takes the place of the other."""
        figure = self.figure(request, pk)
        chosen = self.version(request, figure, version)
        if chosen is None:
            messages.error(request, _("This file was put in place or removed meanwhile."))
            return HttpResponseRedirect(form_of(figure))
        words = None if figure.decorative else Words({"alt": figure.alt})
        if request.method == "POST":
            if "_cancel" in request.POST:
                if chosen.kind == FigureVersion.Kind.PROPOSED:
                    chosen.delete()
                return HttpResponseRedirect(form_of(figure))
            if words:
                words = Words(request.POST)
            if words is None or words.is_valid():
                alt = words.cleaned_data["alt"] if words else None
                if answer := self.exchange(request, figure, chosen, request.POST.get("seen", ""), alt, words):
                    return answer
                figure.refresh_from_db()
        same = figures.same_as(chosen.content_hash, but=figure.pk)
        return self.page(
            request, "compare", figure, _("Replace the file of “%(key)s”?") % {"key": figure.slug},
            version=chosen, words=words, uses=uses_of(figure, at=timezone.now()),
            same=same and (same.slug, form_of(same)),
            cdn=settings.CDN.title(),
            sizes=[filesizeformat(one.weight) if one.weight else "" for one in (figure, chosen)],
        )  # fmt: skip

    def version(self, request: HttpRequest, figure: Figure, pk: int) -> FigureVersion | None:
        """A former file, or one that this user has proposed."""
        found = figure.versions.filter(pk=pk).first() if pk < 2**63 else None
        proposed = found is not None and found.kind == FigureVersion.Kind.PROPOSED
        return None if found is None or (proposed and found.by_id != request.user.pk) else found

    def exchange(
        self, request: HttpRequest, figure: Figure, chosen: FigureVersion, seen: str, alt: str | None,
        words: Words | None = None,
    ) -> HttpResponse | None:  # fmt: skip
        """To the figure's form with a word of what was done, or of what stood in the way; None for wrong words."""
        try:
            figure_files.replace(chosen, seen=seen, at=timezone.now(), by=request.user, alt=alt)
        except figure_files.CannotReplace as refused:
            messages.error(request, str(refused))
        except ValidationError as refused:
            if words is None:
                messages.error(request, " ".join(refused.messages))
            else:
                words.add_error("alt", refused.messages)
                return None
        else:
            told = _("The file was replaced; its renditions are being made. The former one is kept below.")
            messages.success(request, told)
            self.model_admin.log_change(request, figure, [{"changed": {"fields": ["image"]}}])
        return HttpResponseRedirect(form_of(figure))

    def put_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The former file at once: it was seen in this place before."""
        figure = self.figure(request, pk)
        key = request.POST.get("version", "")
        usable = key.isascii() and key.isdigit() and len(key) < 19
        chosen = self.version(request, figure, int(key)) if usable else None
        if chosen is None:
            messages.error(request, _("This file was put in place or removed meanwhile."))
            return HttpResponseRedirect(form_of(figure))
        answer = self.exchange(request, figure, chosen, figure.content_hash, None)
        assert answer is not None
        return answer

    def again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Renditions are made once more, or, with `without`, done without."""
        figure, at = self.figure(request, pk), timezone.now()
        if "without" in request.POST:
            figures.do_without(figure, at=at)
            audit.record("figure.shown_whole", figure, by=request.user, at=at)
            messages.success(request, _("The figure is shown as it is; posts need not wait for it any more."))
        else:
            figures.try_again(figure)
            messages.success(request, _("A worker makes the renditions anew."))
        return HttpResponseRedirect(form_of(figure))

    def source(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        figure = self.figure(request, pk, change=False)
        ending = str(figure.source_file.name).rsplit(".", 1)[-1]
        return attachment(figure.source_file.name, f"{figure.slug}.{ending}")

    def original(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The upload as it came; `?version=` asks for a former one."""
        figure = self.figure(request, pk)
        key = request.GET.get("version", "")
        if not key:
            return attachment(figure.original.name, figure.original_name)
        usable = key.isascii() and key.isdigit() and len(key) < 19
        chosen = self.version(request, figure, int(key)) if usable else None
        if chosen is None:
            raise Http404
        return attachment(chosen.original.name, chosen.original_name)


def attachment(name: str | None, called: str) -> FileResponse:
    """A file that nobody has looked into: to be saved, never to be opened here. Raises Http404 where there is none."""
    try:
        file = originals().open(name or "")
    except (OSError, ValueError):
        raise Http404 from None
    response = FileResponse(
        file, as_attachment=True, filename=called or "file", content_type="application/octet-stream"
    )
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def renditions_of(figure: Figure) -> str:
    """The renditions for the figure's form: how far they are and, where they failed, why and what can be done."""
    door = reverse("admin:blog_figure_again", args=[figure.pk])
    again = format_html(
        '<button type="submit" class="button" formaction="{}" formnovalidate>{}</button>',
        door,
        _("Try again"),
    )
    if state_of(figure) == "failed":
        without = format_html(
            '<button type="submit" class="button" formaction="{}" formnovalidate name="without" value="1">{}</button>',
            door, _("Show it as it is"),
        )  # fmt: skip
        told = _("Until they are made, readers get the full picture, and publish checks name the figure.")
        return format_html(
            '{} <p class="rendering-trouble">{}</p><p>{}</p><p class="figure-verbs">{} {}</p>',
            badge(figure), figure.trouble, told, again, without,
        )  # fmt: skip
    if state_of(figure) == "waiting":
        told = _("Waiting for the worker. Until then readers get the full picture.")
        return format_html('{} <p>{}</p><p class="figure-verbs">{}</p>', badge(figure), told, again)
    rows = [
        (one.file.url, one.format.upper(), one.width, one.height, size_of(one))
        for one in figure.renditions.all()
    ]
    made = format_html_join("", '<li><a href="{}">{} {} × {}</a>, {}</li>', rows)
    if not rows:
        made = format_html("<li>{}</li>", _("None: the picture is shown as it is."))
    return format_html('<ul class="renditions">{}</ul><p class="figure-verbs">{}</p>', made, again)


def size_of(rendition: Rendition) -> str:
    """Its weight for reading, such as “24.1 KB, lossless”."""
    weight = filesizeformat(rendition.size)
    return _("{weight}, lossless").format(weight=weight) if rendition.lossless else weight


def former_files(figure: Figure) -> str:
    """The files that the figure had, each with a button that puts it back."""
    kept = figure.versions.filter(kind=FigureVersion.Kind.FORMER).select_related("by")[:FORMER]
    rows = [
        (
            one.image.url,
            one.width,
            one.height,
            reverse("admin:blog_figure_compare", args=[figure.pk, one.pk]),
            str(one),
            f"{one.width} × {one.height}",
            _("replaced %(when)s by %(who)s")
            % {
                "when": moment(one.at),
                "who": one.by.get_username() if one.by else _("nobody who has an account"),
            },
            reverse("admin:blog_figure_put_back", args=[figure.pk]),
            one.pk,
            _("Put back"),
        )
        for one in kept
    ]
    if not rows:
        return _("None: the file was never replaced.")
    row = (
        '<li><img class="thumb" src="{}" width="{}" height="{}" alt="" loading="lazy"> '
        '<span><a href="{}">{}</a>, {}, {}</span> '
        '<button type="submit" class="button" formaction="{}" formnovalidate name="version" value="{}">{}</button></li>'
    )
    return format_html('<ul class="former-files">{}</ul>', format_html_join("", row, rows))
