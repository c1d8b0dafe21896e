from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """Somebody did something: one line of the audit log. Rows are added and never changed; PostgreSQL refuses it.

    Names are kept beside the keys, so that a line still says who and what when both are long gone. `publishing.audit`
    writes it, in the transaction of the deed.
    """

    at = models.DateTimeField()
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    who_name = models.CharField(max_length=150, blank=True, help_text=_("Empty where nobody was logged in."))
    verb = models.CharField(max_length=60, help_text=_("Such as post.published."))
    kind = models.CharField(max_length=60, blank=True, help_text=_("What it was done to, such as post."))
    thing = models.BigIntegerField(null=True, help_text=_("Its key."))
    title = models.CharField(max_length=250, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = _("audit log")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="event_newest"),
            models.Index(fields=["verb", "-at", "-id"], name="event_verb"),
            models.Index(fields=["who", "-at", "-id"], name="event_who"),
            models.Index(fields=["kind", "thing", "-at", "-id"], name="event_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.title}".strip()
