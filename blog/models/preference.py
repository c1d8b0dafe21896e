from __future__ import annotations

from django.conf import settings
from django.db import models


class Preference(models.Model):
    """What an editor has chosen for the admin. Readers' pages know nothing of it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="preference"
    )
    time_zone = models.CharField(
        max_length=64, blank=True, help_text="A name of the IANA database; empty: the site's."
    )
    mail = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Whether to be written to about reviews, where the site sends mail.",
    )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.time_zone or 'the site’s time zone'}"
