from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from blog.publishing import sealing, shrinking, upkeep


class Command(BaseCommand):
    help = "Files every post again: its rows in the listings and its entry in the search. Readers notice nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        seen = 0
        for seen in upkeep.refile():
            if options["verbosity"] > 1:
                self.stdout.write(f"{seen:,} posts …")
        sealing.seal(at=timezone.now())
        shrinking.shrink_unsealed()
        self.stdout.write(self.style.SUCCESS(f"{seen:,} posts are filed."))
