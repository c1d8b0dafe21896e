from typing import Any

from django.utils import timezone
from django_tasks_db.management.commands import db_worker

from blog.publishing.appointments import Clock


class Command(db_worker.Command):
    """django-tasks' worker, which also keeps the appointments of drafts."""

    def handle(self, *args: Any, batch: bool = False, reload: bool = False, **options: Any) -> None:
        if not batch and not reload:  # a run that ends by itself promises nothing
            Clock(timezone.now).start()
        super().handle(*args, batch=batch, reload=reload, **options)
