"""What readers search for in vain, counted by day.

A reader's request only adds to a count in memory; a thread of the process writes what has gathered every half minute,
in one statement. What was not written when the process ends is lost: these are hints, not accounts.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from blog.models import MissedSearch
from blog.models.missed_search import nothing_found

log = logging.getLogger(__name__)

EVERY = 30.0  # seconds between two writings
MOST_WAITING = 500  # different words in memory
MOST_A_DAY = 1_000  # rows of one day
KEPT = timedelta(days=90)
LONGEST = 80

ADD = """
    INSERT INTO blog_missedsearch AS old (words, day, times)
    SELECT given.words, given.day, given.times
    FROM unnest(%s::text[], %s::date[], %s::int[]) AS given (words, day, times)
    WHERE (SELECT count(*) FROM blog_missedsearch AS kept WHERE kept.day = given.day) < %s
        OR EXISTS (SELECT FROM blog_missedsearch AS kept WHERE kept.day = given.day AND kept.words = given.words)
    ORDER BY given.day, given.words
    ON CONFLICT (day, words) DO UPDATE SET times = old.times + EXCLUDED.times
"""


def kept_words(text: str) -> str:
    """The words as they are counted; empty for what may be somebody's own: addresses, long numbers, whole passages."""
    words = " ".join(text.replace("\0", " ").lower().split())
    if not 2 <= len(words) <= LONGEST or "@" in words or "://" in words:
        return ""
    if len(re.findall(r"\d", words)) > 6 or len(words.split()) > 8:
        return ""
    return words if words.isprintable() else ""


class Gathering:
    """Counts that wait to be written."""

    def __init__(self) -> None:
        self._waiting: Counter[tuple[date, str]] = Counter()
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None

    def add(self, text: str, at: datetime) -> None:
        """Costs a few microseconds and never fails."""
        key = (at.date(), kept_words(text))
        if not key[1]:
            return
        with self._lock:
            if key in self._waiting or len(self._waiting) < MOST_WAITING:
                self._waiting[key] += 1
            if settings.KEEP_MISSED_SEARCHES and (self._writer is None or not self._writer.is_alive()):
                self._writer = threading.Thread(target=self._write_later, name="missed-searches", daemon=True)
                self._writer.start()

    def _write_later(self) -> None:
        """Writes once, and ends: the next miss starts another thread."""
        threading.Event().wait(EVERY)
        try:
            self.flush()
        except DatabaseError:
            log.warning("missed searches were not written: the database is away")
        finally:
            close_old_connections()
            connection.close()

    def flush(self) -> int:
        """Writes what waits; returns how many rows that were. Old days are forgotten along."""
        with self._lock:
            waiting, self._waiting = self._waiting, Counter()
        if not waiting:
            return 0
        days, words = [day for day, _ in waiting], [text for _, text in waiting]
        with connection.cursor() as cursor:
            cursor.execute(ADD, [words, days, list(waiting.values()), MOST_A_DAY])
            written = cursor.rowcount
        MissedSearch.objects.filter(day__lt=max(days) - KEPT).delete()
        return written


GATHERING = Gathering()


def listen() -> None:
    """From now on, this process gathers."""
    nothing_found.connect(_gather, dispatch_uid="missed-searches")


def _gather(sender: Any, text: str, at: datetime, **more: Any) -> None:
    GATHERING.add(text, at)
