"""Whole posts, many at a time: what feeds, Markdown alternates and the full text of the site are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, prefetch_related_objects
from django.db.models.functions import JSONObject

from .author import Author
from .category import Category
from .crossings import Crossing, read_crossings
from .figure import Figure, Placement
from .post import Post, with_authors
from .routes import route
from .tag import PostTag

UNREAD = ("body_text", "code_text", "figures_text", "search", "extra")
"""Long columns that no full text shows."""

Text = Literal["body", "body_html"]


@dataclass(frozen=True)
class TagLink:
    name: str
    url: str


@dataclass(frozen=True)
class FullText:
    """A live post with all that its body shows.

    `figures` are those placed in the text by key, renditions prefetched, and `numbers` what they are called there;
    `crossings` is what its references to other posts lead to.
    """

    post: Post
    authors: list[Author]
    categories: list[Category]
    tags: list[TagLink]
    figures: dict[str, Figure]
    numbers: dict[str, int]
    crossings: dict[tuple[str, str], Crossing] = field(default_factory=dict)

    @property
    def lead(self) -> Figure | None:
        """The figure that stands for the post; the first of its text where none was chosen."""
        return self.post.lead_figure or next(iter(self.figures.values()), None)


def read_full_texts(
    posts: Iterable[int],
    *,
    at: datetime,
    of: Text,
    crossings: dict[tuple[str, str], Crossing] | None = None,
) -> list[FullText]:
    """Those of the posts (primary keys) that are live at `at`, in the order given, with their source (`body`) or their
    rendering (`body_html`).

    Six queries, however many posts: the posts, categories, bylines, placed figures, renditions, and what they refer
    to. The last is saved when `crossings` are given, or when no post refers to another.
    """
    wanted = list(posts)
    if not wanted:
        return []
    other = "body_html" if of == "body" else "body"
    tags = PostTag.objects.filter(content_object=OuterRef("pk")).order_by("tag__name", "tag_id")
    placements = Placement.objects.select_related("figure").order_by("number", "pk")
    rows = (
        Post.objects.live(at)
        .filter(pk__in=wanted)
        .select_related("learning_level", "lead_figure")
        .defer(other, *UNREAD)
        .annotate(tag_list=ArraySubquery(tags.values(named=JSONObject(name="tag__name", slug="tag__slug"))))
        .prefetch_related("categories", with_authors(), Prefetch("placements", placements))
    )
    found = {post.pk: post for post in rows}
    _fetch_renditions(found.values())
    if crossings is None:
        crossings = read_crossings({pair for post in found.values() for pair in pairs_of(post)}, at)
    return [_whole(found[pk], crossings) for pk in wanted if pk in found]


def pairs_of(post: Post) -> list[tuple[str, str]]:
    """The places in other posts that a post's text refers to."""
    return [(slug, key) for slug, key in post.facts.get("crossings", [])]


def _fetch_renditions(posts: Iterable[Post]) -> None:
    """Lead figures and placed ones in one query; a figure that is both is one object afterwards."""
    figures: dict[int, Figure] = {}
    for post in posts:
        for placement in post.placements.all():
            placement.figure = figures.setdefault(placement.figure_id, placement.figure)
        if post.lead_figure:
            post.lead_figure = figures.setdefault(post.lead_figure.pk, post.lead_figure)
    prefetch_related_objects(list(figures.values()), "renditions")


def _whole(post: Post, crossings: dict[tuple[str, str], Crossing]) -> FullText:
    placements = list(post.placements.all())
    return FullText(
        post=post,
        authors=[line.author for line in post.bylines.all()],
        categories=list(post.categories.all()),
        tags=[TagLink(tag["name"], route("tag", tag["slug"])) for tag in post.tag_list],  # type: ignore[attr-defined]
        figures={one.figure.slug: one.figure for one in placements},
        numbers={one.figure.slug: one.number for one in placements},
        crossings={pair: crossings[pair] for pair in pairs_of(post) if pair in crossings},
    )
