"""Everything a post's page shows, as one value, in three queries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from .around import Card, Link, NextLevel, PathOnPage, SeriesOnPage, Translation, read_around
from .author import Byline
from .cards import (
    LEVEL,
    NOWHERE,
    among,
    bylines_of,
    categories_of,
    columns_of,
    fill_renditions,
    keep_relations,
    keep_renditions,
    renditions_of,
)
from .change import Change
from .compiled import Compiled
from .crossings import Crossing
from .figure import Figure, Placement
from .level import LearningLevel
from .listing import EPOCH
from .post import Post, with_authors
from .routes import route
from .tag import PostTag


@dataclass(frozen=True)
class PostPage:
    """A post and all around it. `figures` maps the keys placed in the text to their rows, renditions prefetched.
    `age` is how many whole years ago it was written or last changed, 0 while that needs no notice."""

    post: Post
    tags: list[dict[str, str]]
    bylines: list[Byline]
    figures: dict[str, Figure]
    newer: Link | None
    older: Link | None
    series: list[SeriesOnPage]
    paths: list[PathOnPage] = field(default_factory=list)
    next_level: NextLevel | None = None
    related: list[Card] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    translations: list[Translation] = field(default_factory=list)
    crossings: dict[tuple[str, str], Crossing] = field(default_factory=dict)
    age: int = 0


def for_page(posts: QuerySet[Post]) -> QuerySet[Post]:
    """The post with its level, categories and tags."""
    tags = PostTag.objects.filter(content_object=OuterRef("pk")).order_by("tag__name")
    return (
        posts.select_related("learning_level")
        .defer("body", "body_text", "code_text", "figures_text", "search", "extra")
        .annotate(tag_list=ArraySubquery(tags.values(named=JSONObject(name="tag__name", slug="tag__slug"))))
        .prefetch_related("categories", with_authors())
    )


def find_post(slug: str, *, at: datetime) -> Post | None:
    """The live post with this slug, and of it what `for_page` fetches, in one query."""
    for row in POSTS.rows(slug=slug, at=at):
        post = Post.from_db(None, POST, row[: len(POST)])
        for name in ("facts", "outline"):
            setattr(post, name, json.loads(getattr(post, name)))
        if post.learning_level_id:
            post.learning_level = LearningLevel.from_db(None, LEVEL, row[len(POST) : -3])
        tags, categories, bylines = row[-3:]
        post.tag_list = [json.loads(tag) for tag in tags]  # type: ignore[attr-defined]
        keep_relations(post, categories, bylines)
        return post
    return None


def _posts(*, slug: str, at: datetime) -> QuerySet[Any, Any]:
    level = (f"learning_level__{name}" for name in LEVEL)
    found = for_page(Post.objects.live(at).filter(slug=slug))
    relations = categories_of(OuterRef("id")), bylines_of(OuterRef("id"))
    return found.values_list(*POST, *level, "tag_list", *relations)


def _figures(*, post: int, others: list[int]) -> QuerySet[Any, Any]:
    placed = Placement.objects.filter(post=post).order_by().values("figure")
    # A union, not a join with OR: that one reads every placement there is, 140 ms at 100,000 posts.
    wanted: Any = placed.union(Figure.objects.filter(among("pk", others)).order_by().values("pk"))
    return Figure.objects.filter(pk__in=wanted).values_list(*FIGURE, renditions_of(OuterRef("id")))


POST = columns_of(Post, ("body", "body_text", "code_text", "figures_text", "search", "extra"))
FIGURE = columns_of(Figure)
POSTS = Compiled(_posts, prepared=True, slug="a slug", at=EPOCH + timedelta(days=1))
FIGURES = Compiled(_figures, prepared=True, post=2**60, others=NOWHERE)


def read_figures(post: Post, beside: list[int], placed: Sequence[str] | None) -> dict[int, Figure]:
    """The figures placed in the post and those `beside` its text, by key, with their renditions: one query, two
    for keys that no row of Placement names."""
    figures = []
    if placed is None:
        for *row, renditions in FIGURES.rows(post=post.pk, others=beside):
            figures.append(Figure.from_db(None, FIGURE, row))
            keep_renditions(figures[-1], renditions)
    else:
        shown = Figure.objects.filter(slug__in=placed).order_by().values("pk")
        wanted: Any = shown.union(Figure.objects.filter(pk__in=beside).order_by().values("pk"))
        figures = list(Figure.objects.filter(pk__in=wanted))
        fill_renditions(figures)
    return {figure.pk: figure for figure in figures}


def read_post_page(post: Post, *, at: datetime, placed: Sequence[str] | None = None) -> PostPage:
    """All that surrounds a post fetched through `for_page` or `find_post`: two further queries.

    A post that is not live (a preview) is shown as if it were published at `at`. `placed` are the keys of the figures
    in a text that is not saved yet; without it the recorded ones are read.
    """
    bylines = list(post.bylines.all())
    beside = [pk for pk in (post.lead_figure_id, *(line.author.portrait_id for line in bylines)) if pk]
    figures = read_figures(post, beside, placed)
    for line in bylines:
        if line.author.portrait_id in figures:
            line.author.portrait = figures[line.author.portrait_id]
    if post.lead_figure_id in figures:
        post.lead_figure = figures[post.lead_figure_id]
    around = read_around(post, at=at)
    return PostPage(
        post=post,
        tags=[{**tag, "url": route("tag", tag["slug"])} for tag in post.tag_list],  # type: ignore[attr-defined]
        bylines=bylines,
        figures={f.slug: f for f in figures.values()},
        age=years_to_mention(post, at=at),
        **vars(around),
    )


def years_to_mention(post: Post, *, at: datetime) -> int:
    """Whole years since the post was published or, later, changed, once they are settings.AGE_NOTICE_YEARS; else 0."""
    last = max(filter(None, (post.published_at, post.changed_at)), default=at)
    then, now = timezone.localtime(last), timezone.localtime(at)
    years = now.year - then.year - ((now.month, now.day) < (then.month, then.day))
    return years if 0 < settings.AGE_NOTICE_YEARS <= years else 0
