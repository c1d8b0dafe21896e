from typing import Any

from django.core.management.base import BaseCommand

from blog.management.outcomes import tell
from blog.publishing import upkeep


class Command(BaseCommand):
    help = "Draw the social cards that are missing or no longer true, as after an upgrade or a new BLOG_NAME."

    def handle(self, *args: Any, **options: Any) -> None:
        outcomes = ((post.slug, trouble) for post, trouble in upkeep.make_missing_cards())
        tell(self, outcomes, noun="cards", left="; links to those posts show the site's own card.")
