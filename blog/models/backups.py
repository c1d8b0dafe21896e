"""When the newest backup was made, and when one was last proven to work: lines of the audit log.

On every machine of the site the same, and no table of their own is needed for it.
"""

from __future__ import annotations

from datetime import datetime

from .event import Event

MADE, VERIFIED = "backup.made", "backup.verified"


def newest(verb: str = MADE) -> datetime | None:
    """When that was done last; None: never, or the line was forgotten. One probe of an index."""
    return Event.objects.filter(verb=verb).order_by("-at", "-id").values_list("at", flat=True).first()
