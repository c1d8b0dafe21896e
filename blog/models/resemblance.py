"""Which figures look alike, found when a picture comes in: comparing all with all takes minutes in a large library."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from .figure import Figure

ALIKE = 6
"""Bits of 64 that may differ between two pictures that look alike. Of the demo edition's 17 drawings, more compression
(JPEG at 40, WebP at 50) and three quarters of the size change four at most; half the size more than six in three of
them, and so is not always noticed. Different drawings lie 12 or more apart."""


class Resemblance(models.Model):
    """A figure looks like another; there is a row for each of both."""

    figure = models.ForeignKey(Figure, on_delete=models.CASCADE, related_name="resemblances", db_index=False)
    other = models.ForeignKey(Figure, on_delete=models.CASCADE, related_name="+")
    distance = models.PositiveSmallIntegerField(help_text="Bits that differ; 0: none.")

    class Meta:
        ordering = ["distance", "id"]
        constraints = [
            models.UniqueConstraint(fields=["figure", "other"], name="resemblance_once"),
            models.CheckConstraint(name="resemblance_of_another", condition=~Q(figure=F("other"))),
        ]

    def __str__(self) -> str:
        return f"{self.figure_id} like {self.other_id}"
