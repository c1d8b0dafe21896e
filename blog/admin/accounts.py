"""Accounts and groups for those who give roles without having all of them: nobody makes an administrator, touches one,
or gives something to oneself."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from blog.publishing.roles import ROLES

from .access import RefusesActions
from .logins import AuditedRights

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class Accounts(AuditedRights, RefusesActions, UserAdmin):
    list_display = ["username", "first_name", "last_name", "email", "roles", "is_active", "last_login"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        if user.is_superuser:
            return gettext("administrator")
        return ", ".join(sorted(group.name for group in user.groups.all())) or "–"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = [*super().get_readonly_fields(request, obj)]
        if not _is_administrator(request):
            fixed += ["is_superuser", "user_permissions"]
            if obj is not None and obj.pk == request.user.pk:
                fixed += ["groups", "is_staff", "is_active"]
        return fixed

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        oneself = obj is not None and obj.pk == request.user.pk
        return super().has_delete_permission(request, obj) and _may_touch(request, obj) and not oneself


@admin.register(Group)
class Groups(AuditedRights, RefusesActions, GroupAdmin):
    """The four roles are what the software says; others may be made beside them. Those who are no administrators give
    no permission that they lack."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = [*super().get_readonly_fields(request, obj)]
        return [*fixed, "name", "permissions"] if obj is not None and obj.name in ROLES else fixed

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and _is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or _is_administrator(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or _is_administrator(request))


def _is_administrator(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)


def _may_touch(request: HttpRequest, user: Any) -> bool:
    return user is None or not user.is_superuser or _is_administrator(request)
