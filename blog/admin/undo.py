"""What was done to many rows lately, and the button that takes it back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Operation
from blog.publishing import bulk, scheduling, undo

from .access import demand
from .base import BlogAdmin
from .state import moment

# What one must be allowed to, to take such an operation back; of merges and new names, it is the thing that decides.
NEEDED = {
    bulk.VERB.format(kind): {bulk.TRASH: "blog.delete_post"}.get(kind, "blog.publish_post")
    for kind in bulk.LIVING
} | {bulk.VERB.format(kind): "blog.change_post" for kind in bulk.FILING}
NEEDED[scheduling.MOVED] = "blog.publish_post"


def may_undo(user: Any, operation: Operation) -> bool:
    """Whether the user may take it back: what they did themselves, and others' with the right to change others' posts,
    as long as they may still do the like."""
    if not (operation.who_id == user.pk or user.has_perm("blog.edit_any_post")):
        return False
    kind = operation.inverse.get("kind")
    needed = f"blog.change_{kind}" if kind else NEEDED.get(operation.verb, "blog.edit_any_post")
    return bool(user.has_perm(needed))


def tell(request: HttpRequest, text: str, operation: Operation | None, level: int = messages.SUCCESS) -> None:
    """A message with the button that takes back what it tells of."""
    if operation is None:
        messages.add_message(request, level, text)
        return
    form = format_html(
        '{} <form method="post" action="{}" class="undo"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button type="submit" class="undo-button" data-shortcut="z">{}</button></form>',
        text, reverse("admin:blog_operation_undo", args=[operation.pk]), get_token(request), _("Undo"),
    )  # fmt: skip
    messages.add_message(request, level, form)


@admin.register(Operation)
class OperationAdmin(BlogAdmin):
    """Read-only but for one button."""

    list_display = ["what", "when", "who", "standing"]
    list_display_links = None
    list_select_related = ["who", "undone_by"]
    ordering = ["-made_at", "-id"]
    sortable_by = ()
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        rows = super().get_queryset(request)
        return rows if request.user.has_perm("blog.edit_any_post") else rows.filter(who=request.user.pk)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("blog.change_post") or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view(self.undo_view)
        return [path("<int:key>/undo/", guarded, name="blog_operation_undo"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Recent operations")} | (extra_context or {}))

    @admin.display(description=gettext_lazy("what was done"))
    def what(self, operation: Operation) -> str:
        return operation.sentence

    @admin.display(description=gettext_lazy("when"))
    def when(self, operation: Operation) -> str:
        return moment(operation.made_at)

    @admin.display(description=gettext_lazy("can be undone"))
    def standing(self, operation: Operation) -> str:
        if operation.undone_at:
            told = _("Undone by {name}, {when}").format(
                name=operation.undone_by or "–", when=moment(operation.undone_at)
            )
            return format_html("{}", told)
        if not operation.can_be_undone(timezone.now()):
            return _("Too long ago")
        # The list is a form already; the button sends it elsewhere.
        return format_html(
            '<button type="submit" class="undo-button" formmethod="post" formaction="{}" aria-label="{}">{}</button>',
            reverse("admin:blog_operation_undo", args=[operation.pk]),
            _("Undo: {what}").format(what=operation.sentence),
            _("Undo"),
        )

    def undo_view(self, request: HttpRequest, key: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"], _("Press “Undo” in the list of operations."))
        operation = get_object_or_404(Operation, pk=key) if key < 2**63 else None
        demand(operation is not None and may_undo(request.user, operation))
        assert operation is not None
        try:
            said = undo.undo(operation, at=timezone.now(), by=request.user)
        except undo.Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:blog_operation_changelist"))
