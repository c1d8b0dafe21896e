from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from blog.management.outcomes import tell
from blog.publishing import diagrams


class Command(BaseCommand):
    help = "Draw the diagrams in posts that have no picture yet, as after the renderer was installed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anew", action="store_true", help="Draw all of them, as after an upgrade of the renderer."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = ((post.slug, trouble) for post, trouble in diagrams.draw_waiting(anew=options["anew"]))
        tell(self, outcomes, noun="posts", left="; their diagrams stay as they were.")
