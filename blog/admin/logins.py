"""What accounts do and are given, in the audit log: logins and refusals, rights, members of roles."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from blog.models import Event
from blog.publishing import audit

from .audit import Audited

A_MINUTE = timedelta(minutes=1)
MOST_REFUSALS = 60
"""Refused logins that one minute leaves in the log: whoever tries a million passwords does not fill the disk."""
RIGHTS = frozenset({"groups", "user_permissions", "permissions", "is_superuser", "is_staff", "is_active"})


class AuditedRights(Audited):
    """For the admins of users and groups: after a change of rights, the log has those that there are now."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not RIGHTS & set(form.changed_data):
            return
        holder, told = form.instance, {}
        for name in ("groups", "user_permissions", "permissions"):
            if name in form.cleaned_data or name in form.changed_data:
                told[name] = sorted(map(str, getattr(holder, name).all()))
        for name in ("is_superuser", "is_staff", "is_active"):
            if hasattr(holder, name):
                told[name] = getattr(holder, name)
        verb = f"{holder._meta.model_name}.rights_changed"
        audit.record(verb, holder, by=request.user, at=timezone.now(), **told)


@receiver(user_logged_in)
def logged_in(sender: Any, user: Any, **more: Any) -> None:
    audit.record("login.succeeded", user, by=user, at=timezone.now())


@receiver(user_logged_out)
def logged_out(sender: Any, user: Any, **more: Any) -> None:
    if user is not None and user.pk:
        audit.record("login.ended", user, by=user, at=timezone.now())


@receiver(user_login_failed)
def refused(sender: Any, credentials: dict[str, Any], **more: Any) -> None:
    """Names an account that exists, and nothing else that was typed: people type passwords into the wrong field."""
    note_refusal("login.failed", str(credentials.get(get_user_model().USERNAME_FIELD, "")), at=timezone.now())


def note_refusal(verb: str, typed: str, *, at: datetime, **details: Any) -> None:
    """Adds a line about somebody who was not let in; `typed` is what stands in the field for the name."""
    users = get_user_model()
    lately = Event.objects.filter(verb=verb, at__gt=at - A_MINUTE).order_by()
    if lately.values("pk")[:MOST_REFUSALS].count() >= MOST_REFUSALS:
        return
    typed = typed[:150].encode(errors="replace").decode()
    known = None
    if "\0" not in typed:
        known = users._default_manager.filter(**{users.USERNAME_FIELD: typed}).first()
    audit.record(verb, known, by=None, at=at, **details)
