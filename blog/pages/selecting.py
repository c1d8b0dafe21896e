"""What an address selects: the facets named by its path and by its query, as the rows they name.

A path names them as keyword arguments of its pattern (`category` by path, `tag`, `author` and `level` by slug, `year`,
`month`), a query as `?category=&level=300&tag=&author=&year=&month=`. All doors to listings read them here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from django.core.exceptions import BadRequest
from django.db.models import BigIntegerField, CharField, IntegerField, QuerySet, Value
from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse

from blog.models import Address, Author, BadCursor, Category, Cursor, LearningLevel, Selection, Tag
from blog.models.address import as_typed
from blog.models.listing import page_rows
from blog.models.named import authors_named, categories_around, tags_named
from blog.models.selection import FIRST_YEAR, LAST_YEAR

FACETS = ("category", "level", "tag", "author", "year", "month")
PLACES = ("before", "after")
NUMBERS = {"year": (FIRST_YEAR, LAST_YEAR), "month": (1, 12)}

# What a union of different tables is read into, in the order of the models' fields; what a table lacks is nothing.
COLUMNS = ("id", "parent_id", "name", "slug", "path", "description", "position")
FIELDS = {
    "category": COLUMNS,
    "tag": ("id", "name", "slug"),
    "author": ("id", "name", "slug"),
}
ALONE: dict[str, Callable[[str], list[Any]]] = {
    "category": categories_around,
    "tag": tags_named,
    "author": authors_named,
}
NOTHING = {
    "path": Value("", output_field=CharField()),
    "description": Value("", output_field=CharField()),
    "parent_id": Value(None, output_field=BigIntegerField()),
    "position": Value(0, output_field=IntegerField()),
}


@dataclass(frozen=True)
class Found:
    """What an address selects but for its level, and the ancestors (root first) and children (in the editors' order) of
    its category."""

    selection: Selection
    above: list[Category] = field(default_factory=list)
    below: list[Category] = field(default_factory=list)


def selection_of(request: HttpRequest, kwargs: Mapping[str, Any]) -> Selection:
    """The selection of an address. At most two queries: one for category, tag and author, one for the level. A name
    that something used to have finds it, so `url()` may lead elsewhere: a door redirects there, see `is_at`.

    Raises:
        Http404: a facet names what does not exist.
        BadRequest: a facet is named twice and not the same, or a month without a year.
    """
    found = find_scopes(request, kwargs).selection
    named = kwargs.get("level") or request.GET.get("level") is not None
    return with_level(found, request, kwargs, LearningLevel.objects.all() if named else [])


def find_scopes(request: HttpRequest, kwargs: Mapping[str, Any]) -> Found:
    """Everything but the level, in one query at most: a page that counts its levels finds it among them.

    Raises: as `selection_of`.
    """
    asked = {name: _one(name, request, kwargs) for name in FACETS if name != "level"}
    when = {name: _number(name, asked.pop(name)) for name in NUMBERS}
    if when["month"] and not when["year"]:
        raise BadRequest("A month belongs to a year.")
    rows = _look_up({name: value for name, value in asked.items() if value is not None})
    above, below = [], []
    if path := asked["category"]:
        around = rows.pop("around")
        above = sorted(
            (one for one in around if path.startswith(f"{one.path}/")), key=lambda one: len(one.path)
        )
        below = sorted(
            (one for one in around if one.parent_id == rows["category"].pk),
            key=lambda one: (one.position, one.name, one.pk),
        )
    return Found(Selection(**rows, year=when["year"], month=when["month"]), above, below)


def with_level(
    selection: Selection, request: HttpRequest, kwargs: Mapping[str, Any], levels: Iterable[LearningLevel]
) -> Selection:
    """The selection narrowed to the level, one of `levels`, that the address names, if it does.

    Raises: as `selection_of`.
    """
    levels = list(levels)
    wanted = [("slug", kwargs["level"])] if kwargs.get("level") else []
    wanted += [("number", value) for value in request.GET.getlist("level")]
    found = set()
    for column, value in wanted:
        named = [level for level in levels if str(getattr(level, column)) == value]
        if not named:
            raise Http404("There is no such level.")
        found.update(named)
    if len(found) > 1:
        raise BadRequest("A post has one level.")
    return selection.replace(level=found.pop()) if found else selection


def demand_public(selection: Selection, *, at: datetime) -> None:
    """Asked where nothing is found: a tag that no live post bears, or an author of none, is nobody's to know yet. One
    query for each that is named.

    Raises:
        Http404: there is such a one.
    """
    for scope in (selection.tag, selection.author):
        if scope and not page_rows(scope, at=at).exists():
            raise Http404("Nothing has been published there.")


def places_of(request: HttpRequest) -> dict[str, Cursor | None]:
    """The places `before` and `after` which the page lies. Raises BadRequest for what no page has given out."""
    places: dict[str, Cursor | None] = {}
    for name in PLACES:
        text = request.GET.get(name)
        try:
            places[name] = Cursor.parse(text) if text is not None else None
        except BadCursor:
            raise BadRequest(f"?{name}= is not a place in this listing.") from None
    if all(places.values()):
        raise BadRequest("A page lies before a place or after it, not both.")
    return places


def is_at(request: HttpRequest, url: str) -> bool:
    """Whether the request came for `url`: its path, and its query but for what means nothing to a listing."""
    path, _, query = url.partition("?")
    known = {*FACETS, *PLACES}
    asked = [(name, value) for name, values in request.GET.lists() for value in values if name in known]
    return request.path == unquote(path) and asked == parse_qsl(query)


def _one(name: str, request: HttpRequest, kwargs: Mapping[str, Any]) -> str | None:
    """The value of a facet in path and query together. Raises BadRequest where there are several."""
    values = [str(kwargs[name])] if kwargs.get(name) is not None else []
    values += request.GET.getlist(name)
    if name in NUMBERS:  # leading zeros are forgiven, for the address is then put right
        values = [value.lstrip("0") or "0" for value in values]
    if len(set(values)) > 1:
        raise BadRequest(f"The address names more than one {name}.")
    return values[0] if values else None


def _number(name: str, text: str | None) -> int | None:
    """A year or month. Raises Http404."""
    if text is None:
        return None
    least, most = NUMBERS[name]
    if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or not least <= int(text) <= most:
        raise Http404(f"There is no such {name}.")
    return int(text)


def _look_up(asked: Mapping[str, str]) -> dict[str, Any]:
    """The rows by name of facet and, for a category, `around` it. Raises Http404."""
    if not asked:
        return {}
    rows = _alone(*next(iter(asked.items()))) if len(asked) == 1 else _together(asked)
    found: dict[str, Any] = {}
    for name, value in asked.items():
        key = "path" if name == "category" else "slug"
        match = next((row for row in rows[name] if getattr(row, key) == value), None)
        found[name] = match or _moved(name, value)
    if around := rows.get("category"):
        found["around"] = around
    elif "category" in asked:
        found["around"] = []
    return found


def _alone(name: str, value: str) -> dict[str, list[Any]]:
    return {name: ALONE[name](value)}


def _together(asked: Mapping[str, str]) -> dict[str, list[Any]]:
    """As `_alone` for several facets, in one query; of an author, what a sentence about the selection needs."""
    models: dict[str, Any] = {"category": Category, "tag": Tag, "author": Author}
    arms = []
    for name, value in asked.items():
        rows: QuerySet[Any]
        if name == "category":
            rows = Category.objects.around(value)
        else:
            rows = models[name].objects.filter(slug=value)
        columns = [column if column in FIELDS[name] else NOTHING[column] for column in COLUMNS]
        arms.append(rows.order_by().values_list(Value(name, output_field=CharField()), *columns))
    found: dict[str, list[Any]] = {name: [] for name in asked}
    for kind, *values in arms[0].union(*arms[1:], all=True):
        row = dict(zip(COLUMNS, values, strict=True))
        found[kind].append(
            models[kind].from_db("default", FIELDS[kind], [row[name] for name in FIELDS[kind]])
        )
    return found


def _moved(name: str, value: str) -> Any:
    """What used to be called `value`. Raises Http404."""
    try:
        path = as_typed(reverse(name, args=[value]))
    except NoReverseMatch:
        raise Http404(f"There is no such {name}.") from None
    moved = Address.objects.select_related(name).filter(path=path, **{f"{name}__isnull": False}).first()
    if moved is None:
        raise Http404(f"There is no such {name}.")
    return getattr(moved, name)
