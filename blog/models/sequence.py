"""What a series and a learning path have in common: posts in the order that editors gave them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models import Count, Max, QuerySet, Sum

from .level import LearningLevel
from .post import Post

OPENING = 320  # characters of an introduction that a list shows


class Ordered(models.Model):
    """Holds posts in order. The attributes are of its live posts and filled by `with_counts`."""

    posts_count: int
    minutes: int
    newest_at: datetime
    profile: list[LearningLevel]  # each post's level, in their order

    class Meta:
        abstract = True

    @property
    def levels(self) -> list[LearningLevel]:
        """The levels that its live posts span, the first one first."""
        return spanned(self.profile)


def opening(text: str) -> str:
    """The first paragraph of a plain text, cut between words where it is long."""
    first = " ".join(text.strip().partition("\n\n")[0].split())
    if len(first) <= OPENING:
        return first
    cut = first[: OPENING - 1]
    # A text without spaces, such as Japanese, is cut where its length is reached.
    return f"{cut[: cut.rfind(' ', OPENING // 2)] if ' ' in cut[OPENING // 2 :] else cut}…"


OrderedType = TypeVar("OrderedType", bound=Ordered)


@dataclass(frozen=True)
class Place:
    """A live post in its place: the number that readers are told, and what the editors say of it."""

    number: int
    post: Post
    note: str = ""


@dataclass(frozen=True)
class Sequence:
    """The live posts of a series or of a learning path, in order, with what they come to."""

    places: list[Place]

    @property
    def posts(self) -> list[Post]:
        return [place.post for place in self.places]

    @property
    def minutes(self) -> int:
        """The time that reading all of it takes."""
        return sum(place.post.reading_minutes for place in self.places)

    @property
    def levels(self) -> list[LearningLevel]:
        """The levels that it spans, the first one first."""
        return spanned(place.post.learning_level for place in self.places)


def spanned(levels: Iterable[LearningLevel | None]) -> list[LearningLevel]:
    """Each level once, by number."""
    return sorted({level for level in levels if level}, key=lambda level: level.number)


def with_counts(
    things: QuerySet[OrderedType], places: str, *, order: tuple[str, ...], at: datetime
) -> list[OrderedType]:
    """Those of `things` that hold a post live at `at`, with the attributes of `Ordered` filled. Two queries.

    `places` is the name of the relation to their places, which lead to a `post` and have a `number`; `order` may name
    what is counted.
    """
    live = things.filter(**{f"{places}__post__in": Post.objects.live(at)})
    found = list(
        live.annotate(
            posts_count=Count(places),
            minutes=Sum(f"{places}__post__reading_minutes"),
            newest_at=Max(f"{places}__post__published_at"),
            level_ids=ArrayAgg(f"{places}__post__learning_level", order_by=f"{places}__number"),
        ).order_by(*order)
    )
    levels = LearningLevel.objects.in_bulk() if found else {}
    for thing in found:
        thing.profile = [levels[pk] for pk in thing.level_ids]  # type: ignore[attr-defined]
    return found
