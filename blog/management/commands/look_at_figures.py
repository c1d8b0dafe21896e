from typing import Any

from django.core.management.base import BaseCommand, CommandError

from blog.publishing import upkeep


class Command(BaseCommand):
    help = "Find out what older figures look like and weigh, so that alike ones are found. May be stopped and repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        seen = failed = 0
        for figure, trouble in upkeep.look_at_figures():
            seen += not trouble
            failed += bool(trouble)
            if trouble:
                self.stderr.write(f"{figure.slug}: {trouble}")
        self.stdout.write(f"{seen} figures looked at.")
        if failed:
            raise CommandError(f"{failed} figures could not be read.")
