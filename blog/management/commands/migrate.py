from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import Error

from blog.models.servers import CannotWork
from blog.operating.schema import rehearsing
from blog.operating.schema.migrating import StillInUse, alone, until_it_fits


class Command(migrate.Command):
    help = "Django's own, safe beside traffic: one at a time, never in readers' way, and repeatable after any end."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--rehearse",
            action="store_true",
            help="Change nothing: run what is pending in an empty copy, and tell its SQL, locks, rows and time.",
        )

    def handle(self, *args: Any, **options: Any) -> Any:
        if options.get("rehearse"):
            return self.rehearse()
        looks_only = options["plan"] or options["check_unapplied"] or options["prune"]
        if looks_only or options["database"] != "default":
            return super().handle(*args, **options)
        say = self.stderr.write if options["verbosity"] else str
        try:
            with alone(say):
                return until_it_fits(lambda: super(Command, self).handle(*args, **options), say)
        except StillInUse as error:
            raise CommandError(str(error)) from None

    def rehearse(self) -> None:
        """Prints what each pending migration will do."""
        seen = 0
        try:
            for seen, one in enumerate(rehearsing.rehearse(), start=1):  # noqa: B007
                self.tell(one)
        except CannotWork as error:
            raise CommandError(str(error)) from None
        except Error as error:
            raise CommandError(f"It would fail: {str(error).strip()}\nNothing was changed.") from error
        if not seen:
            self.stdout.write("Nothing is pending.")
            return
        for who in rehearsing.in_the_way():
            self.stdout.write(f"At work now, and perhaps to be waited for: {who}")
        self.stdout.write(f"{seen} migrations would run. Nothing was changed.")

    def tell(self, one: rehearsing.Rehearsed) -> None:
        """Prints one."""
        kind = "in one transaction, all locks to its end" if one.atomic else "each statement by itself"
        self.stdout.write(self.style.MIGRATE_HEADING(f"{one.name} ({kind})"))
        for step in one.steps:
            self.stdout.write(f"  {step.words[:200]}{' …' if len(step.words) > 200 else ''}")
            for table, mode in sorted(step.locks.items()):
                rewritten = "; the table is rewritten" if table in step.rewrites else ""
                kind = mode.removesuffix("Lock")
                self.stdout.write(f"      {kind} on {table}: {rehearsing.waits(mode)}{rewritten}")
        if not one.held:
            self.stdout.write("  No table in use is locked.")
        for table in sorted(one.rows):
            self.stdout.write(f"  {table}: about {one.rows[table]:,} rows, {one.bytes[table] / 1e6:,.1f} MB")
        self.stdout.write(f"  About {one.seconds:.1f} s")
        for words in one.dangers:
            self.stdout.write(self.style.WARNING(f"  Unsafe: {words}"))
