import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from blog.models import LinkCheck
from blog.publishing import links
from blog.publishing.rules.links import is_broken


class Command(BaseCommand):
    help = (
        "Ask the addresses that published posts link to whether they still answer: those that are due, each host once "
        "a second at most. `check_posts` and the form of a post tell what was found."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--again", action="store_true", help="ask for all, also those that are not due")

    def handle(self, *args: Any, again: bool, **options: Any) -> None:
        if again:
            LinkCheck.objects.update(due_at=timezone.now())
        asked = broken = 0
        for asked, row in enumerate(links.check_all(now=timezone.now, pause=time.sleep), start=1):  # noqa: B007
            if row.failures:
                broken += is_broken(row)
                self.stdout.write(f"{row.url}: {row.note}")
        self.stdout.write(f"{asked:,} addresses asked, {broken:,} of them broken.")
