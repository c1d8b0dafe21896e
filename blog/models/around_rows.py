"""The one query behind everything around a post: its arms, and the columns that they have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    F,
    Field,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast

from .category import Category
from .change import Change
from .compiled import Compiled, IsAnyOf
from .crossings import crossing_rows
from .learning_path import PathStep
from .level import LearningLevel
from .listing import Cursor, Listing, page_rows
from .live import within
from .post import Post
from .related import RelatedPost
from .series import SeriesPart

CANDIDATES = 12  # read, for some are on the page already
CHANGES = 100
# Of any other kind. With a limit each arm is planned by itself, not among the joins of all the others.
MOST = 1_000
# Of a category and level, how many of the newest posts are looked at for one in the reader's language.
WINDOW = 40


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


TYPES: dict[str, Field[Any, Any]] = {
    "number": BigIntegerField(),
    "rank": BigIntegerField(),
    "level_number": BigIntegerField(),
    "minutes": BigIntegerField(),
    "moment": DateTimeField(),
}


def text(words: str = "") -> Value:
    return Value(words, output_field=CharField())


def shaped(rows: QuerySet[Any], kind: str, prefix: str = "", **more: Any) -> QuerySet[Any, Any]:
    """The rows with the columns of Row, from the post that `prefix` leads to."""
    columns: dict[str, Any] = {
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
        "moment": Value(None),
        "crossing": text(),
    } | more
    # Of one type in all arms, so that the union is one flat list to PostgreSQL and not nested pairs.
    named = {f"x_{name}": Cast(columns[name], TYPES.get(name, TextField())) for name in Row._fields}
    return rows.annotate(**named).values_list(*named)


def as_cards(rows: QuerySet[Any], kind: str, prefix: str, **more: Any) -> QuerySet[Any, Any]:
    level = f"{prefix}learning_level__"
    depth = {"level": F(f"{level}name"), "level_number": F(f"{level}number")}
    return shaped(rows, kind, prefix, minutes=F(f"{prefix}reading_minutes"), **depth, **more)


def arms(
    *, post: int, at: datetime, here: datetime, origin: int, level: int, language: str, lineage: list[str],
    slugs: list[str], addresses: list[str],
) -> QuerySet[Any, Any]:  # fmt: skip
    """`here` is the post's place in time, `origin` the post that it and its translations were written first as, `level`
    its level's number, `lineage` the paths of its categories and all above them, `slugs` and `addresses` what
    `crossings.named_by` finds in its text.

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
        *(shaped(rows.order_by("pk"), "part", "post__", **in_series)[:MOST] for rows in (mine, parts)),
        *(shaped(rows.order_by("pk"), "step", "post__", **on_path)[:MOST] for rows in (my_steps, steps)),
        as_cards(
            next_levels(at=at, level=level, language=language, lineage=lineage),
            "next", "post__", group=F("category__name"), group_key=F("category__path"),
        )[:MOST],
        as_cards(
            related, "related", "other__", number=F("position"), rank=F("pk"),
            group_key=Case(When(curated=True, then=text("curated")), default=text()),
        )[:CANDIDATES],
        shaped(
            Change.objects.filter(post=post).order_by("-made_at", "-pk"),
            "change", title=F("sentence"), slug=text(), language=text(), moment=F("made_at"), rank=F("pk"),
        )[:CHANGES],
        shaped(others.filter(translation_of=origin).order_by("pk"), "translation", rank=F("pk"))[:MOST],
        shaped(others.filter(pk=origin).order_by(), "translation", rank=F("pk"))[:MOST],
        shaped(
            crossing_rows(slugs, addresses, at).order_by("pk"),
            "crossing", crossing=Cast("crossing", TextField()),
        )[:MOST],
        all=True,
    )  # fmt: skip


def next_levels(*, at: datetime, level: int, language: str, lineage: list[str]) -> QuerySet[Listing]:
    """For each category of the lineage, the newest live post of the next level up that has one.

    Short scans of one index, one a category and level. Other languages' posts are looked past within a window only,
    lest a category in which there are thousands of them be read to its end.
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
    prepared=True,
    post=7_000_000_000,
    at=LONG_AHEAD,
    here=LONG_AHEAD.replace(day=2),
    origin=7_000_000_001,
    level=32_001,
    language="a language",
    lineage=["a path"],
    slugs=["a slug"],
    addresses=["an address"],
)
