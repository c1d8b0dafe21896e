from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .figure import Figure, originals


class FigureVersion(models.Model):
    """A file that a figure had, or may get: kept with all that is known of it, so that it can take the present one's
    place without being uploaded again."""

    class Kind(models.TextChoices):
        FORMER = "former", _("Former")
        PROPOSED = "proposed", _("Proposed")

    figure = models.ForeignKey(Figure, on_delete=models.CASCADE, related_name="versions")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.FORMER)
    image = models.FileField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    graphic = models.BooleanField(default=False)
    animated = models.BooleanField(default=False)
    original = models.FileField(storage=originals, max_length=200)
    original_name = models.CharField(max_length=200, blank=True)
    content_hash = models.CharField(max_length=64)
    look = models.BigIntegerField(null=True)
    weight = models.BigIntegerField(null=True)
    at = models.DateTimeField(help_text="When it was replaced; of a proposed one, when it was uploaded.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(name="version_has_size", condition=Q(width__gt=0) & Q(height__gt=0)),
        ]
        indexes = [
            models.Index(fields=["figure", "-at", "-id"], name="version_newest"),
            models.Index(fields=["image"], name="version_image"),
        ]

    def __str__(self) -> str:
        return self.original_name or f"{self.width} × {self.height}"
