"""The life of a post: save, publish, schedule, withdraw.

A caller that writes relations itself (the admin) calls `save` before and `settle` after them, in one transaction; every
other caller uses the verbs that do both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from blog.models import Author, Byline, Category, Figure, Placement, Post, Series, SeriesPart

from . import addresses, cards, figures, listing, rules
from .tasks import tidy_listings


class NotReady(Exception):
    """The post can't be published yet; `findings` says what is missing and where."""

    def __init__(self, findings: list[rules.Finding]) -> None:
        super().__init__(" ".join(finding.message for finding in findings))
        self.findings = findings


@transaction.atomic
def save(post: Post, *, at: datetime) -> None:
    """Saves the row. A post that readers have known leaves its former address behind when its slug changes.

    Raises:
        markup.RenderRefused: the body can't be rendered; nothing is saved.
    """
    former = None
    if post.pk:
        former = (
            Post.objects.select_for_update()
            .only("slug", "status", "published_at", "expires_at")
            .filter(pk=post.pk)
            .first()
        )
    post.version += 1
    post.save()
    if former and former.slug != post.slug and former.has_been_public(at):
        addresses.leave(former.get_absolute_url(), post)


@transaction.atomic
def settle(post: Post) -> None:
    """After the row and its relations are written: records the figures it places, and files it in its listings."""
    _place_figures(post)
    if listing.refile([post.pk]):
        transaction.on_commit(lambda: tidy_listings.enqueue())
    cards.see_to(post)


@transaction.atomic
def write(
    post: Post,
    *,
    at: datetime,
    categories: Sequence[Category],
    authors: Sequence[Author],
    tags: Sequence[str],
    series: Sequence[tuple[Series, int]] = (),
) -> None:
    """Saves a post with all its relations, for importers. A post that is published must pass the publish rules.

    Raises:
        NotReady: it is published and a blocking rule fails; nothing is saved.
        markup.RenderRefused: the body can't be rendered; nothing is saved.
    """
    save(post, at=at)
    post.categories.set(categories)
    post.tags.set(tags)
    Byline.objects.filter(post=post).delete()
    Byline.objects.bulk_create(Byline(post=post, author=who, position=n) for n, who in enumerate(authors))
    SeriesPart.objects.filter(post=post).delete()
    SeriesPart.objects.bulk_create(SeriesPart(post=post, series=one, number=n) for one, n in series)
    if post.status == Post.Status.PUBLISHED:
        _demand_readiness(post)
    settle(post)


@transaction.atomic
def publish(post: Post, *, at: datetime, when: datetime | None = None) -> None:
    """Publishes a saved post at the instant `when`: now, unless given; in the future it is a schedule. A post that was
    public before keeps its first date.

    Raises:
        NotReady: a blocking rule fails; nothing has changed.
    """
    _demand_readiness(post)
    post.status = Post.Status.PUBLISHED
    if when or not post.published_at or post.published_at > at:
        post.published_at = when or at
    save(post, at=at)
    settle(post)


@transaction.atomic
def withdraw(post: Post, *, at: datetime) -> None:
    """Takes a post from its readers; its text, address and date stay."""
    post.status = Post.Status.WITHDRAWN
    save(post, at=at)
    settle(post)


@transaction.atomic
def hand_over(post: Post, *, to_review: bool, at: datetime) -> None:
    """Sends a draft to review, or back; a post in any other state stays as it is."""
    before, after = (
        (Post.Status.DRAFT, Post.Status.REVIEW) if to_review else (Post.Status.REVIEW, Post.Status.DRAFT)
    )
    if post.status == before:
        post.status = after
        save(post, at=at)


def _demand_readiness(post: Post) -> None:
    post.render()
    if missing := rules.blocking(rules.check(rules.Candidate.of(post))):
        raise NotReady(missing)


def _place_figures(post: Post) -> None:
    keys = post.facts.get("figures", [])
    known = {figure.slug: figure for figure in Figure.objects.filter(slug__in=keys)}
    placed = [(number, known[key]) for number, key in enumerate(keys, start=1) if key in known]
    now = [(p.number, p.figure_id) for p in Placement.objects.filter(post=post)]
    if now != [(number, figure.pk) for number, figure in placed]:
        Placement.objects.filter(post=post).delete()
        Placement.objects.bulk_create(Placement(post=post, figure=f, number=n) for n, f in placed)
        figures.describe_posts([post.pk])
