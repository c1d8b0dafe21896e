from django.db import models
from django.dispatch import Signal

nothing_found = Signal()
"""Sent with `text` and the instant `at` by whoever answers a search that found nothing. Receivers must cost nothing: a
reader is waiting."""


class MissedSearch(models.Model):
    """How often readers searched for words that nothing holds, on one day. Nothing is kept of who asked, and what looks
    like an address or a number of somebody's is not kept at all; `publishing.misses` decides and writes."""

    words = models.CharField(max_length=80, help_text="In lower case, single blanks between them.")
    day = models.DateField()
    times = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "missed searches"
        ordering = ["-day", "-times", "words"]
        constraints = [models.UniqueConstraint(fields=["day", "words"], name="missedsearch_once_a_day")]

    def __str__(self) -> str:
        return self.words
