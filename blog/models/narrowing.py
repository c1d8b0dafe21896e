"""How a selection could be narrowed further: the values that its posts have, each with the exact number of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, Count, F, Func, QuerySet, Sum, Value
from django.db.models.functions import Cast, ExtractMonth, ExtractYear

from .author import Author
from .bit_counts import counts_by_bits
from .category import Category
from .listing import Listing, Tally, scoped
from .selection import Selection, entries_of, selected_rows
from .tag import Tag

COLUMNS = {"category": "categories", "tag": "tags", "author": "authors"}


class Unnest(Func):
    function = "unnest"
    arity = 1
    set_returning = True
    output_field = BigIntegerField()


@dataclass(frozen=True)
class Choice:
    """One step further: the selection with one more facet, and how many live posts it leaves."""

    value: Any
    selection: Selection
    posts: int


@dataclass(frozen=True)
class Choices:
    """The values of one kind of facet: the most frequent ones, or all by name; `more` are not among them."""

    kind: str
    values: list[Choice]
    more: int


def open_kinds(selection: Selection, below: Sequence[Category]) -> list[str]:
    """The kinds by which the selection can be narrowed: a category by those right `below` it, a year by its months."""
    kinds = ["category"] if below or not selection.category else []
    if selection.month is None:
        kinds.append("month" if selection.year else "year")
    return kinds + [kind for kind in ("tag", "author") if getattr(selection, kind) is None]


def read_narrowing(
    selection: Selection, kinds: Sequence[str], *, at: datetime, most: int | None
) -> list[Choices]:
    """The choices of each of these kinds, `most` of them at most. Two queries.

    Without a scope or year they come from the tally; else every post of the selection is looked at.
    """
    counts = _counts(selection, kinds, at=at)
    ranked = {
        kind: [value for value, _ in sorted(counts[kind].items(), key=lambda one: (-one[1], one[0]))]
        for kind in kinds
    }
    # Of the categories all are looked up, for only these rows tell which ones are a step further: they are few.
    wanted = {kind: ranked[kind][: None if kind == "category" else most] for kind in kinds if kind in COLUMNS}
    rows = _named(wanted, selection.category)
    if "category" in kinds:
        ranked["category"] = [pk for pk in ranked["category"] if pk in rows["category"]]
    shown = {kind: ranked[kind][:most] for kind in kinds}
    found = []
    for kind in kinds:
        choices = [
            Choice(value, selection.replace(**{kind: value}), counts[kind][key])
            for key in shown[kind]
            if (value := rows[kind].get(key) if kind in COLUMNS else key) is not None
        ]
        if kind == "category":
            choices.sort(key=lambda one: (one.value.position, one.value.name, one.value.pk))
        elif kind in ("year", "month"):
            choices.sort(key=lambda one: one.value, reverse=kind == "year")
        elif most is None:
            choices.sort(key=lambda one: (one.value.name.casefold(), one.value.pk))
        found.append(Choices(kind, choices, more=len(ranked[kind]) - len(shown[kind])))
    return found


def _counts(selection: Selection, kinds: Sequence[str], *, at: datetime) -> dict[str, dict[int, int]]:
    """Posts by value, by kind; nothing that is zero."""
    arms: list[QuerySet[Any, Any]] = []
    plain = not selection.scopes and selection.year is None
    for kind in kinds:
        if kind in COLUMNS and plain:
            arms += _tallied(selection, kind, at=at)
        elif kind in COLUMNS:
            rows = entries_of(selection, at=at).annotate(value=Unnest(F(COLUMNS[kind])))
            arms.append(_shaped(kind, rows, F("value"), Count("*")))
        else:
            # A date's parts are numeric to PostgreSQL, and so would be every key of the union.
            part = Cast((ExtractYear if kind == "year" else ExtractMonth)("published_at"), BigIntegerField())
            arms.append(_shaped(kind, selected_rows(selection, at=at), part, Count("*")))
    counts: dict[str, dict[int, int]] = {kind: defaultdict(int) for kind in kinds}
    for kind, value, n in _read(selection, kinds, arms, plain, at=at) if arms else []:
        counts[kind][value] += n
    return {kind: {value: n for value, n in found.items() if n} for kind, found in counts.items()}


def _read(
    selection: Selection, kinds: Sequence[str], arms: list[QuerySet[Any, Any]], plain: bool, *, at: datetime
) -> Iterator[tuple[str, int, int]]:
    """Rows of kind, value and number: from bits where they are kept of what is chosen, else by the `arms`."""
    by_bits = None if plain else counts_by_bits(selection, kinds, at=at)
    if by_bits is None:
        yield from arms[0].union(*arms[1:], all=True)
        return
    for kind, value, n in by_bits:
        if kind == "month":
            year, month = value.split("-")
            yield ("month", int(month), n) if "month" in kinds else ("year", int(year), n)
        else:
            yield kind, int(value), n


def _shaped(kind: str, rows: QuerySet[Any], value: Any, n: Any) -> QuerySet[Any, Any]:
    counted = rows.order_by().values(of=value).annotate(n=n)
    return counted.values_list(Value(kind, output_field=CharField()), "of", "n")


def _tallied(selection: Selection, kind: str, *, at: datetime) -> list[QuerySet[Any, Any]]:
    """What is filed, less what is scheduled and what has expired; of categories, those at the top."""
    narrowed: dict[str, Any] = {f"{kind}__isnull": False}
    if selection.level:
        narrowed["level"] = selection.level
    if kind == "category":
        narrowed = narrowed | {
            "category__in": Category.objects.filter(parent=None).order_by().values("pk"),
        }
    ahead = Listing.objects.filter(**scoped(None), published_at__gt=at)
    ended = Listing.objects.filter(**scoped(None), published_at__lte=at, expires_at__lte=at)
    hidden = [
        Listing.objects.filter(**narrowed, post__in=rows.order_by().values("post")) for rows in (ahead, ended)
    ]
    return [
        _shaped(kind, Tally.objects.filter(**narrowed), F(f"{kind}_id"), Sum("posts")),
        *(_shaped(kind, rows, F(f"{kind}_id"), -Count("*")) for rows in hidden),
    ]


def _named(wanted: dict[str, list[int]], above: Category | None) -> dict[str, dict[int, Any]]:
    """The rows with these keys, as far as their names and addresses need them; categories only right below `above`."""
    empty, zero = Value("", output_field=CharField()), Value(0, output_field=BigIntegerField())
    shapes: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "category": (Category, ("pk", "name", "slug", "path", "position")),
        "tag": (Tag, ("pk", "name", "slug", empty, zero)),
        "author": (Author, ("pk", "name", "slug", empty, zero)),
    }
    queries: list[QuerySet[Any, Any]] = []
    for kind, keys in wanted.items():
        model, columns = shapes[kind]
        rows = model._default_manager.filter(pk__in=keys).order_by()
        if kind == "category":
            rows = rows.filter(parent=above)
        queries.append(rows.values_list(Value(kind, output_field=CharField()), *columns))
    found: dict[str, dict[int, Any]] = {kind: {} for kind in wanted}
    for kind, pk, name, slug, path, position in queries[0].union(*queries[1:], all=True) if queries else []:
        if kind == "category":
            found[kind][pk] = Category(pk=pk, name=name, slug=slug, path=path, position=position)
        else:
            found[kind][pk] = (Tag if kind == "tag" else Author)(pk=pk, name=name, slug=slug)
    return found
