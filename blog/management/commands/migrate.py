from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate

from blog.operating.schema.migrating import StillInUse, alone, until_it_fits


class Command(migrate.Command):
    help = "Django's own, safe beside traffic: one at a time, never in readers' way, and repeatable after any end."

    def handle(self, *args: Any, **options: Any) -> Any:
        looks_only = options["plan"] or options["check_unapplied"] or options["prune"]
        if looks_only or options["database"] != "default":
            return super().handle(*args, **options)
        say = self.stderr.write if options["verbosity"] else str
        try:
            with alone(say):
                return until_it_fits(lambda: super(Command, self).handle(*args, **options), say)
        except StillInUse as error:
            raise CommandError(str(error)) from None
