from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LASTS = timedelta(days=30)
"""How long an operation can be taken back."""


class Operation(models.Model):
    """Something that was done to several rows at once and can be taken back as a whole. `publishing.undo` does it.

    `inverse` says what the rows were and what they became, as plain JSON; its shape is the business of the verb that
    wrote it.
    """

    verb = models.CharField(max_length=60)
    sentence = models.CharField(max_length=300, help_text=_("What was done, as editors read it."))
    made_at = models.DateTimeField()
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    inverse = models.JSONField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )

    class Meta:
        verbose_name_plural = _("recent operations")
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(fields=["-made_at", "-id"], name="operation_newest"),
            models.Index(fields=["who", "-made_at", "-id"], name="operation_who"),
        ]

    def __str__(self) -> str:
        return self.sentence

    def can_be_undone(self, at: datetime) -> bool:
        """Whether it still may be at the instant `at` (aware); what has changed since may yet prevent it."""
        return self.undone_at is None and at < self.made_at + LASTS
