from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from typing import Any

from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone
from django_tasks_db.management.commands import db_worker

from blog.pages.away import is_outage
from blog.publishing import unfinished, workers
from blog.publishing.appointments import Clock

logger = logging.getLogger("django_tasks_db")


class Patient(db_worker.Worker):
    """Waits while the database is away, where django-tasks' own worker ends."""

    def run(self) -> None:
        away = False
        while True:
            try:
                if away:
                    # What it was at when the database went could not even be noted to have failed.
                    unfinished.release(self.worker_id, at=timezone.now())
                    logger.warning("The database is back; the worker goes on.")
                    away = False
                return super().run()
            except (DatabaseError, InterfaceError) as trouble:
                if self.batch or not is_outage(trouble):
                    raise
                if not away:
                    why = str(trouble).partition("\n")[0]
                    logger.warning("The database is away (%s); the worker waits.", why)
                away, self.startup_delay = True, False
                connections.close_all()
                time.sleep(1)


class Command(db_worker.Command):
    """django-tasks' worker, which also keeps the appointments of drafts, and bears it when the database goes away."""

    def handle(
        self, *args: Any, worker_id: str, batch: bool = False, reload: bool = False, **options: Any
    ) -> None:
        db_worker.Worker = Patient  # type: ignore[misc]  # django-tasks' command makes it by this name
        with ExitStack() as held:
            if batch or reload:  # a run that ends by itself promises nothing but to do what it has begun
                held.enter_context(workers.named(worker_id))
            else:
                Clock(timezone.now, worker_id).start()
            super().handle(*args, worker_id=worker_id, batch=batch, reload=reload, **options)
