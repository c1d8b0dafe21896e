from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from blog.management.outcomes import tell
from blog.publishing import upkeep


class Command(BaseCommand):
    help = "Make the renditions of figures that still wait for them, as after a worker was lost."

    def handle(self, *args: Any, **options: Any) -> None:
        made = upkeep.make_waiting_renditions(at=timezone.now())
        outcomes = ((figure.slug, trouble) for figure, trouble in made)
        tell(self, outcomes, noun="figures", left="; readers get the full image.")
