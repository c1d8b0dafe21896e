"""The rows that an address names: a category with what is around it, a tag, an author with a portrait. Whatever is read
at an address begins with one of these, so their text is put together once."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet

from .author import Author
from .cards import AUTHOR, CATEGORY, columns_of
from .category import Category, lineage
from .compiled import Compiled
from .figure import Figure
from .tag import Tag

TAG, PORTRAIT = columns_of(Tag), columns_of(Figure)


def _around(path: str, paths: list[str]) -> QuerySet[Any, Any]:
    """`paths` is the lineage of `path`: of the sample, itself alone."""
    return Category.objects.around(path).values_list(*CATEGORY)


def _tags(slug: str) -> QuerySet[Any, Any]:
    return Tag.objects.filter(slug=slug).values_list(*TAG)


def _authors(slug: str) -> QuerySet[Any, Any]:
    return Author.objects.filter(slug=slug).values_list(*AUTHOR, *(f"portrait__{name}" for name in PORTRAIT))


AROUND = Compiled(_around, prepared=True, path="a path", paths=["a path"])
TAGS = Compiled(_tags, prepared=True, slug="a slug")
AUTHORS = Compiled(_authors, prepared=True, slug="a slug")


def categories_around(path: str) -> list[Category]:
    """As `Category.objects.around`. One query."""
    return [Category.from_db(None, CATEGORY, row) for row in AROUND.rows(path=path, paths=lineage(path))]


def tags_named(slug: str) -> list[Tag]:
    """The tag of that slug, or none. One query."""
    return [Tag.from_db(None, TAG, row) for row in TAGS.rows(slug=slug)]


def authors_named(slug: str) -> list[Author]:
    """The author of that slug with the portrait, or none. One query."""
    return [_author(row) for row in AUTHORS.rows(slug=slug)]


def _author(row: tuple[Any, ...]) -> Author:
    columns = dict(zip(AUTHOR, row, strict=False))
    author = Author.from_db(None, AUTHOR, (columns | {"links": json.loads(columns["links"])}).values())
    author.portrait = (
        Figure.from_db(None, PORTRAIT, row[len(AUTHOR) :]) if author.portrait_id is not None else None
    )
    return author
