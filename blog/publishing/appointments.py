"""Drafts on top that are to appear at an instant. A worker sleeps until just before it, makes everything ready in a
transaction, and commits at the very instant, so that all of it changes at once.

Where no worker runs, whoever saves the post first brings its due draft out (`editing.save`), and `late` tells.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from blog.models import Post
from blog.models.move import CHANNEL

from . import editing, purging, unfinished, workers

LEAD = timedelta(milliseconds=400)
"""How long before the instant a draft is made ready. Its post, and no other, can't be saved meanwhile."""
LONGEST = timedelta(minutes=1)
"""Without a word for so long, the worker looks by itself: an operator may have changed rows by hand."""
PATIENCE = timedelta(seconds=10)
"""What is overdue by more is late: no worker was there."""

logger = logging.getLogger(__name__)


def next_due() -> datetime | None:
    """The earliest appointment there is, past ones too. One index entry is read."""
    waiting = Post.objects.kept().filter(draft_at__isnull=False, draft__isnull=False)
    return waiting.order_by("draft_at").values_list("draft_at", flat=True).first()


def late(at: datetime) -> int:
    """How many drafts should have appeared some time before `at` and have not."""
    return Post.objects.kept().filter(draft_at__lt=at - PATIENCE, draft__isnull=False).count()


class Clock(threading.Thread):
    """A worker’s own: says that it is alive, keeps the appointments, takes up what others were at who are not, and sees
    to the CDN.

    Args:
        now: tells the time.
        worker: by which name the worker's tasks are known.
    """

    def __init__(self, now: Callable[[], datetime], worker: str = "") -> None:
        super().__init__(name="appointments", daemon=True)
        self.now = now
        self.worker = worker
        self.away = False
        self.stopping = threading.Event()

    def stop(self) -> None:
        """Ends the thread soon."""
        self.stopping.set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [workers.CHANNEL])

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self.watch()
            except (DatabaseError, psycopg.Error) as trouble:
                if not self.away:
                    logger.warning("Appointments: the database is away (%s); trying again.", trouble)
                self.away = True
                self.stopping.wait(1)
            finally:
                connection.close()

    def watch(self) -> None:
        """Keeps appointments until told to stop. Raises what the connection raises when it is lost."""
        with _listening() as line:
            line.execute(workers.HOLD_NAME, [self.worker])
            if not settings.CDN:
                purging.stop()
            if self.away:
                logger.warning("Appointments: the database is back.")
            self.away = False
            while not self.stopping.is_set():
                close_old_connections()
                unfinished.take_up(at=self.now())
                unfinished.forget(at=self.now())
                quiet = purging.look(at=self.now()) if settings.CDN else LONGEST
                due = next_due()
                ahead = LONGEST if due is None else due - LEAD - self.now()
                if ahead <= timedelta(0):
                    self.keep(due)
                    continue
                for _ in line.notifies(timeout=min(ahead, quiet, LONGEST).total_seconds(), stop_after=1):
                    pass  # an appointment has been made or moved, something is to be purged, or it is time

    def keep(self, due: datetime | None) -> None:
        """Brings out what is due at that instant, or overdue."""
        if due is not None:
            editing.publish_due(at=max(due, self.now()), hold=lambda: self.wait_for(due))

    def wait_for(self, due: datetime) -> None:
        while (left := (due - self.now()).total_seconds()) > 0:
            self.stopping.wait(left)


def _listening() -> psycopg.Connection:
    """A connection of its own: what is held and listened to belongs to a session."""
    line = workers.session()
    line.execute(workers.HOLD, [workers.AT_WORK])
    line.execute(f"LISTEN {workers.CHANNEL}")
    if settings.CDN:
        line.execute(f"LISTEN {CHANNEL}")
    return line
