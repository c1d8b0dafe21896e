from __future__ import annotations

from django.db import models
from django.db.models import Q

LONGEST = 2_000  # bytes: no server takes longer ones, and PostgreSQL's index rows end at 2,704


class LinkCheck(models.Model):
    """What an address outside this site answered when it was asked last. `publishing.links` writes it.

    An address that has never been asked has neither `status` nor `checked_at`. One failure may be the network's:
    `failures` counts those in a row, and the rules decide how many make a finding.
    """

    url = models.CharField(max_length=LONGEST)
    status = models.PositiveSmallIntegerField(
        null=True, help_text="Of the last answer (RFC 9110); empty: none came."
    )
    note = models.CharField(max_length=300, blank=True, help_text="What was answered, in words.")
    checked_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    due_at = models.DateTimeField(help_text="Not asked before.")

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["url"], name="linkcheck_once"),
            models.CheckConstraint(
                name="linkcheck_is_web",
                condition=Q(url__startswith="http://") | Q(url__startswith="https://"),
            ),
            models.CheckConstraint(
                name="linkcheck_failing_since_known",
                condition=Q(failures=0, failing_since__isnull=True)
                | Q(failures__gt=0, failing_since__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["due_at", "id"], name="linkcheck_due")]

    def __str__(self) -> str:
        return self.url
