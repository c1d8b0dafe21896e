"""What cards show: columns of posts with their levels and lead figures from one query, and three more beside it, whose
text is put together once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
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
OF_POST, OF_FIGURE = BYLINE.index("post_id"), RENDITION.index("figure_id")
CATEGORIES, BYLINES, RENDITIONS = (
    Compiled(build, prepared=True, ids=NOWHERE) for build in (_categories, _bylines, _renditions)
)


class Fetched(QuerySet[Any]):
    """Rows of a relation that came another way, as PostgreSQL gave them. Objects are made of them when somebody looks:
    a page of ten cards has two hundred rows, and where its cards are shown again as they were nobody does."""

    given: list[tuple[Any, ...]]
    make: Callable[[tuple[Any, ...]], Any]

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self._result_cache = [self.make(row) for row in self.given]

    def _clone(self) -> QuerySet[Any]:
        """What is asked of it beyond its rows is a query like any other."""
        return QuerySet(self.model, query=self.query.chain(), using=self.db)

    def __getitem__(self, place: Any) -> Any:
        self._fetch_all()
        return super().__getitem__(place)

    def count(self) -> int:
        return len(self.given)

    def exists(self) -> bool:
        return bool(self.given)


def _category(row: tuple[Any, ...]) -> Category:
    return Category.from_db(None, CATEGORY, row)


def _byline(row: tuple[Any, ...]) -> Byline:
    line = Byline.from_db(None, BYLINE, row[: len(BYLINE)])
    author = dict(zip(AUTHOR, row[len(BYLINE) :], strict=True))
    line.author = Author.from_db(None, AUTHOR, (author | {"links": json.loads(author["links"])}).values())
    return line


def _rendition(row: tuple[Any, ...]) -> Rendition:
    return Rendition.from_db(None, RENDITION, row)


def fill_cards(posts: Sequence[Post], *, beside: Iterable[Figure]) -> None:
    """Fetches what `PostQuerySet.for_cards` does, for rows that came another way: categories, bylines with their
    authors, and the renditions of lead figures and of figures `beside` the cards. The relations answer from memory
    from then on, as after Django's own `prefetch_related_objects`, which takes ten times as long to word them."""
    fill_relations(posts)
    fill_renditions([*(post.lead_figure for post in posts if post.lead_figure), *beside])


def fill_relations(posts: Sequence[Post]) -> None:
    """The categories and bylines of the posts, in two queries."""
    ids = [post.pk for post in posts]
    filed: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in CATEGORIES.rows(ids=ids):
        filed[row[0]].append(row[1:])
    signed: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in BYLINES.rows(ids=ids):
        signed[row[OF_POST]].append(row)
    for post in posts:
        keep(post, "categories", Category, filed[post.pk], _category)
        keep(post, "bylines", Byline, signed[post.pk], _byline)


def fill_renditions(figures: Sequence[Figure]) -> None:
    """The renditions of the figures, in one query; none where there is no figure."""
    made = defaultdict(list)
    if figures:
        for row in RENDITIONS.rows(ids=list({figure.pk for figure in figures})):
            made[row[OF_FIGURE]].append(row)
    for figure in figures:
        keep(figure, "renditions", Rendition, made[figure.pk], _rendition)


def keep(
    owner: models.Model,
    relation: str,
    model: type[models.Model],
    given: list[tuple[Any, ...]],
    make: Callable[[tuple[Any, ...]], models.Model],
) -> None:
    """Lets `owner.relation.all()` give these rows without asking the database: what Django's prefetching leaves."""
    known = Fetched(model)
    known.given, known.make = given, make
    known._prefetch_done = True  # type: ignore[attr-defined]
    owner.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = known
