"""How commands tell of work that may fail piece by piece."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.management.base import BaseCommand, CommandError


def tell(command: BaseCommand, outcomes: Iterable[tuple[str, str]], *, noun: str, left: str) -> None:
    """Prints how many pieces were rendered, and each that was not with its reason; `outcomes` pairs a name with what
    went wrong, or "". `left` says what became of those.

    Raises:
        CommandError: some were not, so that the exit code says so too.
    """
    done = failed = 0
    for name, trouble in outcomes:
        if trouble:
            failed += 1
            command.stderr.write(f"{name}: {trouble}")
        else:
            done += 1
    command.stdout.write(f"{done} {noun} rendered.")
    if failed:
        raise CommandError(f"{failed} {noun} could not be rendered{left}")
