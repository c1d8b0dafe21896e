"""Everything a post's page shows, as one value, in six queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, IntegerField, OuterRef, QuerySet, Value
from django.db.models.functions import JSONObject
from django.urls import reverse

from .author import Byline
from .figure import Figure, Placement
from .listing import Cursor, page_rows
from .post import Post, with_authors
from .series import SeriesPart
from .tag import PostTag


@dataclass(frozen=True)
class Link:
    """A title and where it leads."""

    title: str
    url: str
    number: int = 0
    here: bool = False


@dataclass(frozen=True)
class SeriesOnPage:
    """A series that the post stands in, with its public parts in order."""

    title: str
    url: str
    number: int
    parts: list[Link] = field(default_factory=list)


@dataclass(frozen=True)
class PostPage:
    """A post and all around it. `figures` maps the keys placed in the text to their rows, renditions prefetched."""

    post: Post
    tags: list[dict[str, str]]
    bylines: list[Byline]
    figures: dict[str, Figure]
    newer: Link | None
    older: Link | None
    series: list[SeriesOnPage]


def for_page(posts: QuerySet[Post]) -> QuerySet[Post]:
    """The post with its level, categories and tags."""
    tags = PostTag.objects.filter(content_object=OuterRef("pk")).order_by("tag__name")
    return (
        posts.select_related("learning_level")
        .defer("body", "body_text", "code_text", "figures_text", "search", "extra")
        .annotate(tag_list=ArraySubquery(tags.values(named=JSONObject(name="tag__name", slug="tag__slug"))))
        .prefetch_related("categories", with_authors())
    )


def read_post_page(post: Post, *, at: datetime) -> PostPage:
    """All that surrounds a post fetched through `for_page`: three further queries.

    A post that is not live (a preview) is shown as if it were published at `at`.
    """
    bylines = list(post.bylines.all())
    beside = [pk for pk in (post.lead_figure_id, *(line.author.portrait_id for line in bylines)) if pk]
    # A union, not a join with OR: that one reads every placement there is, 140 ms at 100,000 posts.
    placed = Placement.objects.filter(post=post).order_by().values("figure")
    wanted = placed.union(Figure.objects.filter(pk__in=beside).order_by().values("pk"))
    figures = {f.pk: f for f in Figure.objects.filter(pk__in=wanted).prefetch_related("renditions")}
    for line in bylines:
        if line.author.portrait_id in figures:
            line.author.portrait = figures[line.author.portrait_id]
    if post.lead_figure_id in figures:
        post.lead_figure = figures[post.lead_figure_id]
    newer, older, series = _neighbours(post, at=at)
    return PostPage(
        post=post,
        tags=[{**tag, "url": reverse("tag", args=[tag["slug"]])} for tag in post.tag_list],  # type: ignore[attr-defined]
        bylines=bylines,
        figures={f.slug: f for f in figures.values()},
        newer=newer,
        older=older,
        series=series,
    )


def _neighbours(post: Post, *, at: datetime) -> tuple[Link | None, Link | None, list[SeriesOnPage]]:
    """The next newer and older post of the site, and the parts of the post's series, in one query."""
    here = Cursor(post.published_at or at, post.pk)

    def shaped(rows: QuerySet[Any], kind: str, prefix: str, **more: Any) -> QuerySet[Any]:
        values: dict[str, Any] = {
            "kind": Value(kind, output_field=CharField()),
            "post_title": F(f"{prefix}title"),
            "post_slug": F(f"{prefix}slug"),
            "series_slug": Value("", output_field=CharField()),
            "series_title": Value("", output_field=CharField()),
            "part": Value(0, output_field=IntegerField()),
        } | more
        named = {f"x_{name}": value for name, value in values.items()}
        return rows.annotate(**named).values_list(*named)

    newer = shaped(page_rows(None, at=at, after=here), "newer", "post__")[:1]
    older = shaped(page_rows(None, at=at, before=here), "older", "post__")[:1]
    mine = SeriesPart.objects.filter(post=post)
    # In two arms, for one condition with OR makes PostgreSQL gather all live posts first: 280 ms at 100,000 of them.
    others = SeriesPart.objects.filter(series__in=mine.values("series"), post__in=Post.objects.live(at))
    parts = [
        shaped(
            rows.order_by(),
            "part",
            "post__",
            series_slug=F("series__slug"),
            series_title=F("series__title"),
            part=F("number"),
        )
        for rows in (mine, others.exclude(post=post))
    ]
    found: dict[str, Link] = {}
    series: dict[str, list[Link]] = {}
    titles: dict[str, str] = {}
    for kind, title, slug, series_slug, series_title, number in newer.union(older, *parts, all=True):
        link = Link(title, reverse("post", args=[slug]), number, here=slug == post.slug)
        if kind == "part":
            titles[series_slug] = series_title
            series.setdefault(series_slug, []).append(link)
        else:
            found[kind] = link
    shown = [
        SeriesOnPage(
            title=titles[slug],
            url=reverse("series", args=[slug]),
            number=next((p.number for p in links if p.here), 0),
            parts=sorted(links, key=lambda p: p.number),
        )
        for slug, links in sorted(series.items())
    ]
    return found.get("newer"), found.get("older"), shown
