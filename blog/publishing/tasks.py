"""Work that waits for a worker (`manage.py db_worker`)."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from blog.imaging import ImageRefused
from blog.models import Category, Figure, LoginDelay, Post

from . import cards, figures, keeping, listing, related, sealing, shrinking, stamp

# What has just expired stays a while, in case the clock was wrong.
A_DAY = timedelta(days=1)


@task()
def make_renditions(figure_id: int) -> int:
    """Makes the renditions of a figure; a figure that is gone needs none. Returns how many files there are."""
    figure = Figure.objects.filter(pk=figure_id).first()
    try:
        return figures.make_renditions(figure, at=timezone.now()) if figure else 0
    except ImageRefused:
        return 0  # the figure's own page says why


@task()
def sweep_files(served: list[str], kept: list[str]) -> int:
    """Removes the files of figures that were deleted some time ago, unless others need them; returns how many."""
    from . import figure_files

    return figure_files.sweep(served, kept)


@task()
def tidy_listings() -> None:
    """Adds up the differences that saves have left in the tally and the stamp, lets listings forget what has long
    expired, and working copies what nobody has come back to; sets the bits of posts once many have been written, and
    enters their words into the index of phrases."""
    listing.forget_expired(at=timezone.now() - A_DAY)
    listing.compact()
    stamp.compact()
    keeping.forget(at=timezone.now())
    if sealing.is_due():
        sealing.seal(at=timezone.now())
        shrinking.shrink_unsealed()
    sealing.enter_pairs()


@task(priority=10)
def refile_below(category_id: int, after: int = 0) -> int:
    """Files the posts of a category that has moved anew: some of those with ids above `after`, and leaves the rest to
    another task of its kind. Returns the last id; 0 when all are done, or the category is gone."""
    from . import categories

    category = Category.objects.filter(pk=category_id).first()
    last = categories.refile_slice(category, at=timezone.now(), after=after) if category else None
    if last is None:
        tidy_listings.enqueue()
        return 0
    refile_below.enqueue(category_id, after=last)
    return last


@task()
def publish_due_drafts() -> int:
    """Lets readers see the drafts whose appointment has come. Returns how many."""
    from . import editing  # it stands on the verbs that enqueue the others

    return editing.publish_due(at=timezone.now())


@task()
def empty_trash() -> int:
    """Deletes for good the posts whose time in the trash is over. Returns how many."""
    from . import trash

    return sum(1 for _ in trash.empty(at=timezone.now()))


@task(priority=-10)
def forget_logins() -> int:
    """Forgets logins that failed long ago, and comes again as long as there are any. Returns how many rows went."""
    from . import logins

    at = timezone.now()
    gone = logins.forget(at=at)
    if LoginDelay.objects.exists():
        logins.forget_later(at=at)
    return gone


@task()
def follow_move(post_id: int, former: str) -> int:
    """Rewrites the links of other texts to a post whose slug was `former`. Returns how many posts have changed."""
    from . import inbound

    return sum(1 for _ in inbound.follow(post_id, former, at=timezone.now()))


@task()
def relate_post(post_id: int) -> int:
    """Computes what is related to a post that has changed, and to those around it. Returns how many rows changed."""
    return related.relate_around(post_id, at=timezone.now())


@task()
def relate_posts(post_ids: list[int]) -> int:
    """The same of many. Returns how many rows changed."""
    return sum(related.relate_around(key, at=timezone.now()) for key in post_ids)


@task()
def make_card(post_id: int) -> str:
    """Draws a post's social card if the one it has is not true; returns its name, "" for a post that is gone."""
    for post in cards.with_words(Post.objects.filter(pk=post_id)):
        return post.social_card.name or "" if cards.is_true(post) else cards.draw(post)
    return ""


@task(priority=-10)
def redraw_cards(
    after: int = 0, author: int | None = None, level: int | None = None, figure: int | None = None
) -> int:
    """Draws the cards that are no longer true of posts with ids above `after`: a few, and leaves the rest to another
    task behind those that wait. Returns how many were drawn."""
    scope = {"author": author, "level": level, "figure": figure}
    drawn = 0
    for post in cards.stale(cards.scoped(**scope), after=after):
        if drawn == cards.SLICE:
            redraw_cards.enqueue(after=post.pk - 1, **scope)
            break
        cards.draw(post)
        drawn += 1
    return drawn
