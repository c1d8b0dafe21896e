from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from blog.transfer.demo import load as demo


class Command(BaseCommand):
    help = "Write the demo edition: nine posts with their authors, categories, series and diagrams."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="Do nothing when the blog holds posts or figures already."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and not demo.is_needed():
            return
        quiet = options["verbosity"] == 0
        started = time.monotonic()
        done = demo.load(
            at=timezone.now(), progress=lambda line: None if quiet else self.stdout.write(f"{line} …")
        )
        seconds = time.monotonic() - started
        if not quiet:
            self.stdout.write(
                f"Demo edition: {done.posts} posts and {done.figures} figures written in {seconds:.1f} s."
            )
