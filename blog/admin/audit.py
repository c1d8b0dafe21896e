"""The audit log: what the admin writes into it, its list, and its export."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Event, Post
from blog.publishing import audit

from .choosing import possible_keys
from .paginator import CappedPaginator
from .state import moment


class Audited(admin.ModelAdmin):
    """Writes a line whenever Django's own log would have one: in the same transaction, with the names of the fields.
    Posts have verbs of their own that do."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._record(request, "added", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        said = message if isinstance(message, list) else []
        fields = [name for one in said for name in one.get("changed", {}).get("fields", [])]
        rows = [
            f"{deed} {told['name']} {told['object']}"
            for one in said
            for deed, told in one.items()
            if isinstance(told, dict) and "object" in told
        ]
        told = {"fields": fields} if fields else {}
        told |= {"rows": rows} if rows else {}
        if fields or rows or not isinstance(message, list):
            self._record(request, "changed", obj, **told)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._record(request, "deleted", obj)
        return super().log_deletions(request, queryset)

    def _record(self, request: HttpRequest, deed: str, obj: Any, **details: Any) -> None:
        if not isinstance(obj, Post):
            verb = f"{obj._meta.model_name}.{deed}"
            audit.record(verb, obj, by=request.user, at=timezone.now(), **details)


class PeriodFilter(admin.SimpleListFilter):
    title = gettext_lazy("period")
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("1", gettext_lazy("Last 24 hours")),
            ("7", gettext_lazy("Last 7 days")),
            ("30", gettext_lazy("Last 30 days")),
            ("365", gettext_lazy("Last year")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Event]:
        if self.value() not in {"1", "7", "30", "365"}:
            return queryset
        return queryset.filter(at__gt=timezone.now() - timedelta(days=int(self.value() or 0)))


class VerbFilter(admin.SimpleListFilter):
    """The verbs that occur, found by hopping along their index: one step for each, however long the log is."""

    title = gettext_lazy("what was done")
    parameter_name = "verb"
    HOP = """
        WITH RECURSIVE hop AS (
            (SELECT verb FROM blog_event ORDER BY verb LIMIT 1)
            UNION ALL
            SELECT (SELECT verb FROM blog_event WHERE verb > hop.verb ORDER BY verb LIMIT 1)
            FROM hop WHERE verb IS NOT NULL
        ) SELECT verb FROM hop WHERE verb IS NOT NULL LIMIT 200
    """

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(self.HOP)
            return [(verb, verb) for (verb,) in cursor.fetchall()]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Event]:
        return queryset.filter(verb=self.value()) if self.value() else queryset


class WhoFilter(admin.SimpleListFilter):
    title = gettext_lazy("who")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        staff = get_user_model()._default_manager.filter(is_staff=True).order_by("username", "pk")
        return [
            *((str(pk), name) for pk, name in staff.values_list("pk", "username")[:100]),
            ("none", gettext_lazy("Nobody who was signed in")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Event]:
        if self.value() == "none":
            return queryset.filter(who=None, who_name="")
        return queryset.filter(who=int(self.value() or 0)) if possible_keys([self.value()]) else queryset


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """Read-only."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 100
    list_display = ["when", "by", "verb", "what", "more"]
    list_display_links = None
    list_filter = [PeriodFilter, VerbFilter, WhoFilter]
    sortable_by = ()
    ordering = ["-at", "-id"]
    actions = None
    change_list_template = "admin/blog/event_list.html"

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """The log of one thing has an address: `?kind__exact=post&thing__exact=12`."""
        return lookup in {"kind__exact", "thing__exact"} or super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Audit log")} | (extra_context or {}))

    @admin.display(description=gettext_lazy("when"))
    def when(self, event: Event) -> str:
        return moment(event.at)

    @admin.display(description=gettext_lazy("who"))
    def by(self, event: Event) -> str:
        return event.who_name or "–"

    @admin.display(description=gettext_lazy("what"))
    def what(self, event: Event) -> str:
        title = event.title or (f"{event.kind} {event.thing}" if event.kind else "–")
        url = address_of(event)
        return format_html('<a href="{}">{}</a>', url, title) if url else title

    @admin.display(description=gettext_lazy("details"))
    def more(self, event: Event) -> str:
        told = [f"{name}: {_plainly(value)}" for name, value in event.details.items()]
        return "; ".join(told)[:300]

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view(self.export)
        return [path("export/<str:shape>/", guarded, name="blog_event_export"), *super().get_urls()]

    def export(self, request: HttpRequest, shape: str) -> HttpResponse | StreamingHttpResponse:
        """What the list shows with the same parameters, all of it, streamed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if shape not in SHAPES:
            raise Http404
        events = self.get_changelist_instance(request).get_queryset(request)
        kind, write = SHAPES[shape]
        answer = StreamingHttpResponse(write(audit.in_order(events)), content_type=kind)
        day = timezone.now().astimezone(UTC).date()
        answer["Content-Disposition"] = f'attachment; filename="audit-{day}.{shape}"'
        answer["Cache-Control"] = "no-store"
        return answer


def _plainly(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def address_of(event: Event) -> str:
    """Where the thing is edited; empty where it can't be."""
    if event.kind == "operation":
        return reverse("admin:blog_operation_changelist")
    if not event.kind or event.thing is None or event.verb.endswith((".deleted", ".merged")):
        return ""
    for app in ("blog", "auth"):
        try:
            return reverse(f"admin:{app}_{event.kind}_change", args=[event.thing])
        except NoReverseMatch:
            continue
    return ""


def as_lines(events: Iterator[Event]) -> Iterator[str]:
    """JSON, one object a line (https://jsonlines.org)."""
    for event in events:
        yield json.dumps(audit.as_record(event), ensure_ascii=False) + "\n"


class _Echo:
    def write(self, text: str) -> str:
        return text


def as_csv(events: Iterator[Event]) -> Iterator[str]:
    """RFC 4180 with a head; no cell is a formula."""
    writer = csv.writer(_Echo())
    yield writer.writerow(audit.COLUMNS)
    for event in events:
        yield writer.writerow(audit.as_cells(audit.as_record(event)))


SHAPES: dict[str, tuple[str, Callable[[Iterator[Event]], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "jsonl": ("application/jsonl; charset=utf-8", as_lines),
}
