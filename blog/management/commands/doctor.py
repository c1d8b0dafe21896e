from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from blog.operating.soundness import Finding, State, examine


class Command(BaseCommand):
    help = (
        "Looks whether the site is sound: what runs, what is stored, what files are there. Says what is wrong and how "
        "to mend it. Ends with code 1 when something is wrong that it has not mended."
    )
    # It is to say what is wrong with the database, not to end with a traceback.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--fix", action="store_true", help="mend what can be made again from what is known"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError where something remains to be done."""
        wrong = 0
        for finding in examine(at=timezone.now(), fix=options["fix"]):
            wrong += finding.state != State.OK and not finding.fixed
            self.stdout.write(self._line(finding))
        if wrong:
            raise CommandError(
                "One thing is to be mended." if wrong == 1 else f"{wrong} things are to be mended."
            )
        self.stdout.write(self.style.SUCCESS("The site is sound."))

    def _line(self, finding: Finding) -> str:
        mark, style = {
            State.OK: ("ok", self.style.SUCCESS),
            State.WARNING: ("look", self.style.WARNING),
            State.FAILURE: ("wrong", self.style.ERROR),
        }[finding.state]
        if finding.fixed:
            mark, style = "mended", self.style.SUCCESS
        line = f"{style(f'{mark:7}')} {finding.name}: {finding.words}"
        return f"{line}\n        {finding.mend}" if finding.mend else line
