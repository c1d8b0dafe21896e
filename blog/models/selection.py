"""Any combination of category, tag, author, level, year and month: its one address, its pages and its counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from .author import Author
from .cards import card_rows
from .category import Category
from .entry import Entry
from .figure import Figure
from .level import LearningLevel
from .listing import Cursor, Page, cut_page, from_place, page_rows, read_page
from .live import within
from .routes import route
from .tag import Tag

# Years that datetime can shift into any time zone, and the one after them too.
FIRST_YEAR, LAST_YEAR = 1000, 9998


@dataclass(frozen=True)
class Selection:
    """Any combination of facets; with none of them, the whole site. Year and month are those of the current time zone.

    Raises:
        ValueError: a month without its year, or a date that no calendar has.
    """

    category: Category | None = None
    tag: Tag | None = None
    author: Author | None = None
    level: LearningLevel | None = None
    year: int | None = None
    month: int | None = None

    def __post_init__(self) -> None:
        if self.year is not None and not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise ValueError(f"{self.year} is not a year")
        if self.month is not None and (self.year is None or not 1 <= self.month <= 12):
            raise ValueError(f"{self.month} is not a month of a year")

    @property
    def scopes(self) -> list[Category | Tag | Author]:
        """What lists posts by itself: the category, the tag and the author, as far as they are chosen."""
        return [one for one in (self.category, self.tag, self.author) if one is not None]

    @property
    def chosen(self) -> dict[str, Any]:
        """The facets that are chosen, in the order in which addresses name them."""
        names = ("category", "level", "tag", "author", "year", "month")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    @property
    def indexable(self) -> bool:
        """Whether search engines should keep its pages: those of one category, tag, author, year or month, at one level
        or at all. Everything more is a question a reader puts together; there are millions of them, few with an answer
        that differs."""
        return len(self.scopes) + (self.year is not None) <= 1

    @property
    def interval(self) -> tuple[datetime, datetime] | None:
        """From the first instant of the month or year to the first after it."""
        if self.year is None:
            return None
        zone = timezone.get_current_timezone()
        first = datetime(self.year, self.month or 1, 1, tzinfo=zone)
        if self.month in (None, 12):
            return first, datetime(self.year + 1, 1, 1, tzinfo=zone)
        return first, datetime(self.year, (self.month or 0) + 1, 1, tzinfo=zone)

    def url(self, *, before: Cursor | None = None, after: Cursor | None = None) -> str:
        """The one address of these posts: the path is that of the first of category, tag, author, year and level; what
        else is chosen follows in a fixed order."""
        path, named = self._path()
        query = {
            "level": self.level and self.level.number,
            "tag": self.tag and self.tag.slug,
            "author": self.author and self.author.slug,
            "year": self.year,
            "month": self.month,
            "before": before,
            "after": after,
        }
        told = {name: str(value) for name, value in query.items() if value is not None and name not in named}
        return f"{path}?{urlencode(told)}" if told else path

    def _path(self) -> tuple[str, set[str]]:
        """The path of the address, and the facets that it names."""
        if self.category:
            return self.category.get_absolute_url(), {"category"}
        if self.tag:
            return self.tag.get_absolute_url(), {"tag"}
        if self.author:
            return self.author.get_absolute_url(), {"author"}
        if self.month is not None:
            return reverse("month", args=[self.year, self.month]), {"year", "month"}
        if self.year is not None:
            return reverse("year", args=[self.year]), {"year"}
        if self.level:
            return self.level.get_absolute_url(), {"level"}
        return route("home"), set()

    def replace(self, **facets: Any) -> Selection:
        """The same with other facets; None drops one. A month goes with its year."""
        if "year" in facets:
            facets = {"month": None} | facets
        return replace(self, **facets)


def selected_rows(
    selection: Selection, *, at: datetime, before: Cursor | None = None, after: Cursor | None = None
) -> QuerySet[Any]:
    """The selection's live rows, unsliced, in the order of a page.

    Rows of Listing where one scope says it: any of their pages is a short range of one index, in any year. Rows of
    Entry for two or three: PostgreSQL walks the newest first and throws the others away where many posts are in all of
    them, and intersects their bitmaps where few are.
    """
    scopes = selection.scopes
    rows: QuerySet[Any]
    if len(scopes) <= 1:
        return page_rows(
            scopes[0] if scopes else None,
            at=at,
            level=selection.level,
            before=before,
            after=after,
            interval=selection.interval,
        )
    rows = entries_of(selection, at=at)
    return from_place(rows, before=before, after=after)


def entries_of(selection: Selection, *, at: datetime) -> QuerySet[Entry]:
    """The entries of the selection's live posts, in no order."""
    rows = Entry.objects.filter(within(at), _dated(selection), _combined(selection))
    return rows.filter(level=selection.level) if selection.level else rows


def read_selection(
    selection: Selection,
    *,
    at: datetime,
    size: int,
    before: Cursor | None = None,
    after: Cursor | None = None,
    beside: Iterable[Figure] = (),
) -> Page:
    """A page of `size` cards in one query; see `read_page`."""
    scopes = selection.scopes
    if len(scopes) <= 1:
        return read_page(
            scopes[0] if scopes else None,
            at=at,
            size=size,
            level=selection.level,
            before=before,
            after=after,
            interval=selection.interval,
            beside=beside,
        )
    rows = card_rows(selected_rows(selection, at=at, before=before, after=after))
    return cut_page(list(rows[: size + 1]), size=size, before=before, after=after, beside=beside)


def _dated(selection: Selection) -> Q:
    interval = selection.interval
    return Q(published_at__gte=interval[0], published_at__lt=interval[1]) if interval else Q()


def _combined(selection: Selection) -> Q:
    """The condition on Entry that its categories, tags and authors hold what is chosen."""
    return Q(
        **{
            f"{column}__contains": [one.pk]
            for column, one in (
                ("categories", selection.category),
                ("tags", selection.tag),
                ("authors", selection.author),
            )
            if one
        }
    )
