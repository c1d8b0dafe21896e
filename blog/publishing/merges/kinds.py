"""What can be merged, and how posts are members of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from blog.models import Address, Author, Byline, Category, Post, PostTag, Series, SeriesPart, Tag

from .. import cards, listing

BATCH = 2_000


class CannotMerge(Exception):
    """Nothing was merged; `str()` says why and what to do first."""


@dataclass(frozen=True)
class Kind:
    """How posts are members of such a thing: the rows, their two columns, the one that orders them, and the name of the
    list in a post's content."""

    model: type[models.Model]
    rows: type[models.Model]
    thing: str
    post: str
    order: str
    content: str


KINDS = {
    "tag": Kind(Tag, PostTag, "tag_id", "content_object_id", "", "tags"),
    "author": Kind(Author, Byline, "author_id", "post_id", "position", "authors"),
    "series": Kind(Series, SeriesPart, "series_id", "post_id", "number", "series"),
    "category": Kind(Category, Post.categories.through, "category_id", "post_id", "", "categories"),
}


def kind_of(thing: models.Model | type[models.Model]) -> Kind:
    """Raises KeyError for what can't be merged."""
    return KINDS[str(thing._meta.model_name)]


def addresses_of(kind: Kind, keys: Sequence[int]) -> models.QuerySet[Address]:
    """The former addresses that lead to things with these keys."""
    return Address.objects.filter(**{f"{kind.model._meta.model_name}__in": keys})


def write(kind: Kind, posts: list[int], things: list[int], rows: list[list[Any]]) -> None:
    """Makes these rows the memberships that the posts have of the things."""
    old = kind.rows._default_manager.filter(**{f"{kind.post}__in": posts, f"{kind.thing}__in": things})
    old.order_by().delete()
    names = [kind.thing, kind.post, *([kind.order] if kind.order else [])]
    made = [kind.rows(**dict(zip(names, row, strict=True))) for row in rows]
    kind.rows._default_manager.bulk_create(made, batch_size=5_000)


def settle(kind: Kind, posts: list[int], *things: Any) -> None:
    """Files the posts anew, and has their cards drawn where these name an author."""
    for start in range(0, len(posts), BATCH):
        listing.refile(posts[start : start + BATCH])
    if kind.model is Author:
        for author in things:
            cards.see_to_all_of(author)
