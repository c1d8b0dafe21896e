"""What stands around a post: its neighbours, series, paths, next level, related posts, changes, translations and the
posts that its text refers to. Everything in one query, and nothing of it before its time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField, BooleanField, Case, CharField, DateTimeField, F, Func, OuterRef, QuerySet, Subquery, TextField, Value, When,
)  # fmt: skip
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import get_language_info

from .category import Category, lineage
from .change import Change
from .compiled import Compiled
from .crossings import Crossing, crossing_rows, gather
from .learning_path import PathStep
from .level import LearningLevel
from .listing import Cursor, Listing, page_rows
from .live import within
from .post import Post
from .related import RelatedPost
from .series import SeriesPart

RELATED = 4  # shown
CANDIDATES = 12  # read, for some are on the page already
CHANGES = 100
# Of a category and level, how many of the newest posts are looked at for one in the reader's language.
WINDOW = 40


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
    """The same post in another language; `name` is that language's own word for itself."""

    language: str
    name: str
    title: str
    url: str


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


class Row(NamedTuple):
    """A row of any arm; what an arm has no use for is empty. `group` and `group_key` name what the row stands in."""

    kind: str
    title: str
    slug: str
    language: str
    group: str
    group_key: str
    number: int
    rank: int
    level: str
    level_number: int
    minutes: int
    moment: datetime | None
    crossing: str


class IsAnyOf(Func):
    """Whether a value is in an array: unlike `__in`, of as many parameters whatever the array's length."""

    arg_joiner = " = ANY("
    template = "%(expressions)s)"
    output_field = BooleanField()


def text(words: str = "") -> Value:
    return Value(words, output_field=CharField())


def shaped(rows: QuerySet[Any], kind: str, prefix: str = "", **more: Any) -> QuerySet[Any, Any]:
    """The rows with the columns of Row, from the post that `prefix` leads to."""
    columns = {
        "kind": text(kind),
        "title": F(f"{prefix}title"),
        "slug": F(f"{prefix}slug"),
        "language": F(f"{prefix}language"),
        "group": text(),
        "group_key": text(),
        "number": Value(0, output_field=BigIntegerField()),
        "rank": Value(0, output_field=BigIntegerField()),
        "level": text(),
        "level_number": Value(0, output_field=BigIntegerField()),
        "minutes": Value(0, output_field=BigIntegerField()),
        "moment": Cast(Value(None), DateTimeField()),
        "crossing": text(),
    } | more
    named = {f"x_{name}": columns[name] for name in Row._fields}
    return rows.annotate(**named).values_list(*named)


def as_cards(rows: QuerySet[Any], kind: str, prefix: str, **more: Any) -> QuerySet[Any, Any]:
    level = f"{prefix}learning_level__"
    depth = {"level": F(f"{level}name"), "level_number": F(f"{level}number")}
    return shaped(rows, kind, prefix, minutes=F(f"{prefix}reading_minutes"), **depth, **more)


def arms(
    *, post: int, at: datetime, here: datetime, origin: int, level: int, language: str, lineage: list[str]
) -> QuerySet[Any, Any]:
    """Everything but the crossings. `here` is the post's place in time, `origin` the post that it and its translations
    were written first as, `level` its level's number, `lineage` the paths of its categories and all above them.

    Arms of a union throughout, never an OR: that makes PostgreSQL gather all live posts first, 280 ms at 100,000.
    """
    live = Post.objects.live(at)
    others = live.exclude(pk=post)
    place = Cursor(here, post)
    newer = shaped(page_rows(None, at=at, after=place), "newer", "post__")[:1]
    older = shaped(page_rows(None, at=at, before=place), "older", "post__")[:1]
    mine = SeriesPart.objects.filter(post=post)
    parts = SeriesPart.objects.filter(series__in=mine.values("series"), post__in=others)
    my_steps = PathStep.objects.filter(post=post)
    steps = PathStep.objects.filter(learning_path__in=my_steps.values("learning_path"), post__in=others)
    in_series = {"group": F("series__title"), "group_key": F("series__slug"), "number": F("number")}
    on_path = {
        "group": F("learning_path__title"),
        "group_key": F("learning_path__slug"),
        "number": F("number"),
    }
    related = RelatedPost.objects.filter(post=post, other__in=live).order_by("-curated", "position", "pk")
    return newer.union(
        older,
        *(shaped(rows.order_by(), "part", "post__", **in_series) for rows in (mine, parts)),
        *(shaped(rows.order_by(), "step", "post__", **on_path) for rows in (my_steps, steps)),
        as_cards(
            next_levels(at=at, level=level, language=language, lineage=lineage),
            "next", "post__", group=F("category__name"), group_key=F("category__path"),
        ),
        as_cards(
            related, "related", "other__", number=F("position"), rank=F("pk"),
            group_key=Case(When(curated=True, then=text("curated")), default=text()),
        )[:CANDIDATES],
        shaped(
            Change.objects.filter(post=post).order_by("-made_at", "-pk"),
            "change", title=F("sentence"), slug=text(), language=text(), moment=F("made_at"), rank=F("pk"),
        )[:CHANGES],
        shaped(others.filter(translation_of=origin).order_by(), "translation", rank=F("pk")),
        shaped(others.filter(pk=origin).order_by(), "translation", rank=F("pk")),
        all=True,
    )  # fmt: skip


def next_levels(*, at: datetime, level: int, language: str, lineage: list[str]) -> QuerySet[Listing]:
    """For each category of the lineage, the newest live post of the next level up that has one.

    Short scans of one index, one a category and level. Other languages' posts are looked past within a window only, lest
    a category in which there are thousands of them be read to its end.
    """
    here = {"category": OuterRef(OuterRef(OuterRef("pk"))), "level": OuterRef(OuterRef("pk"))}
    newest_first = ("-published_at", "-post_id")
    window = Listing.objects.filter(within(at), **here).order_by(*newest_first).values("pk")[:WINDOW]
    newest = Listing.objects.filter(pk__in=window, post__language=language).order_by(*newest_first)
    levels = LearningLevel.objects.filter(number__gt=level).annotate(found=Subquery(newest.values("pk")[:1]))
    nearest = levels.filter(found__isnull=False).order_by("number").values("found")[:1]
    paths = Value(lineage, output_field=ArrayField(CharField()))
    categories = Category.objects.filter(IsAnyOf(F("path"), paths)).order_by()
    # An array, for joined with what is found, the whole table would be read.
    found = ArraySubquery(categories.annotate(found=Subquery(nearest)).values("found"))
    return Listing.objects.filter(IsAnyOf(F("pk"), found)).order_by()


LONG_AHEAD = datetime(9000, 1, 1, tzinfo=UTC)
ARMS = Compiled(
    arms,
    post=7_000_000_000,
    at=LONG_AHEAD,
    here=LONG_AHEAD.replace(day=2),
    origin=7_000_000_001,
    level=32_001,
    language="a language",
    lineage=["a path"],
)


def read_around(post: Post, *, at: datetime) -> Around:
    """All that surrounds a post whose categories and level are fetched. One query.

    A post that is not live (a preview) has the neighbours that it would have if it were published at `at`.
    """
    own = [category.path for category in post.categories.all()]
    paths = by_depth(own)
    pairs = [(slug, key) for slug, key in post.facts.get("crossings", [])]
    found: dict[str, list[Row]] = {}
    for values in ARMS.rows(
        beside=_crossing_arm(pairs, at) if pairs else None,
        post=post.pk,
        at=at,
        here=post.published_at or at,
        origin=post.translation_of_id or post.pk,
        level=post.learning_level.number if post.learning_level else 32_767,
        language=post.language,
        lineage=paths,
    ):
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
        translations=_translations(found.get("translation", [])),
        crossings=gather(pairs, (json.loads(row.crossing) for row in found.get("crossing", []))),
    )


def _crossing_arm(pairs: Iterable[Sequence[str]], at: datetime) -> QuerySet[Any, Any]:
    rows = crossing_rows(pairs, at)
    return shaped(rows, "crossing", crossing=Cast("crossing", TextField()))


def by_depth(own: Sequence[str]) -> list[str]:
    """The paths of these categories and of all above them, the most specific ones first."""
    every = {path for one in own for path in lineage(one)}
    return sorted(every, key=lambda path: (-path.count("/"), path not in own, path))


def _link(row: Row, *, number: int = 0, here: bool = False) -> Link:
    return Link(row.title, reverse("post", args=[row.slug]), number, here, row.language)


def _card(row: Row) -> dict[str, Any]:
    level = LearningLevel(name=row.level, number=row.level_number) if row.level else None
    url = reverse("post", args=[row.slug])
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
            url=reverse("series", args=[group[0].group_key]),
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
            url=reverse("learning-path", args=[group[0].group_key]),
            number=place + 1,
            total=len(steps),
            **_beside(steps, place),
        )


def _next_level(rows: list[Row], paths: list[str]) -> NextLevel | None:
    if not rows:
        return None
    row = min(rows, key=lambda row: paths.index(row.group_key))
    return NextLevel(
        **_card(row), category=Link(row.group, reverse("category", args=[row.group_key]))
    )


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
    return [Change(post=post, made_at=row.moment, sentence=row.title) for row in rows]


def _translations(rows: list[Row]) -> list[Translation]:
    found = [
        Translation(row.language, own_name(row.language), row.title, reverse("post", args=[row.slug]))
        for row in sorted(rows, key=lambda row: row.rank)
    ]
    return sorted(found, key=lambda one: one.name.casefold())


def own_name(language: str) -> str:
    """What the speakers of a language call it, such as Deutsch; its tag where Django does not know it."""
    try:
        return str(get_language_info(language.lower())["name_local"])
    except KeyError:
        return language
