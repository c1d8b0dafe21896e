"""The one word for public. Every question “may a reader see it?” ends here."""

from datetime import datetime

from django.db.models import Q


def within(at: datetime) -> Q:
    """Rows whose `published_at` has come and whose `expires_at` has not, at the instant `at` (aware)."""
    return Q(published_at__lte=at) & (Q(expires_at__isnull=True) | Q(expires_at__gt=at))


def is_within(published_at: datetime | None, expires_at: datetime | None, at: datetime) -> bool:
    """The twin of `within` for one row in memory."""
    return published_at is not None and published_at <= at and (expires_at is None or expires_at > at)
