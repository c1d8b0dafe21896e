import csv
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from blog.models import Event
from blog.publishing import audit


class Command(BaseCommand):
    help = "Writes the audit log to the standard output, oldest line first; or forgets lines that are too old to keep."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", help="First instant, such as 2026-03-01 or 2026-03-01T12:00+01:00; UTC if bare."
        )
        parser.add_argument("--until", help="First instant that is left out.")
        parser.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")
        parser.add_argument(
            "--forget-before-days",
            type=int,
            metavar="DAYS",
            help="Delete the lines that are older, and write none.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["forget_before_days"]
        if days is not None:
            if not 1 <= days <= 36_500:
                raise CommandError("--forget-before-days takes a number from 1 to 36500.")
            gone = audit.forget(before=timezone.now() - timedelta(days=days))
            self.stdout.write(self.style.SUCCESS(f"{gone:,} lines forgotten."))
            return
        events = Event.objects.all()
        if options["since"]:
            events = events.filter(at__gte=instant(options["since"]))
        if options["until"]:
            events = events.filter(at__lt=instant(options["until"]))
        writer = csv.writer(self.stdout, lineterminator="\n")
        if options["format"] == "csv":
            writer.writerow(audit.COLUMNS)
        for record in map(audit.as_record, audit.in_order(events)):
            if options["format"] == "csv":
                writer.writerow(audit.as_cells(record))
            else:
                self.stdout.write(json.dumps(record, ensure_ascii=False))


def instant(text: str) -> datetime:
    """Raises CommandError for what is no date and no instant."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise CommandError(f"“{text}” is no date, such as 2026-03-01, and no instant.") from None
