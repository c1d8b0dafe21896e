"""References from one post's text to other posts and their figures, looked up when the text is read.

A reference keeps working when its target is renamed: the slug in the text is compared with the slugs of posts and with
the addresses that posts have left behind. Nothing here shows, names or links a post that is not live.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, F, OuterRef, QuerySet, Value
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import JSONObject
from django.utils.html import format_html
from django.utils.translation import gettext

from .address import Address
from .compiled import IsAnyOf
from .post import Post
from .routes import route

Pairs = Iterable[Sequence[str]]


@dataclass(frozen=True)
class Crossing:
    """What a reference leads to. `number` is that of the figure in its post, 0 for the post as a whole, or when the
    post does not place that figure any more. `language` is the title's."""

    title: str
    url: str
    number: int
    language: str

    def words(self, language: str) -> str:
        """“Figure 3 of ‹title›” or the title, as HTML for a text in `language`: a title in another one says so."""
        title = self.title
        if self.language.lower() != language.lower():
            title = format_html('<bdi lang="{}">{}</bdi>', self.language, title)
        if not self.number:
            return format_html("{}", title)
        # Translators: the words of a link to a figure of another post.
        return format_html(gettext("Figure {number} of “{title}”"), number=self.number, title=title)


def quoted(slug: str) -> str:
    """The address of the post with this slug, as it stands in a page."""
    return route("post", slug)


def path_of(slug: str) -> str:
    """The same with letters of any script as they are read."""
    return unquote(quoted(slug))


def named_by(pairs: Pairs) -> tuple[list[str], list[str]]:
    """The slugs that stand in the pairs, and the addresses that posts of these slugs have or had."""
    slugs = sorted({slug for slug, _ in pairs})
    return slugs, sorted({path_of(slug) for slug in slugs} | {quoted(slug) for slug in slugs})


def crossing_rows(slugs: list[str], paths: list[str], at: datetime) -> QuerySet[Post]:
    """The live posts that have one of these slugs, or had one of these addresses; see `named_by`.

    Each has the annotation `crossing`, one JSON object for `gather`, so that the rows can be one arm of a union.
    """
    moved = Address.objects.filter(_is_any_of("path", paths), post__isnull=False).order_by()
    # A union below `pk__in`, not an OR: that one would read every post.
    named = Post.objects.filter(_is_any_of("slug", slugs)).order_by().values("pk")
    wanted = named.union(moved.values("post"))
    return (
        Post.objects.live(at)
        .filter(pk__in=wanted)
        .annotate(
            crossing=JSONObject(
                title="title",
                slug="slug",
                language="language",
                figures=KeyTransform("figures", "facts"),
                former=ArraySubquery(moved.filter(post=OuterRef("pk")).values("path")),
            )
        )
        .order_by()
    )


def _is_any_of(column: str, texts: list[str]) -> IsAnyOf:
    return IsAnyOf(F(column), Value(texts, output_field=ArrayField(CharField())))


def gather(pairs: Pairs, found: Iterable[dict[str, Any]]) -> dict[tuple[str, str], Crossing]:
    """The crossings of those pairs whose post is among the `crossing` objects found. A present slug comes before
    another post's former one."""
    by_path: dict[str, dict[str, Any]] = {}
    rows = list(found)
    for row in rows:
        by_path |= dict.fromkeys(map(unquote, row["former"]), row)
    for row in rows:
        by_path[path_of(row["slug"])] = row
    crossings = {}
    for slug, key in pairs:
        if target := by_path.get(path_of(slug)):
            placed = target["figures"] or []
            number = placed.index(key) + 1 if key in placed else 0
            url = quoted(target["slug"]) + (f"#fig-{key}" if number else "")
            crossings[slug, key] = Crossing(target["title"], url, number, target["language"])
    return crossings


def read_crossings(pairs: Pairs, at: datetime) -> dict[tuple[str, str], Crossing]:
    """What the pairs lead to at the instant `at`; whatever is not live is missing. One query, none without pairs."""
    pairs = [(slug, key) for slug, key in pairs]
    if not pairs:
        return {}
    rows: Any = crossing_rows(*named_by(pairs), at)
    return gather(pairs, rows.values_list("crossing", flat=True))


def referring(
    crossings: dict[tuple[str, str], Crossing], *, language: str, site: str = ""
) -> Callable[[str, str], tuple[str, str]]:
    """What `markup.fill` asks about references, for a text in `language`. `site` is put before every address."""

    def refer(slug: str, key: str) -> tuple[str, str]:
        found = crossings.get((slug, key))
        if found is None:
            return "", format_html("{}", gettext("a post that is not public"))
        return site + found.url, found.words(language)

    return refer
