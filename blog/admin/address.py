from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from blog.models import Address
from blog.models.address import TARGETS

from .base import BlogAdmin, link_to


@admin.register(Address)
class AddressAdmin(BlogAdmin):
    """Former addresses come about by themselves; here they are looked up, and at most thrown away."""

    list_display = ["path", "leads_to", "created_at"]
    list_select_related = TARGETS
    sortable_by = ["path"]
    ordering = ["path"]
    search_fields = ["path"]
    fields = ("path", "leads_to", "created_at")
    readonly_fields = fields

    @admin.display(description=_("leads to"))
    def leads_to(self, address: Address) -> str:
        return link_to(address.target)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
