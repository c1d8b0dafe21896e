"""What cards show: columns of posts with their levels and lead figures from one query, and three more beside it, whose
text is put together once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BigIntegerField, F, QuerySet, Value

from .author import Author, Byline
from .category import Category
from .compiled import Compiled, IsAnyOf
from .figure import Figure, Rendition
from .level import LearningLevel
from .post import UNREAD_BY_CARDS, Post

NOWHERE = [-(2**60)]


def columns_of(model: type[models.Model], but: Iterable[str] = ()) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.attname not in but]


def among(column: str, ids: list[int]) -> IsAnyOf:
    return IsAnyOf(F(column), Value(ids, output_field=ArrayField(BigIntegerField())))


def card_rows(rows: QuerySet[Any], prefix: str = "post__") -> QuerySet[Any, Any]:
    """The columns of the cards of the posts that `prefix` leads to; `post_of` reads them."""
    level, figure = f"{prefix}learning_level__", f"{prefix}lead_figure__"
    return rows.values_list(
        *(f"{prefix}{name}" for name in POST),
        *(f"{level}{name}" for name in LEVEL),
        *(f"{figure}{name}" for name in FIGURE),
    )


def post_of(row: Sequence[Any]) -> Post:
    """The post of a row of `card_rows`, with its level and lead figure."""
    post = Post.from_db(None, POST, row[: len(POST)])
    rest, level, figure = row[len(POST) :], None, None
    if post.learning_level_id:
        level = LearningLevel.from_db(None, LEVEL, rest[: len(LEVEL)])
    if post.lead_figure_id:
        figure = Figure.from_db(None, FIGURE, rest[len(LEVEL) :])
    post.learning_level, post.lead_figure = level, figure
    return post


def _categories(ids: list[int]) -> QuerySet[Any, Any]:
    filed = Post.categories.through.objects.filter(among("post_id", ids))
    return filed.order_by("category__path").values_list(
        "post_id", *(f"category__{name}" for name in CATEGORY)
    )


def _bylines(ids: list[int]) -> QuerySet[Any, Any]:
    signed = Byline.objects.filter(among("post_id", ids))
    return signed.values_list(*BYLINE, *(f"author__{name}" for name in AUTHOR))


def _renditions(ids: list[int]) -> QuerySet[Any, Any]:
    return Rendition.objects.filter(among("figure_id", ids)).values_list(*RENDITION)


POST, FIGURE = columns_of(Post, UNREAD_BY_CARDS), columns_of(Figure, ("source", "long_description"))
LEVEL = columns_of(LearningLevel)
CATEGORY, BYLINE, AUTHOR, RENDITION = map(columns_of, (Category, Byline, Author, Rendition))
CATEGORIES, BYLINES, RENDITIONS = (
    Compiled(build, ids=NOWHERE) for build in (_categories, _bylines, _renditions)
)


def fill_cards(posts: Sequence[Post], *, beside: Iterable[Figure]) -> None:
    """Fetches what `PostQuerySet.for_cards` does, for rows that came another way: categories, bylines with their
    authors, and the renditions of lead figures and of figures `beside` the cards. The relations answer from memory
    from then on, as after Django's own `prefetch_related_objects`, which takes ten times as long to word them."""
    ids = [post.pk for post in posts]
    filed = defaultdict(list)
    for post, *row in CATEGORIES.rows(ids=ids):
        filed[post].append(Category.from_db(None, CATEGORY, row))
    signed = defaultdict(list)
    for line_and_author in BYLINES.rows(ids=ids):
        line = Byline.from_db(None, BYLINE, line_and_author[: len(BYLINE)])
        line.author = Author.from_db(None, AUTHOR, line_and_author[len(BYLINE) :])
        signed[line.post_id].append(line)
    for post in posts:
        keep(post, "categories", Category, filed[post.pk])
        keep(post, "bylines", Byline, signed[post.pk])
    fill_renditions([*(post.lead_figure for post in posts if post.lead_figure), *beside])


def fill_renditions(figures: Sequence[Figure]) -> None:
    """The renditions of the figures, in one query; none where there is no figure."""
    made = defaultdict(list)
    if figures:
        for row in RENDITIONS.rows(ids=list({figure.pk for figure in figures})):
            one = Rendition.from_db(None, RENDITION, row)
            made[one.figure_id].append(one)
    for figure in figures:
        keep(figure, "renditions", Rendition, made[figure.pk])


def keep(owner: models.Model, relation: str, model: type[models.Model], rows: list[Any]) -> None:
    """Lets `owner.relation.all()` give these rows without asking the database: what Django's prefetching leaves."""
    known: QuerySet[Any] = QuerySet(model)
    known._result_cache, known._prefetch_done = rows, True  # type: ignore[attr-defined]
    owner.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = known
