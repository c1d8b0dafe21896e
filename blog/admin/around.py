"""What a post's form shows of the rows around the post, read for all its fields at once: as many queries for a post
with ten authors, parts of series and related posts as for one with none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BigIntegerField, CharField, F, Model, QuerySet, Value

from blog.models import Author, Byline, Category, Figure, LearningLevel, Post, Series
from blog.publishing import approvals, contents
from blog.publishing.contents import Content

Named = dict[type[Model], dict[int, Any]]
# What names a row of each model, a number that goes with it, and the fields of a content that hold its keys.
ROWS: Mapping[type[Any], tuple[tuple[str, ...], Any, tuple[str, ...]]] = {
    Category: (("name", "path"), approvals.asked(), ("categories",)),
    LearningLevel: (("name",), F("number"), ("learning_level",)),
    Author: (("name",), F("user"), ("authors",)),
    Series: (("title",), None, ("series",)),
    Post: (("title",), None, ("related", "translation_of")),
    Figure: (("slug",), None, ("lead_figure",)),
}


@dataclass(frozen=True)
class Around:
    """`live` is what readers have of the post or would get, `head` its newest words, and `named` the rows that either
    names, with no more than their names. `approvals` is how many the newest words need."""

    live: Content
    head: Content
    named: Named = field(default_factory=dict)
    approvals: int = 0

    @property
    def users(self) -> list[int]:
        """The accounts of those whom the newest words name as authors."""
        authors = [self.named[Author].get(pk) for pk in self.head["authors"]]
        return [one.user_id for one in authors if one is not None and one.user_id]

    def rows(self, model: type[Any]) -> Iterable[Any]:
        return self.named.get(model, {}).values()


def of(post: Post) -> Around:
    """The surroundings of a saved post, which they are kept with: two queries, or one where it was read with
    `contents.around()`. For a form that only shows; one that is saved asks anew."""
    known = known_of(post)
    if known is None:
        read = {name: post.__dict__.pop(name) for name in contents.around() if name in post.__dict__}
        live = contents.gathered(post, read) if read else contents.read(post)
        head = dict(post.draft.content) if post.draft else live
        named, asked = names(live, head)
        needed = max((asked.get(pk, 0) for pk in head["categories"]), default=0)
        known = post.__dict__["_around"] = Around(live, head, named, needed)
        _answer(post, known)
    return known


def known_of(post: Post | None) -> Around | None:
    """What `of` has read of the post already, if it has."""
    return post.__dict__.get("_around") if post is not None else None


def _answer(post: Post, around: Around) -> None:
    """Lets the post's relations be asked again and again without another query."""
    categories, authors = around.named[Category], around.named[Author]
    bylines = [
        Byline(post=post, author=authors[pk], position=n)
        for n, pk in enumerate(around.live["authors"])
        if pk in authors
    ]
    filed = [categories[pk] for pk in around.live["categories"] if pk in categories]
    filed.sort(key=lambda one: (one.path, one.pk))
    cache = post.__dict__.setdefault("_prefetched_objects_cache", {})
    cache |= {"categories": _filled(Category, filed), "bylines": _filled(Byline, bylines)}


def _filled(model: type[Any], rows: list[Any]) -> QuerySet[Any]:
    found = model._default_manager.none()
    found._result_cache, found._prefetch_done = rows, True
    return found


def names(*given: Content) -> tuple[Named, dict[int, int]]:
    """The rows that the contents name, by model and key, and how many approvals each category asks for: one query."""
    parts = []
    for model, (columns, number, fields) in ROWS.items():
        keys = {pk for content in given for name in fields for pk in _keys(content[name])}
        if keys:
            first, second = columns[0], columns[1] if len(columns) > 1 else ""
            parts.append(
                model._default_manager.filter(pk__in=keys).order_by().values_list(
                    Value(model._meta.model_name, CharField()), F("pk"),
                    F(first), F(second) if second else Value("", CharField()),
                    number if number is not None else Value(None, BigIntegerField()),
                )
            )  # fmt: skip
    named: Named = {model: {} for model in ROWS}
    models, asked = {model._meta.model_name: model for model in ROWS}, {}
    found = parts[0].union(*parts[1:], all=True) if parts else ()
    for kind, pk, first, second, number in found:
        model = models[kind]
        row = model(pk=pk, **dict(zip(ROWS[model][0], (first, second), strict=False)))
        if model is Author:
            row.user_id = number
        elif model is LearningLevel:
            row.number = number
        elif model is Category:
            asked[pk] = number or 0
        named[model][pk] = row
    return named, asked


def _keys(value: Any) -> list[int]:
    """A field of a content as keys: it holds none, one, several, or pairs that begin with one."""
    if value is None:
        return []
    return [
        one[0] if isinstance(one, list) else one for one in (value if isinstance(value, list) else [value])
    ]
