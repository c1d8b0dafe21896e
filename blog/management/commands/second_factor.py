from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from blog.publishing import logins, second_factor, sessions


class Command(BaseCommand):
    help = "Helps somebody who cannot sign in: says what the account has, or takes something from it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Of the account.")
        parser.add_argument(
            "--remove",
            action="store_true",
            help="The phone and the recovery codes are lost: remove the second factor.",
        )
        parser.add_argument("--end-sessions", action="store_true", help="Sign the account out everywhere.")
        parser.add_argument("--no-delay", action="store_true", help="Forget the failed logins of strangers.")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        user = get_user_model()._default_manager.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account “{name}”.")
        if options["remove"]:
            had = second_factor.remove(user, by=None, at=timezone.now())
            self.stdout.write(
                f"{name}: {'removed, and signed out everywhere' if had else 'has no second factor'}."
            )
        if options["end_sessions"]:
            self.stdout.write(f"{name}: {sessions.end(user)} sessions ended.")
        if options["no_delay"]:
            logins.clear(name)
            self.stdout.write(f"{name}: may be tried again from anywhere.")
        if not (options["remove"] or options["end_sessions"] or options["no_delay"]):
            left = second_factor.codes_left(user)
            has = (
                f"has a second factor and {left} recovery codes"
                if second_factor.enrolled(user)
                else "has none"
            )
            self.stdout.write(
                f"{name}: {has}; {'must' if second_factor.required(user) else 'need not'} have one."
            )
