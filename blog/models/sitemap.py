"""What a sitemap tells: every public address that search engines should keep, and when it last changed.

Cut into parts by ids, which never move, so that a crawler's copy of one part holds while others grow. An address is
listed from the second its post is live. What can't be known without reading everything is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import F, Max, Min, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils import timezone

from .author import Author
from .category import Category
from .figure import Figure, Placement
from .learning_path import LearningPath, PathStep
from .level import LearningLevel
from .listing import NO_SCOPE, Listing
from .live import within
from .parts import ON_THIS_SITE, PART, told_at
from .post import Post
from .selection import Selection
from .series import Series, SeriesPart
from .showing import Showing
from .tag import Tag

SCOPE_PART = 5_000
"""Ids in a part of anything but posts: far below the 50,000 addresses that a sitemap may have."""
MOST_IMAGES = 250
"""Pictures told of one post: with so many of every post a part is still below 50 MB."""


@dataclass(frozen=True)
class Place:
    """An address (a path), when what is there last changed, its pictures (URLs), and its translations as pairs of
    language and path, the post itself among them; `original` is the path of what was translated."""

    path: str
    changed_at: datetime | None = None
    images: list[str] = field(default_factory=list)
    translations: list[tuple[str, str]] = field(default_factory=list)
    original: str = ""


# One probe of an index for each part, not one row for each post: the first entry of a part is its newest change. Where
# that one is not live, its post is scheduled or has ended, and another probe finds the newest that is.
TOLD = f"""
    SELECT (id - 1) / {PART} AS part, greatest(published_at, changed_at) AS changed_at,
        published_at <= %(at)s AND (expires_at IS NULL OR expires_at > %(at)s) AS live
    FROM blog_post WHERE status = 'published' AND canonical_url = ''
"""  # noqa: S608 - put together from a constant
NEWEST = f"ORDER BY (id - 1) / {PART}, greatest(published_at, changed_at) DESC LIMIT 1"
POST_PARTS = f"""
    WITH RECURSIVE parts AS (
        ({TOLD} {NEWEST})
        UNION ALL
        SELECT next.* FROM parts, LATERAL ({TOLD} AND (id - 1) / {PART} > parts.part {NEWEST}) AS next
    ), told AS (
        SELECT part, CASE WHEN live THEN changed_at ELSE (
            SELECT changed_at FROM ({TOLD} AND (id - 1) / {PART} = parts.part
            AND published_at <= %(at)s AND (expires_at IS NULL OR expires_at > %(at)s) {NEWEST}) AS newest
        ) END AS changed_at FROM parts
    )
    SELECT part, changed_at FROM told WHERE changed_at IS NOT NULL ORDER BY part
"""  # noqa: S608 - put together from constants

FIGURE_PARTS = f"""
    SELECT part FROM generate_series(0, (SELECT (max(figure_id) - 1) / {SCOPE_PART} FROM blog_showing)) AS part
    WHERE EXISTS (
        SELECT FROM blog_showing WHERE figure_id > part * {SCOPE_PART} AND figure_id <= (part + 1) * {SCOPE_PART}
        AND published_at <= %(at)s AND (expires_at IS NULL OR expires_at > %(at)s)
    ) ORDER BY part
"""  # noqa: S608 - put together from a constant


def read_post_parts(*, at: datetime) -> list[tuple[int, datetime]]:
    """The parts that hold live posts, each with its newest change. One query."""
    with connection.cursor() as cursor:
        cursor.execute(POST_PARTS, {"at": at})
        return cursor.fetchall()


def read_figure_parts(*, at: datetime) -> list[tuple[int, None]]:
    """The parts that hold public figures. One query; when they changed, only reading them would tell."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURE_PARTS, {"at": at})
        return [(part, None) for (part,) in cursor.fetchall()]


def read_posts(part: int, *, at: datetime) -> Iterator[Place]:
    """The live posts of a part, by id, with their pictures and translations. One query, read as it is written."""
    live = Post.objects.live(at)
    here = live.filter(ON_THIS_SITE, pk__gt=part * PART, pk__lte=(part + 1) * PART)
    named = JSONObject(language="language", slug="slug")
    placed = Placement.objects.filter(post=OuterRef("pk")).order_by("number").values("figure__image")
    original = live.filter(pk=OuterRef("translation_of")).order_by().values(named=named)
    others = live.filter(translation_of=Coalesce(OuterRef("translation_of"), OuterRef("pk")))
    rows = here.order_by("pk").values(
        "slug",
        "language",
        changed=told_at(),
        lead=F("lead_figure__image"),
        images=ArraySubquery(placed[:MOST_IMAGES]),
        original=ArraySubquery(original),
        others=ArraySubquery(others.exclude(pk=OuterRef("pk")).order_by("pk").values(named=named)),
        translated=F("translation_of"),
    )
    for row in rows.iterator(chunk_size=250):
        path = reverse("post", args=[row["slug"]])
        beside = [
            (one["language"], reverse("post", args=[one["slug"]]))
            for one in [*row["original"], *row["others"]]
        ]
        names = list(dict.fromkeys(name for name in [*row["images"], row["lead"]] if name))
        yield Place(
            path,
            row["changed"],
            images=[default_storage.url(name) for name in names],
            translations=[(row["language"], path), *beside] if beside else [],
            original=beside[0][1] if row["original"] else "" if row["translated"] else path,
        )


def _newest(kind: str, at: datetime) -> Subquery:
    """When the newest live post of a row was published; NULL where it has none."""
    if kind in {"series", "paths"}:
        through, column = (SeriesPart, "series") if kind == "series" else (PathStep, "learning_path")
        held: QuerySet[Any, Any] = through.objects.filter(
            **{column: OuterRef("pk")}, post__in=Post.objects.live(at)
        )
        return Subquery(held.order_by("-post__published_at").values("post__published_at")[:1])
    column = {"categories": "category", "tags": "tag", "authors": "author"}[kind]
    rows = Listing.objects.filter(within(at), post__gt=0, **{column: OuterRef("pk")})
    return Subquery(rows.order_by("-published_at", "-post_id").values("published_at")[:1])


SCOPES: dict[str, type[Model]] = {
    "categories": Category,
    "tags": Tag,
    "authors": Author,
    "series": Series,
    "paths": LearningPath,
}


def _scopes(kind: str, *, at: datetime) -> QuerySet[Any, Any]:
    return SCOPES[kind]._default_manager.annotate(newest=_newest(kind, at)).filter(newest__isnull=False)


def read_scope_parts(kind: str, *, at: datetime) -> list[tuple[int, datetime]]:
    """The parts of a kind of listing that hold live posts, each with the date of its newest. One query, one probe of an
    index for each listing."""
    scopes = SCOPES[kind]._default_manager.order_by().values(part=(F("pk") - 1) / SCOPE_PART)
    parts = scopes.annotate(last=Max(_newest(kind, at))).filter(last__isnull=False)
    return list(parts.order_by("part").values_list("part", "last"))


def read_scope(kind: str, part: int, *, at: datetime) -> Iterator[Place]:
    """The listings of a part that hold live posts, by id. One query."""
    rows = _scopes(kind, at=at).filter(pk__gt=part * SCOPE_PART, pk__lte=(part + 1) * SCOPE_PART)
    for one in rows.order_by("pk").iterator(chunk_size=500):
        yield Place(one.get_absolute_url(), one.newest)


def read_figures(part: int, *, at: datetime) -> Iterator[Place]:
    """The public figures of a part, by id, each with the date of the newest live post that shows it. One query."""
    shown = Showing.objects.filter(within(at), figure=OuterRef("pk"))
    rows = Figure.objects.filter(pk__gt=part * SCOPE_PART, pk__lte=(part + 1) * SCOPE_PART).annotate(
        newest=Subquery(shown.order_by("-published_at").values("published_at")[:1])
    )
    for one in (
        rows.filter(newest__isnull=False).order_by("pk").only("slug", "image").iterator(chunk_size=500)
    ):
        yield Place(reverse("figure", args=[one.slug]), one.newest, images=[one.image.url])


def read_pages(*, at: datetime) -> Iterator[Place]:
    """The pages that there is one of, where they show something, and the levels. Five queries."""
    rows = Listing.objects.filter(NO_SCOPE, within(at), post__gt=0).order_by("-published_at", "-post")
    newest = rows.values_list("published_at", flat=True).first()
    for name in ("home", "subjects", "levels"):
        yield Place(reverse(name), newest)
    at_level = Listing.objects.filter(NO_SCOPE, within(at), level=OuterRef("pk"))
    last = Subquery(at_level.order_by("-published_at", "-post").values("published_at")[:1])
    for level in LearningLevel.objects.annotate(newest=last).filter(newest__isnull=False):
        yield Place(level.get_absolute_url(), level.newest)
    live = Post.objects.live(at)
    for name, dates in (
        ("all-series", SeriesPart.objects.filter(post__in=live).aggregate(last=Max("post__published_at"))),
        ("learning-paths", PathStep.objects.filter(post__in=live).aggregate(last=Max("post__published_at"))),
        ("figures", Showing.objects.filter(within(at)).aggregate(last=Max("published_at"))),
    ):
        if dates["last"]:
            yield Place(reverse(name), dates["last"])


# The newest live post of each month, one probe of an index for each.
MONTHS = """
    SELECT span.number, (
        SELECT published_at FROM blog_listing
        WHERE category_id IS NULL AND tag_id IS NULL AND author_id IS NULL AND post_id > 0
        AND published_at >= span.since AND published_at < span.until
        AND published_at <= %(at)s AND (expires_at IS NULL OR expires_at > %(at)s)
        ORDER BY published_at DESC, post_id DESC LIMIT 1
    )
    FROM unnest(%(since)s::timestamptz[], %(until)s::timestamptz[]) WITH ORDINALITY AS span (since, until, number)
"""


def read_archives(*, at: datetime) -> Iterator[Place]:
    """The archive with every year and month that has live posts, each with the date of its newest. Two queries."""
    found = Listing.objects.filter(NO_SCOPE, within(at), post__gt=0).aggregate(
        first=Min("published_at"), last=Max("published_at")
    )
    if found["first"] is None:
        return
    first, last = (timezone.localtime(found[name]).year for name in ("first", "last"))
    months = [Selection(year=y, month=m) for y in range(last, first - 1, -1) for m in range(12, 0, -1)]
    spans = [month.interval or (at, at) for month in months]
    with connection.cursor() as cursor:
        cursor.execute(MONTHS, {"at": at, "since": [a for a, _ in spans], "until": [b for _, b in spans]})
        newest = dict(cursor.fetchall())
    yield Place(reverse("archives"), found["last"])
    told = 0
    for number, month in enumerate(months, start=1):
        if newest[number] and month.year != told:
            told = month.year or 0
            yield Place(Selection(year=told).url(), newest[number])
        if newest[number]:
            yield Place(month.url(), newest[number])
