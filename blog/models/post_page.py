"""Everything a post's page shows, as one value, in three queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from .around import (
    Around,
    Card,
    Link,
    NextLevel,
    PathOnPage,
    SeriesOnPage,
    Translation,
    around_of,
    ask_around,
)
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
from .routes import route
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
    paths: list[PathOnPage] = field(default_factory=list)
    next_level: NextLevel | None = None
    related: list[Card] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    translations: list[Translation] = field(default_factory=list)
    crossings: dict[tuple[str, str], Crossing] = field(default_factory=dict)
    age: int = 0


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
    for row in POSTS.rows(slug=slug, at=at):
        post = _post_of(row)
        figures = FIGURES.rows(post=post.pk, others=_beside(post))
        return FoundPage(post, years_to_mention(post, at=at), row, figures, ask_around(post, at=at))
    return None


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
    """A PostPage that is put together when somebody looks at more than its post. Where it is shown again as it was
    nobody does: its `rows` and its age say all that it can show."""

    rows: tuple[Any, ...]

    def __init__(self, post: Post, age: int, *rows: Any) -> None:
        vars(self).update(post=post, age=age, rows=rows)

    def __getattr__(self, name: str) -> Any:
        if name not in PostPage.__dataclass_fields__:
            raise AttributeError(name)
        _, figures, around = self.rows
        made = put_together(self.post, _figures_of(figures), around_of(self.post, around), age=self.age)
        vars(self).update(vars(made))
        return vars(self)[name]


def years_to_mention(post: Post, *, at: datetime) -> int:
    """Whole years since the post was published or, later, changed, once they are settings.AGE_NOTICE_YEARS; else 0."""
    last = max(filter(None, (post.published_at, post.changed_at)), default=at)
    then, now = timezone.localtime(last), timezone.localtime(at)
    years = now.year - then.year - ((now.month, now.day) < (then.month, then.day))
    return years if 0 < settings.AGE_NOTICE_YEARS <= years else 0
