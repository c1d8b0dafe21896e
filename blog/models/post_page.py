"""Everything a post's page shows, as one value, in three queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from .around import (
    COLUMNS_ASKED,
    Around,
    Card,
    Link,
    NextLevel,
    PathOnPage,
    SeriesOnPage,
    Translation,
    around_of,
    ask_around,
    asked_around,
)
from .around_rows import ARMS
from .author import Byline
from .cards import (
    AUTHOR,
    LEVEL,
    NOWHERE,
    among,
    bylines_of,
    categories_of,
    columns_of,
    fill_renditions,
    keep_relations,
    keep_renditions,
    renditions_of,
)
from .change import Change
from .compiled import Compiled
from .crossings import Crossing
from .figure import Figure, Placement
from .level import LearningLevel
from .listing import EPOCH
from .post import Post, with_authors
from .remembered import Remembered
from .routes import route
from .rows import Rows
from .tag import PostTag


@dataclass(frozen=True)
class PostPage:
    """A post and all around it. `figures` maps the keys placed in the text to their rows, renditions prefetched.
    `age` is how many whole years ago it was written or last changed, 0 while that needs no notice."""

    post: Post
    tags: list[dict[str, str]]
    bylines: list[Byline]
    figures: dict[str, Figure]
    newer: Link | None
    older: Link | None
    series: list[SeriesOnPage]
    paths: list[PathOnPage]
    next_level: NextLevel | None
    related: list[Card]
    changes: list[Change]
    translations: list[Translation]
    crossings: dict[tuple[str, str], Crossing]
    age: int


def for_page(posts: QuerySet[Post]) -> QuerySet[Post]:
    """The post with its level, categories and tags."""
    tags = PostTag.objects.filter(content_object=OuterRef("pk")).order_by("tag__name")
    return (
        posts.select_related("learning_level")
        .defer("body", "body_text", "code_text", "figures_text", "search", "extra")
        .annotate(tag_list=ArraySubquery(tags.values(named=JSONObject(name="tag__name", slug="tag__slug"))))
        .prefetch_related("categories", with_authors())
    )


def find_post_page(slug: str, *, at: datetime) -> PostPage | None:
    """The page of the live post with this slug. Three queries."""
    found = POSTS.rows(slug=slug, at=at)
    if not found:
        return None
    ask = ASKED.of(found.cells(0, ASKING), lambda: _asked(_post_of(found[0])))
    figures, around = FIGURES.rows(**ask.figures), ARMS.rows(at=at, **ask.around)
    return FoundPage(years_since(ask.last, at=at), found, figures, around)


def _post_of(row: tuple[Any, ...]) -> Post:
    """The post of a row of POSTS, and of it what `for_page` fetches."""
    post = Post.from_db(None, POST, row[: len(POST)])
    for name in ("facts", "outline"):
        setattr(post, name, json.loads(getattr(post, name)))
    if post.learning_level_id:
        post.learning_level = LearningLevel.from_db(None, LEVEL, row[len(POST) : -3])
    tags, categories, bylines = row[-3:]
    post.tag_list = [json.loads(tag) for tag in tags]  # type: ignore[attr-defined]
    keep_relations(post, categories, bylines, AUTHOR)
    return post


class Asked(NamedTuple):
    """What a post's page asks for besides the post; `last` is when that was published or, later, changed."""

    figures: dict[str, Any]
    around: dict[str, Any]
    last: datetime


def _asked(post: Post) -> Asked:
    """Follows from the columns ASKING alone."""
    here = post.published_at
    assert here  # it is live
    beside = {"post": post.pk, "others": _beside(post)}
    return Asked(beside, asked_around(post, here=here), _last(post) or here)


def _posts(*, slug: str, at: datetime) -> QuerySet[Any, Any]:
    level = (f"learning_level__{name}" for name in LEVEL)
    found = for_page(Post.objects.live(at).filter(slug=slug))
    relations = categories_of(OuterRef("id")), bylines_of(OuterRef("id"), AUTHOR)
    return found.values_list(*POST, *level, "tag_list", *relations)


def _figures(*, post: int, others: list[int]) -> QuerySet[Any, Any]:
    placed = Placement.objects.filter(post=post).order_by().values("figure")
    # A union, not a join with OR: that one reads every placement there is, 140 ms at 100,000 posts.
    wanted: Any = placed.union(Figure.objects.filter(among("pk", others)).order_by().values("pk"))
    return Figure.objects.filter(pk__in=wanted).values_list(*FIGURE, renditions_of(OuterRef("id")))


POST = columns_of(Post, ("body", "body_text", "code_text", "figures_text", "search", "extra"))
FIGURE = columns_of(Figure)
POSTS = Compiled(_posts, prepared=True, slug="a slug", at=EPOCH + timedelta(days=1))
FIGURES = Compiled(_figures, prepared=True, post=2**60, others=NOWHERE)
TAGS, CATEGORIES, BYLINES = range(len(POST) + len(LEVEL), len(POST) + len(LEVEL) + 3)
ASKING = (
    *(POST.index(name) for name in {*COLUMNS_ASKED, "lead_figure_id", "changed_at"}),
    len(POST) + LEVEL.index("number"), CATEGORIES, BYLINES,
)  # fmt: skip
ASKED: Remembered[Asked] = Remembered(1_000)
"""By some 2 kB of a row each."""


def read_post_page(post: Post, *, at: datetime, placed: Sequence[str] | None = None) -> PostPage:
    """All that surrounds a post fetched through `for_page`: two further queries, one more for `placed`.

    A post that is not live (a preview) is shown as if it were published at `at`. `placed` are the keys of the figures
    in a text that is not saved yet; without it the recorded ones are read.
    """
    if placed is None:
        figures = _figures_of(FIGURES.rows(post=post.pk, others=_beside(post)))
    else:
        shown = Figure.objects.filter(slug__in=placed).order_by().values("pk")
        wanted: Any = shown.union(Figure.objects.filter(pk__in=_beside(post)).order_by().values("pk"))
        figures = list(Figure.objects.filter(pk__in=wanted))
        fill_renditions(figures)
    around = around_of(post, ask_around(post, at=at))
    return put_together(post, figures, around, age=years_to_mention(post, at=at))


def _beside(post: Post) -> list[int]:
    """The figures beside its text, by id: its own one, and portraits."""
    portraits = (line.author.portrait_id for line in post.bylines.all())
    return [pk for pk in (post.lead_figure_id, *portraits) if pk]


def _figures_of(rows: Iterable[tuple[Any, ...]]) -> list[Figure]:
    figures = []
    for *row, renditions in rows:
        figures.append(Figure.from_db(None, FIGURE, row))
        keep_renditions(figures[-1], renditions)
    return figures


def put_together(post: Post, figures: Iterable[Figure], around: Around, *, age: int) -> PostPage:
    bylines = list(post.bylines.all())
    by_id = {figure.pk: figure for figure in figures}
    for line in bylines:
        if line.author.portrait_id in by_id:
            line.author.portrait = by_id[line.author.portrait_id]
    if post.lead_figure_id in by_id:
        post.lead_figure = by_id[post.lead_figure_id]
    return PostPage(
        post=post,
        tags=[{**tag, "url": route("tag", tag["slug"])} for tag in post.tag_list],  # type: ignore[attr-defined]
        bylines=bylines,
        figures={figure.slug: figure for figure in by_id.values()},
        age=age,
        **vars(around),
    )


class FoundPage(PostPage):
    """A PostPage that is put together when somebody looks, which no default of a field may forestall. Where it is shown
    again as it was nobody does: its `rows` and its age say all that it can show."""

    rows: tuple[Rows, ...]

    def __init__(self, age: int, *rows: Rows) -> None:
        vars(self).update(age=age, rows=rows)

    def __getattr__(self, name: str) -> Any:
        if name not in PostPage.__dataclass_fields__:
            raise AttributeError(name)
        (found,), figures, around = self.rows
        post = _post_of(found)
        made = put_together(post, _figures_of(figures), around_of(post, around), age=self.age)
        vars(self).update(vars(made))
        return vars(self)[name]


def years_to_mention(post: Post, *, at: datetime) -> int:
    """`years_since` the post was published or, later, changed; 0 where it is to be published yet."""
    return years_since(_last(post) or at, at=at)


def _last(post: Post) -> datetime | None:
    return max(filter(None, (post.published_at, post.changed_at)), default=None)


def years_since(last: datetime, *, at: datetime) -> int:
    """Whole years from `last` to `at`, once they are settings.AGE_NOTICE_YEARS; else 0."""
    if at - last < timedelta(days=365 * settings.AGE_NOTICE_YEARS - 2):
        return 0  # most posts are young, and which day it is takes a while to find out
    then, now = timezone.localtime(last), timezone.localtime(at)
    years = now.year - then.year - ((now.month, now.day) < (then.month, then.day))
    return years if 0 < settings.AGE_NOTICE_YEARS <= years else 0
