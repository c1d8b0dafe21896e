from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from blog.publishing import trash


class Command(BaseCommand):
    help = "Deletes for good the posts that have been in the trash for thirty days; a worker does it by itself too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", type=int, default=trash.LASTS.days, help="For so many days, instead of 30."
        )
        parser.add_argument("--dry-run", action="store_true", help="Name them and delete nothing.")

    def handle(self, *args: Any, days: int, dry_run: bool, **options: Any) -> None:
        if not 0 <= days <= 36_500:
            raise CommandError("--days takes a number from 0 to 36500.")
        at, gone = timezone.now(), 0
        posts = trash.outdated(at=at, days=days) if dry_run else trash.empty(at=at, days=days)
        for post in posts:
            gone += 1
            self.stdout.write(f"{post.title} (in the trash since {post.trashed_at:%Y-%m-%d})")
        said = "would be deleted" if dry_run else "deleted for good"
        self.stdout.write(self.style.SUCCESS(f"{gone} post{'s' * (gone != 1)} {said}."))
