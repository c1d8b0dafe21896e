"""Work that makes stored things true again after an upgrade or a lost worker. Each run may be stopped and repeated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import F

from blog import imaging, markup
from blog.models import Figure, Post
from blog.models.figure import originals

from . import cards, figures, listing, resemblances, workflow


def rerender() -> Iterator[tuple[Post, str]]:
    """Renders every post whose stored text was made by an older dialect; yields each with what prevented it, or "".

    One transaction a post, so that a stopped run has lost nothing and readers wait for nothing.
    """
    stale = Post.objects.filter(markup_version__lt=markup.VERSION).order_by("pk").values_list("pk", flat=True)
    for pk in list(stale):
        with transaction.atomic():
            post = Post.objects.select_for_update().filter(pk=pk, markup_version__lt=markup.VERSION).first()
            if post is None:
                continue
            try:
                post.save()
            except markup.RenderRefused as refusal:
                yield post, str(refusal)
                continue
            workflow.settle(post)
        yield post, ""


def refile(*, batch: int = 2_000) -> Iterator[int]:
    """Makes the listing rows and entries of every post what they ought to be; yields how many posts have been seen."""
    ids = list(Post.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), batch):
        listing.refile(ids[start : start + batch])
        yield min(start + batch, len(ids))
    listing.compact()


def make_waiting_renditions(*, at: datetime) -> Iterator[tuple[Figure, str]]:
    """Makes the renditions of every figure that waits for them; yields each with what kept it from that, or ""."""
    for figure in Figure.objects.filter(rendered_at=None).order_by(F("created_at"), "pk"):
        try:
            figures.make_renditions(figure, at=at)
        except (imaging.ImageRefused, OSError) as trouble:
            yield figure, str(trouble)
        else:
            yield figure, ""


def look_at_figures() -> Iterator[tuple[Figure, str]]:
    """Finds out what every figure looks like and weighs that came in before anybody asked; yields each with what kept
    it from that, or ""."""
    for figure in Figure.objects.filter(weight=None).order_by("pk").iterator(chunk_size=200):
        try:
            with figure.image.open("rb") as file:
                data = file.read()
            weight = len(data) + (originals().size(figure.original.name) if figure.original.name else 0)
            look = None if figure.notation else imaging.look(data)
        except (imaging.ImageRefused, OSError) as trouble:
            yield figure, str(trouble)
            continue
        with transaction.atomic():
            # Only these two, and only of the picture that was looked at: an editor may be replacing it.
            same = Figure.objects.filter(pk=figure.pk, content_hash=figure.content_hash)
            if same.update(weight=weight, look=look):
                figure.look = look
                resemblances.note(figure)
        yield figure, ""


def make_missing_cards() -> Iterator[tuple[Post, str]]:
    """Draws the social card of every published post that has no true one; yields each with what kept it from that, or
    ""."""
    for post in cards.stale(cards.scoped()):
        try:
            cards.draw(post)
        except (imaging.ImageRefused, OSError) as trouble:
            yield post, str(trouble)
        else:
            yield post, ""
