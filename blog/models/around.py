"""What stands around a post: its neighbours, series, paths, next level, related posts, changes, translations and the
posts that its text refers to. Everything in one query, and nothing of it before its time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language_info

from .around_rows import ARMS, Row
from .category import lineage
from .change import Change
from .crossings import Crossing, gather, named_by
from .level import LearningLevel
from .post import Post
from .routes import route
from .rows import Rows

RELATED = 4  # shown


@dataclass(frozen=True)
class Link:
    """A title and where it leads; `language` is the title's."""

    title: str
    url: str
    number: int = 0
    here: bool = False
    language: str = ""


@dataclass(frozen=True)
class Card(Link):
    """A link that says how deep and how long the post behind it is."""

    level: LearningLevel | None = None
    minutes: int = 0


@dataclass(frozen=True)
class NextLevel(Card):
    """A post that goes deeper, and the category that it has in common with this one."""

    category: Link | None = None


@dataclass(frozen=True)
class SeriesOnPage:
    """A series that the post stands in, with its public parts in order.

    Parts bear the numbers that editors gave them, since titles and texts repeat those. `total` is the number of parts
    while they run from 1 without a gap, else 0: “4 of 3” makes no sense, and nobody is told what is still to come.
    """

    title: str
    url: str
    number: int
    parts: list[Link] = field(default_factory=list)
    total: int = 0
    previous: Link | None = None
    next: Link | None = None


@dataclass(frozen=True)
class PathOnPage:
    """A learning path that the post stands on. Steps are counted anew over those that are public."""

    title: str
    url: str
    number: int
    total: int
    previous: Link | None = None
    next: Link | None = None


@dataclass(frozen=True)
class Translation:
    """The same post in another language; `name` is that language's own word for itself. `original`: the others were
    translated from it."""

    language: str
    name: str
    title: str
    url: str
    original: bool = False


@dataclass(frozen=True)
class Around:
    newer: Link | None
    older: Link | None
    series: list[SeriesOnPage]
    paths: list[PathOnPage]
    next_level: NextLevel | None
    related: list[Card]
    changes: list[Change]
    translations: list[Translation]
    crossings: dict[tuple[str, str], Crossing]


def asked_around(post: Post, *, here: datetime) -> dict[str, Any]:
    """What ARMS asks for a post whose categories and level are fetched and whose place in time is `here`: all but the
    instant `at` at which it is shown. Follows from the post's COLUMNS_ASKED, its level's number and its categories."""
    slugs, addresses = named_by(_crossings(post))
    return {
        "post": post.pk,
        "here": here,
        "origin": post.translation_of_id or post.pk,
        "level": post.learning_level.number if post.learning_level else 32_767,
        "language": post.language,
        "lineage": by_depth([category.path for category in post.categories.all()]),
        "slugs": slugs,
        "addresses": addresses,
    }


COLUMNS_ASKED = ("id", "published_at", "translation_of_id", "language", "facts")


def ask_around(post: Post, *, at: datetime) -> Rows:
    """The rows of all that surrounds such a post, for `around_of`. One query.

    A post that is not live (a preview) has the neighbours that it would have if it were published at `at`.
    """
    return ARMS.rows(at=at, **asked_around(post, here=post.published_at or at))


def _crossings(post: Post) -> list[tuple[str, str]]:
    return [(slug, key) for slug, key in post.facts.get("crossings", [])]


def around_of(post: Post, rows: Iterable[tuple[Any, ...]]) -> Around:
    paths = by_depth([category.path for category in post.categories.all()])
    found: dict[str, list[Row]] = {}
    for values in rows:
        row = Row(*values)
        found.setdefault(row.kind, []).append(row)
    series = list(_series(found.get("part", []), post))
    next_level = _next_level(found.get("next", []), paths)
    steps = list(_paths(found.get("step", []), post))
    linked = {part.url for one in series for part in one.parts}
    linked |= {link.url for path in steps for link in (path.previous, path.next) if link}
    linked |= {next_level.url} if next_level else set()
    return Around(
        newer=next(map(_link, found.get("newer", [])), None),
        older=next(map(_link, found.get("older", [])), None),
        series=series,
        paths=steps,
        next_level=next_level,
        related=_related(found.get("related", []), linked),
        changes=_changes(found.get("change", []), post),
        translations=_translations(found.get("translation", []), post),
        crossings=gather(_crossings(post), (json.loads(row.crossing) for row in found.get("crossing", []))),
    )


def by_depth(own: Sequence[str]) -> list[str]:
    """The paths of these categories and of all above them, the most specific ones first."""
    every = {path for one in own for path in lineage(one)}
    return sorted(every, key=lambda path: (-path.count("/"), path not in own, path))


def _link(row: Row, *, number: int = 0, here: bool = False) -> Link:
    return Link(row.title, route("post", row.slug), number, here, row.language)


def _card(row: Row) -> dict[str, Any]:
    level = LearningLevel(name=row.level, number=row.level_number) if row.level else None
    url = route("post", row.slug)
    return {
        "title": row.title, "url": url, "language": row.language, "level": level, "minutes": row.minutes,
    }  # fmt: skip


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows of each series or path, in order; these by title."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group_key, []).append(row)
    for _, one in sorted(groups.items(), key=lambda item: (item[1][0].group, item[0])):
        yield sorted(one, key=lambda row: row.number)


def _beside(links: list[Link], place: int) -> dict[str, Link | None]:
    return {
        "previous": links[place - 1] if place else None,
        "next": links[place + 1] if place + 1 < len(links) else None,
    }


def _series(rows: list[Row], post: Post) -> Iterator[SeriesOnPage]:
    for group in _groups(rows):
        parts = [_link(row, number=row.number, here=row.slug == post.slug) for row in group]
        place = next(n for n, part in enumerate(parts) if part.here)
        whole = [part.number for part in parts] == list(range(1, len(parts) + 1))
        yield SeriesOnPage(
            title=group[0].group,
            url=route("series", group[0].group_key),
            number=parts[place].number,
            parts=parts,
            total=len(parts) if whole else 0,
            **_beside(parts, place),
        )


def _paths(rows: list[Row], post: Post) -> Iterator[PathOnPage]:
    for group in _groups(rows):
        steps = [_link(row, number=n, here=row.slug == post.slug) for n, row in enumerate(group, start=1)]
        place = next(n for n, step in enumerate(steps) if step.here)
        yield PathOnPage(
            title=group[0].group,
            url=route("learning-path", group[0].group_key),
            number=place + 1,
            total=len(steps),
            **_beside(steps, place),
        )


def _next_level(rows: list[Row], paths: list[str]) -> NextLevel | None:
    if not rows:
        return None
    row = min(rows, key=lambda row: paths.index(row.group_key))
    return NextLevel(**_card(row), category=Link(row.group, route("category", row.group_key)))


def _related(rows: list[Row], linked: set[str]) -> list[Card]:
    """What editors chose comes first; then what the page does not link to anyway."""
    cards: dict[str, tuple[Any, Card]] = {}
    for row in sorted(rows, key=lambda row: (not row.group_key, row.number, row.rank)):
        card = Card(**_card(row))
        again = not row.group_key and card.url in linked
        cards.setdefault(card.url, (again, card))
    return [card for _, card in sorted(cards.values(), key=lambda pair: pair[0])][:RELATED]


def _changes(rows: list[Row], post: Post) -> list[Change]:
    rows = sorted(rows, key=lambda row: (row.moment, row.rank), reverse=True)
    return [Change(post=post, made_at=row.moment, sentence=row.title) for row in rows if row.moment]


def _translations(rows: list[Row], post: Post) -> list[Translation]:
    found = [
        Translation(
            row.language,
            own_name(row.language),
            row.title,
            route("post", row.slug),
            original=row.rank == post.translation_of_id,
        )
        for row in sorted(rows, key=lambda row: row.rank)
    ]
    return sorted(found, key=lambda one: one.name.casefold())


def own_name(language: str) -> str:
    """What the speakers of a language call it, such as Deutsch; its tag where Django does not know it."""
    try:
        return str(get_language_info(language.lower())["name_local"])
    except KeyError:
        return language
