"""Whether a copy still shows what is committed.

An *era* is a span of time in which no reader could have noticed a change: the stamp stayed, and no post appeared or
expired. A copy bears the era in which it was made and is true as long as that is the present one. What the process
knows of the present it knows for a second at most from when PostgreSQL was asked, and never beyond the next instant at
which something is due; both are one number, `until`, on the clock that nobody sets.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from threading import Condition

from django.conf import settings
from django.utils import timezone

from blog.models.move import Stamp

from . import numbers

LEASE = 1.0
"""Seconds after asking for which an answer is good: no copy outlives a commit by more."""


class Era:
    """Equal to itself alone. A page shows it if it was begun at `since` or later, from a database that has come to
    `stamp`."""

    __slots__ = ("since", "stamp")

    def __init__(self, since: datetime, stamp: str) -> None:
        self.since, self.stamp = since, stamp


class Freshness:
    """`era` and `until` are read without a lock, in this order; who writes them does it in this order too."""

    def __init__(self, lease: float = LEASE) -> None:
        self.lease = lease
        self.era: Era | None = None
        self.until = 0.0
        self.changed = Condition()
        self.lost = False
        """Whether nothing will be learned for the time being, so that nobody need wait for it."""
        self.learned_at = 0.0
        self._stamp = ""
        self._at: datetime | None = None
        self._instants: tuple[datetime, ...] = ()

    def learn(self, stamp: Stamp, *, asked: float, at: datetime) -> None:
        """Take note of what PostgreSQL answered when it was `asked` (time.monotonic()), at the instant `at`."""
        with self.changed:
            if (
                self.era is None
                or stamp.text != self._stamp
                or self._at is None
                or at < self._at  # the clock was set back: some copies would show what is not due yet
                or any(instant <= at for instant in self._instants)
            ):
                self.era = Era(at, stamp.text)
                numbers.moves.add()
            self._stamp, self._at = stamp.text, at
            self._instants = tuple(sorted({*stamp.instants, *midnights(at)}))
            due = [(instant - at).total_seconds() for instant in self._instants if instant > at]
            self.until = asked + min([self.lease, *due])
            self.learned_at, self.lost = asked, False
            self.changed.notify_all()

    def lose(self) -> None:
        """There is nobody to learn from."""
        with self.changed:
            self.lost = True
            self.changed.notify_all()

    def is_present(self, era: Era | None) -> bool:
        return era is not None and era is self.era and time.monotonic() < self.until

    def present(self, *, at: datetime, patience: float) -> Era | None:
        """The present era at the instant `at` (aware, now), waiting up to `patience` seconds where it is not known;
        then None."""
        with self.changed:
            self.changed.wait_for(lambda: self._goes_on(at), patience)
            return self.era if time.monotonic() < self.until else None  # also where it was lost

    def _goes_on(self, at: datetime) -> bool:
        now = time.monotonic()
        if now < self.until or self.lost:
            return True
        if self.era is None or self._at is None or now >= self.learned_at + self.lease:
            return False
        # Something was due, and is: nobody need be asked. `at` may lie a moment before it, for it is another clock's.
        reached = max(at, self._at + timedelta(seconds=now - self.learned_at))
        since = max((one for one in self._instants if one <= reached), default=reached)
        self.era = Era(since, self._stamp)
        numbers.moves.add()
        self._instants = tuple(instant for instant in self._instants if instant > reached)
        due = [now + (instant - reached).total_seconds() for instant in self._instants]
        self.until = min([self.learned_at + self.lease, *due])
        return True


def midnights(at: datetime) -> list[datetime]:
    """The next midnight of the site's zone, where pages say how many years old a post is: it turns old with the day."""
    if not settings.AGE_NOTICE_YEARS:
        return []
    day = timezone.localtime(at, timezone.get_default_timezone()).date() + timedelta(days=1)
    return [datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())]
