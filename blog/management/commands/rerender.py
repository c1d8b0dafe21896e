from typing import Any

from django.core.management.base import BaseCommand

from blog.management.outcomes import tell
from blog.publishing import upkeep


class Command(BaseCommand):
    help = "Render posts again whose stored text was made by an older version of the dialect. Run it after an upgrade."

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = ((post.slug, trouble) for post, trouble in upkeep.rerender())
        tell(self, outcomes, noun="posts", left=" and keep their former text.")
