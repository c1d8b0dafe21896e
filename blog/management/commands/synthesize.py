from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from blog.transfer.synthetic import corpus, load
from blog.transfer.synthetic.progress import NotEmpty

MOST = 5_000_000


class Command(BaseCommand):
    help = (
        "Fill an empty blog with posts that mean nothing, to measure what many of them cost: the same ones for the "
        "same number and length. May be stopped and repeated. Pictures are rows without files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--posts", type=int, required=True, help="how many; a million takes some 20 GB")
        parser.add_argument(
            "--words",
            type=int,
            default=corpus.WORDS,
            help=f"how long each text is; {corpus.WORDS} unless told otherwise",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError: the number makes no sense, posts are there already, or PgBouncer stands in between."""
        count, words = options["posts"], options["words"]
        if not 100 <= count <= MOST:
            raise CommandError(f"--posts {count}: from 100 to {MOST:,}.")
        if not corpus.FEWEST_WORDS <= words <= corpus.MOST_WORDS:
            raise CommandError(f"--words {words}: from {corpus.FEWEST_WORDS} to {corpus.MOST_WORDS:,}.")
        if settings.DATABASE_DIRECT:
            # It changes its sessions, which behind PgBouncer are other people's a moment later.
            raise CommandError(
                "This needs sessions of its own: let DATABASE_URL name the server itself, without DATABASE_DIRECT_URL."
            )
        began = time.monotonic()
        try:
            load.load_posts(count, words=words, say=self.stdout.write)
        except NotEmpty as other:
            raise CommandError(str(other)) from None
        took = time.monotonic() - began
        self.stdout.write(
            self.style.SUCCESS(f"{count:,} posts in {took:.0f} s, {count / took:,.0f} a second.")
        )
