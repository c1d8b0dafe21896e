"""The audit log: who did what to which thing, when. Lines are written in the transaction of the deed, so that there is
never one without the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Q, QuerySet

from blog.models import Event

LONGEST = 300  # characters of one detail: titles and names fit, texts do not belong here
MOST = 600  # entries of a list
BATCH = 2_000
COLUMNS = ("at", "who", "verb", "kind", "thing", "title", "details")
# A spreadsheet takes a cell that begins so for a formula: https://owasp.org/www-community/attacks/CSV_Injection.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
SECRET = frozenset({"password", "token", "secret", "session", "csrf", "key_hash"})


def record(verb: str, thing: models.Model | None, *, by: Any, at: datetime, **details: Any) -> None:
    """Adds a line, within the caller's transaction.

    Args:
        verb: what was done, as `kind.participle`: `post.published`.
        thing: what it was done to; a row that is just being deleted may have lost its key already.
        by: the user; None or an anonymous one for work that nobody asked for.
        details: plain values that say more. Long texts are cut, and what is named like a secret is left out.
    """
    Event.objects.create(**line(verb, thing, by=by, at=at, **details))


def record_all(verb: str, things: Iterable[models.Model], *, by: Any, at: datetime, **details: Any) -> None:
    """A line for each of the things, in one query a thousand."""
    rows = (Event(**line(verb, thing, by=by, at=at, **details)) for thing in things)
    Event.objects.bulk_create(rows, batch_size=1_000)


def record_each(
    verb: str, things: Iterable[tuple[models.Model, Mapping[str, Any]]], *, by: Any, at: datetime
) -> None:
    """The same with details of each thing's own."""
    rows = (Event(**line(verb, thing, by=by, at=at, **details)) for thing, details in things)
    Event.objects.bulk_create(rows, batch_size=1_000)


def line(verb: str, thing: models.Model | None, *, by: Any, at: datetime, **details: Any) -> dict[str, Any]:
    """The columns of a line."""
    known = by is not None and by.pk is not None
    key = thing.pk if thing is not None else None
    return {
        "at": at,
        "who": by if known else None,
        "who_name": _clean(by.get_username(), 150) if known else "",
        "verb": verb,
        "kind": str(thing._meta.model_name) if thing is not None else "",
        "thing": key if isinstance(key, int) else None,
        "title": _clean(str(thing), 250) if thing is not None else "",
        "details": _plain(details),
    }


def forget(*, before: datetime) -> int:
    """Deletes the lines from before that instant, the one way there is; returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL stratum.retention = 'on'")
        cursor.execute("DELETE FROM blog_event WHERE at < %s", [before])
        gone = cursor.rowcount
        cursor.execute("SET LOCAL stratum.retention = 'off'")
    return gone


def _plain(value: Any) -> Any:
    """The value as JSON that PostgreSQL stores."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {
            _clean(str(name), 60): _plain(one)
            for name, one in value.items()
            if str(name).lower() not in SECRET
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in list(value)[:MOST]]
    return _clean(str(value), LONGEST)


def _clean(text: str, most: int) -> str:
    """Text without what PostgreSQL refuses, cut."""
    text = text.replace("\0", "").encode(errors="replace").decode()
    return text if len(text) <= most else text[: most - 1] + "…"


# --- For reading


def in_order(events: QuerySet[Event]) -> Iterator[Event]:
    """All of them, oldest first, in batches that each begin where the one before ended: no cursor stays open while a
    slow line takes the file."""
    place: Event | None = None
    while True:
        rows = events.order_by("at", "pk")
        if place:
            rows = rows.filter(Q(at__gt=place.at) | Q(at=place.at, pk__gt=place.pk))
        batch = list(rows[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        place = batch[-1]


def as_record(event: Event) -> dict[str, Any]:
    """The line with the names of COLUMNS; `at` in UTC, ISO 8601."""
    return {
        "at": event.at.astimezone(UTC).isoformat(),
        "who": event.who_name,
        "verb": event.verb,
        "kind": event.kind,
        "thing": event.thing,
        "title": event.title,
        "details": event.details,
    }


def as_cells(record: dict[str, Any]) -> list[Any]:
    """The record as a row of a table, in the order of COLUMNS; no cell is a formula."""
    details = json.dumps(record["details"], ensure_ascii=False) if record["details"] else ""
    return [harmless((record | {"details": details})[name]) for name in COLUMNS]


def harmless(cell: Any) -> Any:
    """The cell, with an apostrophe before what a spreadsheet would compute."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA) else cell
