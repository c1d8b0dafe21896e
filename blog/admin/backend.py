"""Django's accounts, asked in two queries where it takes four: every page of the admin begins with them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Q


class Accounts(ModelBackend):
    """An account comes with what it has chosen for the admin, its own permissions with those of its groups."""

    def get_user(self, user_id: Any) -> Any:
        accounts: Any = get_user_model()._default_manager.select_related("preference")
        found = accounts.filter(pk=user_id).first()
        return found if found is not None and self.user_can_authenticate(found) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if "_perm_cache" not in user_obj.__dict__:
            rights = Permission.objects.order_by()
            if not user_obj.is_superuser:
                own, groups = rights.filter(user=user_obj), rights.filter(group__user=user_obj)
                rights = rights.filter(Q(pk__in=own.values("pk")) | Q(pk__in=groups.values("pk")))
            names = rights.values_list("content_type__app_label", "codename")
            user_obj._perm_cache = {f"{app}.{name}" for app, name in names}
        return user_obj._perm_cache
