from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from blog.publishing import related


class Command(BaseCommand):
    help = (
        "Computes for every post which others are related to it. Readers see each as soon as it is written."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        seen = 0
        for seen in related.relate_all(at=timezone.now()):
            if options["verbosity"] > 1:
                self.stdout.write(f"{seen:,} posts …")
        self.stdout.write(self.style.SUCCESS(f"{seen:,} posts are related."))
