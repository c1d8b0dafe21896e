from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from blog.management.stopping import end_in_order
from blog.models.servers import CannotWork
from blog.transfer.backup.making import PAGES, backup


class Command(BaseCommand):
    help = "Writes the whole site into one file, from one snapshot, while editors and readers go on."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--overwrite", action="store_true", help="The file may exist and is replaced.")
        parser.add_argument(
            "--pages",
            type=int,
            default=PAGES,
            metavar="N",
            help=f"About how many pages verify_backup shall compare byte by byte (default {PAGES}; 0: none).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        end_in_order()
        if options["pages"] < 0:
            raise CommandError("--pages takes a number from 0.")
        try:
            made = backup(
                options["file"],
                at=timezone.now(),
                overwrite=options["overwrite"],
                pages=options["pages"],
                say=self.stdout.write if options["verbosity"] > 1 else str,
            )
        except CannotWork as error:
            raise CommandError(str(error)) from None
        for name in made.missing:
            self.stderr.write(self.style.WARNING(f"{name} is named by the database and is not there."))
        self.stdout.write(
            self.style.SUCCESS(
                f"{options['file']}: {made.bytes:,} bytes with {made.rows:,} rows, {made.files:,} files and "
                f"{made.pages} pages to compare. SHA-256 {made.digest}"
            )
        )
