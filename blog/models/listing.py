"""The listing index: any page of any listing, at any level, is one short index range scan, however deep."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce

from .cards import Cards, card_rows, fill_renditions
from .compiled import Compiled
from .figure import Figure
from .level import LearningLevel
from .live import within
from .post import Post

SCOPES = ("category", "tag", "author")
NO_SCOPE = Q(category__isnull=True, tag__isnull=True, author__isnull=True)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def indexes_of(scope: str | None) -> list[models.Index]:
    """The two indexes from which pages of such a scope are read: of all levels, and of one.

    Only a query that says `post_id > 0`, which is always true, may use the first. Without it PostgreSQL reads pages of
    one level from it too, walking past all other levels: 50,000 rows where a level has gone out of use.
    """
    here = Q(**{f"{scope}__isnull": False}) if scope else NO_SCOPE
    start, name = ([scope], scope) if scope else ([], "site")
    return [
        models.Index(
            fields=[*start, "-published_at", "-post"], name=f"listing_{name}", condition=here & Q(post__gt=0)
        ),
        models.Index(
            fields=[*start, "level", "-published_at", "-post"], name=f"listing_{name}_level", condition=here
        ),
    ]


class Listing(models.Model):
    """A published post, live or scheduled, stands in one listing: a category's (its own and every ancestor's), a tag's,
    an author's, or, with none of the three, the whole site's. `publishing.listing` writes it."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="listings")
    category = models.ForeignKey(
        "blog.Category", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    tag = models.ForeignKey("blog.Tag", on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    author = models.ForeignKey(
        "blog.Author", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    level = models.ForeignKey(LearningLevel, on_delete=models.PROTECT, related_name="+", db_index=False)
    published_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="listing_has_one_scope",
                condition=Q(category__isnull=True, tag__isnull=True)
                | Q(category__isnull=True, author__isnull=True)
                | Q(tag__isnull=True, author__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["post", "category", "tag", "author"], name="listing_once", nulls_distinct=False
            ),
        ]
        indexes = [
            *indexes_of("category"),
            *indexes_of("tag"),
            *indexes_of("author"),
            *indexes_of(None),
            models.Index(
                fields=["expires_at"], name="listing_expires", condition=Q(expires_at__isnull=False)
            ),
            # All by which what has ended is counted: planned once for any instant, it would be intersected with the
            # whole level otherwise.
            models.Index(
                fields=["level", "category", "tag", "author", "expires_at", "published_at"],
                name="listing_ended",
                condition=Q(expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} in {self.category_id or self.tag_id or self.author_id or 'the site'}"


class Tally(models.Model):
    """How many rows of Listing a scope holds at one level, as differences to be added up.

    A trigger on Listing appends to it (a row per statement, scope and level), so that counting costs a few rows and
    writers never wait for each other; `publishing.listing.compact` adds them together. No foreign key is enforced: the
    trigger writes for rows that are just being deleted.
    """

    category = models.ForeignKey(
        "blog.Category", models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    tag = models.ForeignKey("blog.Tag", models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    author = models.ForeignKey(
        "blog.Author", models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    level = models.ForeignKey(
        LearningLevel, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    posts = models.IntegerField()

    class Meta:
        verbose_name_plural = "tallies"
        indexes = [
            models.Index(fields=["level"], name="tally_site", condition=NO_SCOPE),
        ]

    def __str__(self) -> str:
        return f"{self.posts:+}"


class BadCursor(ValueError):
    """The text is not a cursor that a page has given out."""


@dataclass(frozen=True)
class Cursor:
    """A place between two posts in a listing: the instant and id of a post on its edge."""

    published_at: datetime
    post_id: int

    def __str__(self) -> str:
        return f"{(self.published_at - EPOCH) // timedelta(microseconds=1)}-{self.post_id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Raises BadCursor for anything that `__str__` can't have written."""
        match = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,18})", text, re.ASCII)
        if not match:
            raise BadCursor(text[:40])
        try:
            return cls(EPOCH + timedelta(microseconds=int(match[1])), int(match[2]))
        except OverflowError:
            raise BadCursor(text[:40]) from None


@dataclass(frozen=True)
class Page:
    """A page of a listing, newest first, with the cursors of its neighbours (None at an end)."""

    posts: Sequence[Post]
    newer: Cursor | None
    older: Cursor | None


def scoped(scope: models.Model | None) -> dict[str, Any]:
    """The columns of Listing and Tally that say `scope`: a Category, Tag or Author, or None for the whole site."""
    name = scope._meta.model_name if scope else None
    return {f"{column}_id": scope.pk for column in SCOPES if column == name and scope} | {
        f"{column}__isnull": True for column in SCOPES if not scope
    }


def page_rows(
    scope: models.Model | None,
    *,
    at: datetime,
    level: LearningLevel | None = None,
    before: Cursor | None = None,
    after: Cursor | None = None,
    interval: tuple[datetime, datetime] | None = None,
) -> QuerySet[Listing]:
    """The rows of a page, unsliced, in the order in which the index is read; of an interval, from its first instant
    to the first after it."""
    rows = Listing.objects.filter(within(at), **scoped(scope))
    rows = rows.filter(level=level) if level else rows.filter(post__gt=0)  # see indexes_of
    if interval:
        rows = rows.filter(published_at__gte=interval[0], published_at__lt=interval[1])
    return from_place(rows, before=before, after=after)


def from_place(rows: QuerySet[Any], *, before: Cursor | None, after: Cursor | None) -> QuerySet[Any]:
    """Rows with `published_at` and `post`, ordered from a place on: older ones newest first, newer ones oldest."""
    place = Tuple(F("published_at"), F("post_id"))
    if before:
        rows = rows.filter(TupleLessThan(place, (before.published_at, before.post_id)))
    if after:
        rows = rows.filter(TupleGreaterThan(place, (after.published_at, after.post_id)))
        return rows.order_by("published_at", "post_id")
    return rows.order_by("-published_at", "-post_id")


def read_page(
    scope: models.Model | None,
    *,
    at: datetime,
    size: int,
    level: LearningLevel | None = None,
    before: Cursor | None = None,
    after: Cursor | None = None,
    interval: tuple[datetime, datetime] | None = None,
    beside: Iterable[Figure] = (),
) -> Page:
    """A page of `size` cards in one query, however deep. A post stands on exactly one page of a walk, also while others
    are published. Figures that the page shows `beside` the cards have their renditions fetched too, in another.

    Pages are cut by keyset, not by offset: https://use-the-index-luke.com/no-offset.
    """
    place = before or after
    values: dict[str, Any] = {"at": at}
    values |= {"scope": scope.pk} if scope else {}
    values |= {"level": level.pk} if level else {}
    values |= {"moment": place.published_at, "post": place.post_id} if place else {}
    values |= dict(zip(("since", "until"), interval, strict=True)) if interval else {}
    kind = scope._meta.model_name if scope else None
    rows = _page_query(kind, bool(before), size, frozenset(values)).rows(**values)
    return cut_page(rows, size=size, before=before, after=after, beside=beside)


def cut_page(
    rows: Sequence[tuple[Any, ...]],
    *,
    size: int,
    before: Cursor | None,
    after: Cursor | None,
    beside: Iterable[Figure] = (),
) -> Page:
    """A page of the rows that `from_place` has ordered and `card_rows` has shaped, at most one more than `size` of
    them, and the renditions of figures `beside` them."""
    more = len(rows) > size
    posts = Cards(rows[:size][::-1] if after else rows[:size])
    if not posts:
        return Page(posts, newer=None, older=None)
    fill_renditions(beside)
    first, last = Cursor(*posts.place(0)), Cursor(*posts.place(-1))
    return Page(
        posts,
        newer=first if before or (after and more) else None,
        older=last if after or more else None,
    )


@cache
def _page_query(kind: str | None, older: bool, size: int, asked: frozenset[str]) -> Compiled:
    """The query of `read_page`, for all pages of the same shape."""

    def build(**values: Any) -> QuerySet[Any, Any]:
        scope = apps.get_model("blog", kind)(pk=values["scope"]) if kind else None
        place = Cursor(values["moment"], values["post"]) if "post" in asked else None
        rows = page_rows(
            scope,
            at=values["at"],
            level=LearningLevel(pk=values["level"]) if "level" in asked else None,
            before=place if older else None,
            after=None if older else place,
            interval=(values["since"], values["until"]) if "since" in asked else None,
        )
        return card_rows(rows)[: size + 1]

    return Compiled(build, prepared=True, **{name: SAMPLES[name] for name in asked})


# Values that stand nowhere else in these queries; see Compiled.
SAMPLES: dict[str, Any] = {
    "at": EPOCH + timedelta(days=1),
    "moment": EPOCH + timedelta(days=2),
    "since": EPOCH + timedelta(days=3),
    "until": EPOCH + timedelta(days=4),
    "scope": 2**60,
    "level": 2**60 + 1,
    "post": 2**60 + 2,
}


def levels_with_counts(scope: models.Model | None, *, at: datetime) -> list[LearningLevel]:
    """Every level with `posts_count`, the exact number of the scope's live posts, in one query.

    The tally counts live, scheduled and expired posts; the latter two are few, lie at the ends of their indexes,
    and are subtracted.
    """
    kind = str(scope._meta.model_name) if scope else None
    values: dict[str, Any] = {"at": at} | ({"scope": scope.pk} if scope else {})
    levels = []
    for *columns, count in COUNTED[kind].rows(**values):
        level = LearningLevel.from_db(None, LEVEL_COLUMNS, columns)
        level.posts_count = count
        levels.append(level)
    return levels


def _counted(kind: str | None, *, at: datetime, scope: int | None = None) -> QuerySet[Any, Any]:
    """The rows of `levels_with_counts` for scopes of this kind."""
    narrow = {f"{kind}_id": scope} if kind else {f"{column}__isnull": True for column in SCOPES}
    here = {"level": OuterRef("pk"), **narrow}

    def total(rows: QuerySet[Any], value: Any) -> Coalesce:
        counted = rows.order_by().values("level").annotate(n=value).values("n")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    filed = total(Tally.objects.filter(**here), Sum("posts"))
    scheduled = total(Listing.objects.filter(**here, published_at__gt=at), Count("*"))
    expired = total(Listing.objects.filter(**here, expires_at__lte=at, published_at__lte=at), Count("*"))
    levels = LearningLevel.objects.annotate(count=filed - scheduled - expired)
    return levels.values_list(*LEVEL_COLUMNS, "count")


LEVEL_COLUMNS = [field.attname for field in LearningLevel._meta.concrete_fields]
# Every listing asks it. Put together once, it takes a reader's request a tenth of the time; planned once, it takes
# PostgreSQL a third.
COUNTED = {
    kind: Compiled(
        partial(_counted, kind),
        prepared=True,
        **{name: SAMPLES[name] for name in (("at", "scope") if kind else ("at",))},
    )
    for kind in (None, *SCOPES)
}
