"""Values as something that can be compared: what looks different is never told the same way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.fields.files import FieldFile
from django.utils.functional import Promise

from blog.models.cards import Cards, Fetched
from blog.models.post_page import FoundPage
from blog.models.rows import Rows

# Of these two values are equal only where they look alike. `True == 1`, and so do safe and other strings: those go the
# long way.
PLAIN = frozenset({str, int, type(None)})


class Unknown(TypeError):
    """A value that can't be told from others, so that what it looks like can't be kept."""


def told(value: Any, within: frozenset[int] = frozenset()) -> Any:
    """All that a template could show of a value, as something hashable, such that equal ones look alike. A row is told
    with everything that was fetched with it. `within` are the rows that this one is told as a part of.

    Raises:
        Unknown: the value is of a kind of which that is not known, or a query that was not asked yet.
    """
    kind: Any = type(value)
    if kind in PLAIN:
        return value
    if isinstance(value, Model):
        if id(value) in within:
            return kind, value.pk
        fields = vars(value)
        within |= {id(value)}
        return kind, tuple(fields), *each(fields.values(), within)
    if kind is ModelState:  # the rows that foreign keys lead to, as far as they are fetched
        related = value.fields_cache
        return (tuple(related), *each(related.values(), within)) if related else None
    if kind is list or kind is tuple:
        return kind, *each(value, within)
    if kind is dict:
        return kind, *each(value, within), *each(value.values(), within)
    if kind is Fetched:
        return kind, value.model, value.given
    if kind is Rows:
        return kind, len(value), *value.given
    if kind is Cards:
        return kind, told(value.rows)
    if kind is FoundPage:
        return kind, value.age, *each(value.rows, within)
    if isinstance(value, QuerySet):
        if value._result_cache is None:
            raise Unknown("A query that was not asked yet.")
        return list, *each(value._result_cache, within)
    if kind is datetime:
        return kind, value, value.tzinfo
    if kind in {bool, float, Decimal, date, UUID}:
        return kind, value
    if isinstance(value, str | Promise):
        return kind, str(value)
    if isinstance(value, FieldFile):
        return kind, value.name
    if isinstance(value, tuple) or hasattr(kind, "__dataclass_fields__"):
        parts = value if isinstance(value, tuple) else vars(value).values()
        return kind, *each(parts, within)
    raise Unknown(f"Nobody knows what a template could show of a {kind.__qualname__}.")


def each(values: Iterable[Any], within: frozenset[int]) -> list[Any]:
    return [value if type(value) in PLAIN else told(value, within) for value in values]
