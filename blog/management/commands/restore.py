from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from blog.management.stopping import end_in_order
from blog.models.servers import CannotWork
from blog.transfer.backup.restoring import restore


class Command(BaseCommand):
    help = "Brings back a site from a file of `backup`: checked, restored beside the present one, then exchanged."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--overwrite", action="store_true", help="There is a site already, whose database is replaced."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        end_in_order()
        try:
            done = restore(
                options["file"],
                overwrite=options["overwrite"],
                say=self.stdout.write if options["verbosity"] > 1 else str,
            )
        except CannotWork as error:
            raise CommandError(str(error)) from None
        self.stdout.write(self.style.SUCCESS(f"Restored: {done.rows:,} rows, {done.files:,} files written."))
        if done.former:
            self.stderr.write(f"The former database could not be dropped; it is now called {done.former}.")
        if done.pending:
            self.stdout.write(
                f"The backup is older than this program by {len(done.pending)} migrations: run migrate."
            )
