from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from blog.management.stopping import end_in_order
from blog.models.servers import CannotWork
from blog.transfer.backup.verifying import verify


class Command(BaseCommand):
    help = "Restores a backup into a scratch database and compares rows, files and pages. The site is not touched."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        end_in_order()
        say = self.stdout.write if options["verbosity"] > 1 else str
        try:
            found = verify(options["file"], at=timezone.now(), say=say)
        except CannotWork as error:
            raise CommandError(str(error)) from None
        for name in found.missing:
            self.stderr.write(self.style.WARNING(f"{name} was missing already when the backup was made."))
        pages = f"{found.pages} pages answer as then"
        pages += (
            f"; their bytes were not compared: {found.not_compared}."
            if found.not_compared
            else ", byte for byte."
        )
        self.stdout.write(
            self.style.SUCCESS(
                f"The backup of {found.made_at:%Y-%m-%d %H:%M} UTC works: {found.rows:,} rows and {found.files:,} "
                f"files are as they were, {pages}"
            )
        )
