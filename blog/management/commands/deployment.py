from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from blog.operating.deployment.plan import BadPlan, Plan
from blog.operating.deployment.writing import write


class Command(BaseCommand):
    help = (
        "Writes what machines of your own need to run this site: units of systemd, the configurations of nginx and "
        "PgBouncer, the environment, a dashboard. OPERATING.md says where each file goes."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--node",
            action="append",
            metavar="HOST:PORT",
            help="A web node, as nginx reaches it; once for each.",
        )
        parser.add_argument(
            "--account", default=Plan.account, help="Who runs the site (default %(default)s)."
        )
        parser.add_argument("--environment", default=Plan.environment, metavar="FILE")
        parser.add_argument("--backups", default=Plan.backups, metavar="FOLDER")
        parser.add_argument("--overwrite", action="store_true", help="Files that are there are replaced.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError: something can't stand in the files, is there already, or can't be written."""
        told = {name: options[name] for name in ("account", "environment", "backups")}
        if options["node"]:
            told["nodes"] = tuple(options["node"])
        try:
            made = write(options["folder"], Plan(**told), overwrite=options["overwrite"])
        except BadPlan as error:
            raise CommandError(str(error)) from None
        except FileExistsError as error:
            raise CommandError(f"{error}: there already. Name another folder, or say --overwrite.") from None
        except OSError as error:
            raise CommandError(f"{error.filename} can't be written: {error.strerror}.") from None
        for path in made:
            self.stdout.write(str(path))
        self.stdout.write(self.style.SUCCESS("Secrets are left out: fill in what says PASSWORD or nothing."))
