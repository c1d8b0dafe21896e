"""Work that waits for a worker (`manage.py db_worker`)."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from blog.models import Figure

from . import figures, listing

# What has just expired stays a while, in case the clock was wrong.
A_DAY = timedelta(days=1)


@task()
def make_renditions(figure_id: int) -> int:
    """Makes the renditions of a figure; a figure that is gone needs none. Returns how many files there are."""
    figure = Figure.objects.filter(pk=figure_id).first()
    return figures.make_renditions(figure, at=timezone.now()) if figure else 0


@task()
def tidy_listings() -> None:
    """Adds up the differences that saves have left in the tally, and lets listings forget what has long expired."""
    listing.forget_expired(at=timezone.now() - A_DAY)
    listing.compact()
