"""What cards show, from one query: columns of posts with their levels and lead figures, and of what belongs to these
(categories, bylines, renditions) one text of JSON each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, overload

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BigIntegerField, F, Func, JSONField, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast

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
        categories_of(OuterRef(f"{prefix}id")),
        bylines_of(OuterRef(f"{prefix}id"), NAMED),
        renditions_of(OuterRef(f"{prefix}lead_figure_id")),
    )


def post_of(row: Sequence[Any]) -> Post:
    """The post of a row of `card_rows`, with its level, lead figure, categories and bylines. These relations answer
    from memory from then on, as after Django's own `prefetch_related_objects`."""
    post = Post.from_db(None, POST, row[: len(POST)])
    *rest, categories, bylines, renditions = row[len(POST) :]
    level, figure = None, None
    if post.learning_level_id:
        level = LearningLevel.from_db(None, LEVEL, rest[: len(LEVEL)])
    if post.lead_figure_id:
        figure = Figure.from_db(None, FIGURE, rest[len(LEVEL) :])
        keep_renditions(figure, renditions)
    post.learning_level, post.lead_figure = level, figure
    keep_relations(post, categories, bylines, NAMED)
    return post


class Cards(Sequence[Post]):
    """The posts of rows of `card_rows`. Each is made when somebody looks: where a page is shown again as it was nobody
    does."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.rows = rows
        self._made: dict[int, Post] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> Post: ...
    @overload
    def __getitem__(self, place: slice) -> list[Post]: ...
    def __getitem__(self, place: int | slice) -> Post | list[Post]:
        if isinstance(place, slice):
            return [self[number] for number in range(len(self))[place]]
        number = range(len(self))[place]
        if number not in self._made:
            self._made[number] = post_of(self.rows[number])
        return self._made[number]

    def __eq__(self, other: object) -> bool:
        return list(self) == (list(other) if isinstance(other, Cards) else other)

    __hash__ = None  # type: ignore[assignment] # as a list's

    def place(self, number: int) -> tuple[datetime, int]:
        """Instant and id of a published post, by which its place among others is told."""
        row = self.rows[number]
        return row[PUBLISHED], row[ID]


def categories_of(post: OuterRef) -> Cast:
    """The categories of a post as `keep_relations` reads them."""
    filed = Post.categories.through.objects.filter(post_id=post).order_by("category__path")
    return told(filed, *(f"category__{name}" for name in CATEGORY))


def bylines_of(post: OuterRef, columns: list[str]) -> Cast:
    """The bylines of a post, with these columns of their authors, as `keep_relations` reads them."""
    return told(Byline.objects.filter(post_id=post), *BYLINE, *(f"author__{name}" for name in columns))


def renditions_of(figure: OuterRef) -> Cast:
    """The renditions of a figure as `keep_renditions` reads them."""
    return told(Rendition.objects.filter(figure_id=figure), *RENDITION)


def told(rows: QuerySet[Any], *columns: str) -> Cast:
    """Columns of rows as one text: `[[1, "a"], [2, "b"]]`."""
    # Not `jsonb`: it is put together to be taken apart again, and takes half as long again.
    row = Func(*columns, function="json_build_array", output_field=JSONField())
    return Cast(Func(ArraySubquery(rows.values(row=row)), function="array_to_json"), TextField())


def _renditions(ids: list[int]) -> QuerySet[Any, Any]:
    return Figure.objects.filter(among("id", ids)).order_by().values_list("id", renditions_of(OuterRef("id")))


# What only editors see, or a page of its own shows. Each column of ten cards is read and compared, and a change of it
# would make them anew.
OF_EDITORS = (
    "canonical_url", "translation_of_id", "editors_note", "editors_note_at", "changed_at", "uid", "social_card",
    "draft_id", "draft_at", "created_by_id", "trashed_at", "trashed_by_id", "status_before", "version", "created_at",
    "updated_at", "markup_version", "word_count",
)  # fmt: skip
OF_FIGURES = (
    "source", "long_description", "original", "original_name", "content_hash", "decorative", "caption", "credit",
    "licence", "source_file", "drawn_for_id", "trouble", "weight", "look", "created_at",
)  # fmt: skip
POST, FIGURE = columns_of(Post, (*UNREAD_BY_CARDS, *OF_EDITORS)), columns_of(Figure, OF_FIGURES)
PUBLISHED, ID = POST.index("published_at"), POST.index("id")
LEVEL = columns_of(LearningLevel)
NAMED = ["id", "name", "slug"]
CATEGORY, BYLINE, AUTHOR, RENDITION = map(columns_of, (Category, Byline, Author, Rendition))
RENDITIONS = Compiled(_renditions, prepared=True, ids=NOWHERE)


class Fetched(QuerySet[Any]):
    """Rows of a relation that came another way, as PostgreSQL told them. It is read when somebody looks: a page of ten
    cards has two hundred rows, and where its cards are shown again as they were nobody does."""

    given: str
    make: Callable[[list[Any]], Any]

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self._result_cache = [self.make(row) for row in json.loads(self.given)]

    def _clone(self) -> QuerySet[Any]:
        """What is asked of it beyond its rows is a query like any other."""
        return QuerySet(self.model, query=self.query.chain(), using=self.db)

    def __getitem__(self, place: Any) -> Any:
        self._fetch_all()
        return super().__getitem__(place)

    def count(self) -> int:
        return len(self)

    def exists(self) -> bool:
        return bool(self)


def _category(row: list[Any]) -> Category:
    return Category.from_db(None, CATEGORY, row)


def _byline(columns: list[str], row: list[Any]) -> Byline:
    line = Byline.from_db(None, BYLINE, row[: len(BYLINE)])
    line.author = Author.from_db(None, columns, row[len(BYLINE) :])
    return line


def _rendition(row: list[Any]) -> Rendition:
    return Rendition.from_db(None, RENDITION, row)


def keep_relations(post: Post, categories: str, bylines: str, columns: list[str]) -> None:
    """Lets the post's categories and bylines be what `categories_of` and `bylines_of`, of these columns, have told."""
    keep(post, "categories", Category, categories, _category)
    keep(post, "bylines", Byline, bylines, partial(_byline, columns))


def keep_renditions(figure: Figure, renditions: str) -> None:
    """Lets the figure's renditions be what `renditions_of` has told."""
    keep(figure, "renditions", Rendition, renditions, _rendition)


def fill_renditions(figures: Iterable[Figure]) -> None:
    """The renditions of figures that came without, in one query; none where there is no figure."""
    figures = list(figures)
    made: dict[int, str] = dict(
        RENDITIONS.rows(ids=list({figure.pk for figure in figures})) if figures else ()
    )
    for figure in figures:
        keep_renditions(figure, made.get(figure.pk, "[]"))


def keep(
    owner: models.Model,
    relation: str,
    model: type[models.Model],
    given: str,
    make: Callable[[list[Any]], models.Model],
) -> None:
    """Lets `owner.relation.all()` give these rows without asking the database: what Django's prefetching leaves."""
    known = Fetched(model)
    known.given, known.make = given, make
    known._prefetch_done = True  # type: ignore[attr-defined]
    owner.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = known
