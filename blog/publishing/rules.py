"""The publish rules: one list, for the form, the bulk actions, the importers and the commands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse

from blog.models import Address, Category, Figure, Post
from blog.models.crossings import path_of, quoted

from . import diagrams

SUMMARY_LENGTH = range(
    60, 601
)  # characters: shorter says little in a listing, longer is cut by search engines
SMALLEST_WIDTH = 600  # pixels: the text column on a common screen

# What an editor should know and may overrule; everything else keeps a post from being published.
ADVISORY = frozenset(
    {
        "code-without-language",
        "dangling-anchor",
        "dead-link",
        "diagram-late",
        "diagram-not-drawn",
        "empty-heading",
        "empty-link",
        "figure-text-ignored",
        "heading-deep",
        "heading-one",
        "heading-skip",
        "hidden-character",
        "relative-link",
        "short-summary",
        "small-figure",
        "undefined-footnote",
        "unpublished-post",
        "unknown-language",
        "unused-footnote",
    }
)


@dataclass(frozen=True)
class Finding:
    """What is wrong, the form field where it is mended, and whether it keeps the post from being published."""

    code: str
    field: str
    message: str
    line: int | None = None

    @property
    def blocking(self) -> bool:
        return self.code not in ADVISORY


@dataclass(frozen=True)
class Candidate:
    """What the rules look at, so that they judge a form that is not saved and a row alike."""

    title: str
    slug: str
    summary: str
    body: str
    learning_level: Any
    categories: list[Category]
    authors: int
    facts: dict[str, Any] = field(default_factory=dict)
    pk: int | None = None

    @classmethod
    def of(
        cls, post: Post, *, categories: Iterable[Category] | None = None, authors: int | None = None
    ) -> Candidate:
        """From a rendered post; relations come from the database where they are not given."""
        return cls(
            title=post.title,
            slug=post.slug,
            summary=post.summary,
            body=post.body,
            learning_level=post.learning_level_id,
            categories=list(post.categories.all() if categories is None else categories),
            authors=post.bylines.count() if authors is None else authors,
            facts=post.facts,
            pk=post.pk,
        )


def check(candidate: Candidate, *, at: datetime | None = None) -> list[Finding]:
    """All findings, blocking ones first; an empty list means that nothing stands in the way. Advice about what readers
    don't see yet needs the instant `at` to know of schedules."""
    found = [*_metadata(candidate), *_text(candidate), *_figures(candidate), *_links(candidate)]
    found += _crossings(candidate, at)
    return sorted(found, key=lambda finding: not finding.blocking)


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.blocking]


def _metadata(post: Candidate) -> Iterator[Finding]:
    if not post.title.strip():
        yield Finding("title", "title", "The post has no title.")
    if not post.slug:
        yield Finding("slug", "slug", "The post has no slug, so it would have no address.")
    if not post.learning_level:
        yield Finding("level", "learning_level", "Choose the learning level.")
    if not post.categories:
        yield Finding("category", "categories", "File the post under at least one category.")
    if not post.authors:
        yield Finding("author", "bylines", "Name at least one author.")
    length = len(post.summary.strip())
    if not length:
        yield Finding("summary", "summary", "The summary is missing; listings show it below the title.")
    elif length not in SUMMARY_LENGTH:
        code = "short-summary" if length < SUMMARY_LENGTH[0] else "long-summary"
        wanted = f"listings are best served by {SUMMARY_LENGTH[0]} to {SUMMARY_LENGTH[-1]}"
        yield Finding(code, "summary", f"The summary has {length} characters; {wanted}.")


def _text(post: Candidate) -> Iterator[Finding]:
    if not post.body.strip():
        yield Finding("body", "body", "The post has no text.")
    for problem in post.facts.get("problems", []):
        yield Finding(problem["code"], "body", problem["message"], problem.get("line"))


def _figures(post: Candidate) -> Iterator[Finding]:
    written = post.facts.get("diagrams", [])
    for code, message, line in diagrams.trouble(written, post.pk):
        yield Finding(code, "body", message, line)
    keys = [key for key in post.facts.get("figures", []) if key not in {one["key"] for one in written}]
    widths = dict(Figure.objects.filter(slug__in=keys).values_list("slug", "width"))
    for key in keys:
        if key not in widths:
            yield Finding(
                "unknown-figure",
                "body",
                f"There is no figure “{key}” in the library; upload it, or correct the key.",
            )
        elif widths[key] < SMALLEST_WIDTH:
            yield Finding(
                "small-figure",
                "body",
                f"Figure “{key}” is {widths[key]} pixels wide and will look blurred; take {SMALLEST_WIDTH} or more.",
            )


def _links(post: Candidate) -> Iterator[Finding]:
    """Links to posts of this site that lead nowhere."""
    shape = re.escape(reverse("post", args=["SLUG"])).replace("SLUG", r"([-\w]+)")
    slugs = {m[1] for link in post.facts.get("links", []) if (m := re.match(shape, link))}
    known = set(Post.objects.filter(slug__in=slugs).values_list("slug", flat=True)) | {post.slug}
    for slug in sorted(slugs - known):
        yield Finding("dead-link", "body", f"The text links to the post “{slug}”, which does not exist.")


def _crossings(post: Candidate, at: datetime | None) -> Iterator[Finding]:
    """References to other posts: what they name must exist, though readers need not see it yet."""
    pairs = [(slug, key) for slug, key in post.facts.get("crossings", [])]
    others = _named({slug for slug, _ in pairs} - {post.slug})
    told: set[str] = set()
    for slug, key in pairs:
        other = others.get(slug)
        if slug != post.slug and slug not in told:
            told.add(slug)
            if other is None:
                yield Finding(
                    "unknown-post",
                    "body",
                    f"The text refers to the post “{slug}”, which does not exist; correct the slug, or take it out.",
                )
            elif other.status != Post.Status.PUBLISHED or (at and not other.is_live(at)):
                yield Finding(
                    "unpublished-post",
                    "body",
                    f"The text refers to the post “{slug}”, which readers don't see; until they do, the "
                    "reference has no link.",
                )
        facts = post.facts if slug == post.slug else other.facts if other else None
        if key and facts is not None and key not in facts.get("figures", []):
            yield Finding(
                "unknown-post-figure",
                "body",
                f"The post “{slug}” shows no figure “{key}”; correct the key after #fig-, or refer to the post alone.",
            )


def _named(slugs: set[str]) -> dict[str, Post]:
    """Posts by these present or former slugs."""
    facts = ("slug", "status", "published_at", "expires_at", "facts")
    known = {post.slug: post for post in Post.objects.filter(slug__in=slugs).only(*facts)}
    left = {path: slug for slug in slugs - known.keys() for path in (path_of(slug), quoted(slug))}
    moved = Address.objects.filter(path__in=left, post__isnull=False).select_related("post").order_by("path")
    for address in moved.only("path", *(f"post__{name}" for name in facts)) if left else []:
        if address.post:
            known[left[address.path]] = address.post
    return known
