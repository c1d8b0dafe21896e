"""Social cards: when a post needs a new one, and where it is put.

The name of a card is a hash of all that it was drawn from, so that one look at the name tells whether it is still true,
and of the post's secret-until-published uid, so that nobody finds the card of a post that is yet to come.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet

from blog import imaging
from blog.models import Author, Figure, LearningLevel, Post
from blog.models.post import with_authors

from .figures import put

log = logging.getLogger(__name__)

VERSION = 1
"""Raised when cards are drawn otherwise; `manage.py make_cards` then draws them all anew."""

BATCH = 500
SLICE = 20
"""Cards that a task draws before it lets others have their turn: a few seconds."""


def words_for(post: Post) -> imaging.CardWords:
    """What the card says; the post has its level and bylines along."""
    level = post.learning_level
    return imaging.CardWords(
        site=settings.BLOG_NAME,
        title=post.title,
        level=str(level) if level else "",
        beds=min(4, max(1, level.number // 100)) if level else 0,
        authors=tuple(line.author.name for line in post.bylines.all()),
    )


def stem_for(post: Post) -> str:
    """The name, without its ending, that a true card of the post has."""
    words = words_for(post)
    figure = post.lead_figure.content_hash if post.lead_figure else ""
    drawn_from = [
        VERSION,
        str(post.uid),
        words.site,
        words.title,
        words.level,
        words.beds,
        words.authors,
        figure,
    ]
    if focus := focus_of(post):
        drawn_from.append(focus)  # a card without one keeps the name that it always had
    digest = hashlib.sha256(json.dumps(drawn_from).encode()).hexdigest()
    return f"cards/{digest[:2]}/{digest[:32]}"


def focus_of(post: Post) -> tuple[int, int] | None:
    figure = post.lead_figure
    if figure is None or figure.focus_x is None or figure.focus_y is None:
        return None
    return figure.focus_x, figure.focus_y


def is_true(post: Post) -> bool:
    return (post.social_card.name or "").rpartition(".")[0] == stem_for(post)


def with_words(posts: QuerySet[Post]) -> QuerySet[Post]:
    """Two queries for all that a card is drawn from."""
    fields = ("title", "uid", "status", "social_card", "learning_level", "lead_figure")
    return (
        posts.select_related("learning_level", "lead_figure")
        .only(
            *fields,
            "learning_level__name",
            "learning_level__number",
            "lead_figure__content_hash",
            "lead_figure__image",
            "lead_figure__focus_x",
            "lead_figure__focus_y",
        )
        .prefetch_related(with_authors())
    )


def see_to(post: Post) -> None:
    """A worker draws the post's card after the commit, if it is published, live or not, and has no true one."""
    if post.status != Post.Status.PUBLISHED:
        return
    saved = with_words(Post.objects.filter(pk=post.pk)).first()
    if saved and not is_true(saved):
        from .tasks import make_card

        transaction.on_commit(lambda: make_card.enqueue(post.pk))


def see_to_all_of(thing: Author | LearningLevel | Figure) -> None:
    """The cards that show an author's name, a level's or a figure are drawn anew after the commit, a few at a time."""
    from .tasks import redraw_cards

    scope = {{Author: "author", LearningLevel: "level", Figure: "figure"}[type(thing)]: thing.pk}
    transaction.on_commit(lambda: redraw_cards.enqueue(**scope))


def scoped(
    *, author: int | None = None, level: int | None = None, figure: int | None = None
) -> QuerySet[Post]:
    """The published posts of an author, level or lead figure, or all."""
    narrow: dict[str, Any] = {"bylines__author": author, "learning_level": level, "lead_figure": figure}
    return Post.objects.filter(
        status=Post.Status.PUBLISHED, **{name: pk for name, pk in narrow.items() if pk is not None}
    )


def stale(posts: QuerySet[Post], *, after: int = 0) -> Iterator[Post]:
    """Those of the posts, by id, whose card is not true; read in batches, three queries each."""
    while True:
        ids = list(posts.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            return
        for post in with_words(Post.objects.filter(pk__in=ids)).order_by("pk"):
            if not is_true(post):
                yield post
        after = ids[-1]


def draw(post: Post) -> str:
    """Draws the post's card, stores it and notes its name, which is returned. Safe to repeat. A former card stays where
    it is: others may have linked to it.

    Raises:
        imaging.ImageRefused: it can't be drawn even without its figure.
        OSError: the storage is away.
    """
    words, stem = words_for(post), stem_for(post)
    try:
        card = imaging.draw_card(words, _picture(post), focus_of(post))
    except imaging.ImageRefused as refusal:
        log.warning("card of post %s is drawn without its figure: %s", post.pk, refusal)
        card = imaging.draw_card(words)
    name = put(default_storage, f"{stem}{card.suffix}", card.data)
    # Nothing but this column: an editor may be saving the rest.
    Post.objects.filter(pk=post.pk).update(social_card=name)
    return name


def _picture(post: Post) -> bytes:
    if not post.lead_figure:
        return b""
    with post.lead_figure.image.open("rb") as file:
        return file.read()
