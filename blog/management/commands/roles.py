from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from blog.publishing import roles


class Command(BaseCommand):
    help = "Makes the groups author, editor, publisher and operator, or brings them up to date; who is in them stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="Change nothing; exit with 1 when a group differs from its role.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = roles.differences() if options["check"] else roles.install()
        except LookupError as lacking:
            raise CommandError(str(lacking)) from None
        if options["verbosity"] > 0:
            for line in told(found, checking=options["check"]):
                self.stdout.write(line)
        if options["check"] and found:
            raise CommandError("The groups differ from their roles; `manage.py roles` mends that.")


def told(found: list[roles.Difference], *, checking: bool) -> list[str]:
    """What was done, or would be, one line a group."""
    lines = []
    for role in roles.ROLES:
        one = next((each for each in found if each.role == role), None)
        if one is None:
            lines.append(f"{role}: as it should be")
        elif one.missing:
            lines.append(f"{role}: {'missing' if checking else 'made'}, {len(one.lacks)} permissions")
        else:
            parts = [f"+ {name}" for name in one.lacks] + [f"- {name}" for name in one.beyond]
            lines.append(f"{role}: {', '.join(parts)}")
    return lines
