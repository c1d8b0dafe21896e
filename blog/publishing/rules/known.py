"""What the database knows of all that some posts name: asked once for many posts, so that checking a hundred thousand
takes a few queries for each batch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import CharField, Max, Q, TextField, Value
from django.db.models.functions import Cast
from django.urls import Resolver404, resolve, reverse

from blog.models import Address, Author, Category, Figure, LearningPath, LinkCheck, Post, Series, Tag
from blog.models.address import as_typed
from blog.models.crossings import path_of, quoted

from .. import diagrams, workers
from .base import Candidate

Trouble = tuple[str, str, str, int | None]  # see `diagrams.trouble`
# Pages of rows: the name of their address, the model, its field, and what the address calls that.
ROWS: dict[str, tuple[Any, str, str]] = {
    "category": (Category, "path", "category"),
    "tag": (Tag, "slug", "tag"),
    "author": (Author, "slug", "author"),
    "series": (Series, "slug", "slug"),
    "learning-path": (LearningPath, "slug", "slug"),
    "figure": (Figure, "slug", "slug"),
}
IDS = re.compile(r'\sid="([^"]+)"')


@dataclass(frozen=True)
class Inward:
    """A link to a page of this site: as it is written, its path with letters as they are read, and its fragment."""

    written: str
    path: str
    fragment: str

    @property
    def slug(self) -> str:
        """The slug of the post it leads to, or nothing."""
        found = re.fullmatch(
            re.escape(unquote(reverse("post", args=["SLUG"]))).replace("SLUG/", _POST), self.path
        )
        return found[1] if found else ""


_POST = r"([-\w]+)(?:/|\.md)?"


def inward(link: str) -> Inward | None:
    """What a link means if it leads to this site; None for all others, and for one within its own text."""
    site = settings.SITE_URL
    own = link[len(site) :] or "/" if link.lower().startswith(site.lower()) else link
    if not own.startswith(("/", "?", "#")) or own.startswith(("//", "#")):
        return None
    try:
        parts = urlsplit(own)
    except ValueError:
        return None
    return Inward(link, as_typed(parts.path or "/"), unquote(parts.fragment))


def outward(link: str) -> bool:
    """Whether a link leads to another site, so that the network can be asked for it."""
    return link.lower().startswith(("http://", "https://")) and inward(link) is None


@dataclass
class Known:
    """`at` is the instant at which readers would look, None where it is not known. Maps are by what texts write: keys,
    slugs (present or former), paths, addresses. `working` is whether a worker is there at this instant, where that
    is known and figures are named."""

    at: datetime | None = None
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    rows: set[tuple[str, str]] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    answers: dict[str, LinkCheck] = field(default_factory=dict)
    drawings: dict[str, Figure] = field(default_factory=dict)
    working: bool = False
    _troubles: dict[int, list[Trouble]] = field(default_factory=dict)

    @classmethod
    def of(cls, candidates: Sequence[Candidate], *, at: datetime | None = None) -> Known:
        """All that these candidates name. Seven queries at most, whatever their number; those that nobody needs are
        not asked."""
        keys = {key for one in candidates for key in one.placed}
        links = [link for one in candidates for link in one.facts.get("links", [])]
        within = [found for link in links if (found := inward(link))]
        named = {slug for one in candidates for slug, _ in one.facts.get("crossings", [])}
        posts = named | {link.slug for link in within if link.slug}
        whole = {link.slug for link in within if link.slug and link.fragment}
        drawn = {one["key"] for candidate in candidates for one in candidate.facts.get("diagrams", [])}
        known = cls(
            at=at, figures=_figures(keys), answers=_answers({link for link in links if outward(link)})
        )
        known.working = at is not None and any(one["working"] for one in known.figures.values())
        known.posts = named_posts(posts, whole=whole)
        known._see_pages({link.path for link in within if not link.slug})
        if drawn:
            known.drawings = Figure.objects.select_related("drawn_for").in_bulk(
                list(drawn), field_name="slug"
            )
        return known

    def troubles(self, candidate: Candidate) -> list[Trouble]:
        """What keeps its diagrams from being drawn: asked once, for drawing takes its time."""
        if id(candidate) not in self._troubles:
            written = candidate.facts.get("diagrams", [])
            found = diagrams.trouble(written, candidate.pk, rows=self.drawings) if written else ()
            self._troubles[id(candidate)] = list(found)
        return self._troubles[id(candidate)]

    def _see_pages(self, paths: Iterable[str]) -> None:
        wanted: dict[str, dict[str, str]] = {}
        for path in paths:
            if target := page_at(path):
                wanted.setdefault(target[0], {})[target[1]] = path
        asked = []
        for name, keys in wanted.items():
            model, column, _ = ROWS[name]
            there = model.objects.filter(**{f"{column}__in": list(keys)}).order_by()
            asked.append(there.values_list(Value(name, CharField()), Cast(column, TextField())))
        self.rows |= set(asked[0].union(*asked[1:], all=True)) if asked else set()
        lost = {
            path if path.endswith("/") else f"{path}/"
            for name, keys in wanted.items()
            for key, path in keys.items()
            if (name, key) not in self.rows
        }
        if lost:
            self.moved = set(Address.objects.filter(path__in=lost).values_list("path", flat=True))


def page_at(path: str) -> tuple[str, str] | None:
    """(name, key) of the row whose page is at this path; None for every page that needs no row."""
    found = resolved(path)
    if found is None or found[0] not in ROWS:
        return None
    return found[0], str(found[1].get(ROWS[found[0]][2], ""))


def resolved(path: str) -> tuple[str, dict[str, Any]] | None:
    """The name of the address and what it captured; None where the site has no such page."""
    tries = [path] if path.endswith("/") else [path, f"{path.removesuffix('.md')}/"]
    for one in tries:
        try:
            match = resolve(one)
        except Resolver404:
            continue
        return match.view_name, match.kwargs
    return None


def _figures(keys: set[str]) -> dict[str, dict[str, Any]]:
    if not keys:
        return {}
    heaviest = Max("renditions__size", filter=Q(renditions__format__in=["avif", "webp"]))
    rows = Figure.objects.filter(slug__in=keys).order_by()
    rows = rows.annotate(heaviest=heaviest, working=workers.as_column())
    facts = (
        "pk",
        "slug",
        "width",
        "height",
        "alt",
        "decorative",
        "caption",
        "original_name",
        "animated",
        "image",
    )
    return {row["slug"]: row for row in rows.values(*facts, "rendered_at", "trouble", "heaviest", "working")}


def _answers(urls: set[str]) -> dict[str, LinkCheck]:
    if not urls:
        return {}
    return {row.url: row for row in LinkCheck.objects.filter(url__in=urls, failures__gt=0)}


def named_posts(slugs: set[str], *, whole: Iterable[str] = ()) -> dict[str, Post]:
    """Posts by these present or former slugs, with the places of their page as `ids` where they are among `whole`."""
    if not slugs:
        return {}
    facts = ["slug", "status", "published_at", "expires_at", "facts"]
    if whole:
        facts.append("body_html")
    known = {post.slug: post for post in Post.objects.filter(slug__in=slugs).only(*facts)}
    left = {path: slug for slug in slugs - known.keys() for path in (path_of(slug), quoted(slug))}
    moved = Address.objects.filter(path__in=left, post__isnull=False).select_related("post").order_by("path")
    for address in moved.only("path", *(f"post__{name}" for name in facts)) if left else []:
        if address.post:
            known[left[address.path]] = address.post
    return known


def places(post: Post | None, html: str = "") -> set[str]:
    """The ids that a fragment may lead to on a post's page: those of its text."""
    text = post.body_html if post else html
    keys = post.facts.get("figures", []) if post else []
    return set(IDS.findall(text)) | {f"fig-{key}" for key in keys}
