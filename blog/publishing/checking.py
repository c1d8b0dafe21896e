"""The publish rules over many posts, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from blog.models import Byline, Category, Post

from . import rules

READ = (
    "title", "slug", "summary", "body", "learning_level", "facts", "language", "body_html", "status", "markup_version",
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """A post with what the rules say of it, blocking findings first."""

    pk: int
    slug: str
    title: str
    status: str
    findings: list[rules.Finding]


def check_posts(posts: QuerySet[Post], *, at: datetime) -> Iterator[Report]:
    """Judges each of `posts` by the rules at the instant `at`, in order of their ids.

    Reads a batch at a time, after the last id and not by an open cursor: a run may take minutes, and a transaction that
    long would keep PostgreSQL from tidying up.
    """
    last = 0
    while batch := list(_with_all(posts.filter(pk__gt=last))[: rules.BATCH]):
        candidates = [rules.Candidate.of(post, authors=len(post.bylines.all())) for post in batch]
        for post, (_, findings) in zip(batch, rules.check_many(candidates, at=at), strict=True):
            yield Report(post.pk, post.slug, post.title, post.status, findings)
        last = batch[-1].pk


def _with_all(posts: QuerySet[Post]) -> QuerySet[Post]:
    return (
        posts.order_by("pk")
        .only(*READ)
        .prefetch_related(
            Prefetch("categories", Category.objects.only("pk")),
            Prefetch("bylines", Byline.objects.only("post")),
        )
    )
