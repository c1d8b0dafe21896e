"""The life of a post: save, publish, schedule, withdraw. Whatever changes it leaves a revision.

A caller that writes relations itself calls `save` before and `settle` after them, in one transaction; every other
caller uses the verbs that do both. Editors' forms go through `editing`, which merges first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from blog.models import (
    Author,
    Byline,
    Category,
    Change,
    Figure,
    Placement,
    Post,
    RelatedPost,
    Series,
    SeriesPart,
)

from . import (
    addresses,
    approvals,
    audit,
    cards,
    diagrams,
    figures,
    listing,
    related,
    revisions,
    rules,
    tagging,
)
from .tasks import follow_move, relate_post, tidy_listings
from .watching import watch_links


class NotReady(Exception):
    """The post can't be published yet; `findings` says what is missing and where."""

    def __init__(self, findings: list[rules.Finding]) -> None:
        super().__init__(" ".join(finding.message for finding in findings))
        self.findings = findings


@transaction.atomic
def save(post: Post, *, at: datetime, minor: bool = False, notable: str = "") -> None:
    """Saves the row. A post that readers have known leaves its former address behind when its slug changes, and says
    when its words changed, unless the change is `minor`. `notable` tells readers in a sentence what is different.

    Raises:
        markup.RenderRefused: the body can't be rendered; nothing is saved.
        NotReady: it has been put in the trash since the row was read.
    """
    former = None
    if post.pk:
        known = ("slug", "status", "published_at", "expires_at", "title", "summary", "body", "translation_of")
        former = Post.objects.select_for_update().only("trashed_at", *known).filter(pk=post.pk).first()
    if former and former.trashed_at and not post.trashed_at:  # saved as a whole, it would come back
        raise NotReady([rules.Finding("in-trash", "title", _("The post is in the trash; restore it first."))])
    read = former is not None and former.has_been_public(at)
    notable = " ".join(notable.split())
    if read and (notable or (not minor and says(former) != says(post))):
        post.changed_at = at
    _date_the_note(post, at)
    _name_the_original(post, former)
    post.version += 1
    post.save()
    if read and notable:
        Change.objects.create(post=post, made_at=at, sentence=notable)
    if former and read and former.slug != post.slug:
        addresses.leave(former.get_absolute_url(), post)
    if former and former.slug != post.slug:
        transaction.on_commit(lambda: follow_move.enqueue(post.pk, former.slug))


def says(post: Post | None) -> list[list[str]]:
    """The words that readers see; blanks and line ends between them are none."""
    return [text.split() for text in (post.title, post.summary, post.body)] if post else []


def _date_the_note(post: Post, at: datetime) -> None:
    if isinstance(post.editors_note, str):  # else the database's default, the empty text
        post.editors_note = post.editors_note.strip()
        post.editors_note_at = (post.editors_note_at or at) if post.editors_note else None


def _name_the_original(post: Post, former: Post | None) -> None:
    """Translations all name the one post that was written first: no translation is translated."""
    if post.translation_of_id is None or (former and former.translation_of_id == post.translation_of_id):
        return
    first = Post.objects.only("translation_of").get(pk=post.translation_of_id)
    if first.translation_of_id == post.pk:  # they change places
        Post.objects.filter(pk=first.pk).update(translation_of=None)
    elif first.translation_of_id:
        post.translation_of_id = first.translation_of_id
    if post.pk:
        theirs = Post.objects.filter(translation_of=post.pk).exclude(pk=post.translation_of_id)
        theirs.update(translation_of=post.translation_of_id)


@transaction.atomic
def settle(
    post: Post, *, at: datetime | None = None, by: Any = None, note: str = "", verb: str = "post.saved"
) -> None:
    """After the row and its relations are written: draws its diagrams, records the figures it places, keeps it as a
    revision, and files it in its listings. The audit log calls what `by` did at the instant `at` by the name `verb`.
    What is related to it is computed by a worker."""
    diagrams.settle(post)
    _place_figures(post)
    revisions.record(post, at=at or post.updated_at, by=by, note=note)
    if at:  # nobody's deed otherwise: made true again after an upgrade
        audit.record(verb, post, by=by, at=at, version=post.version, **({"note": note} if note else {}))
    if listing.refile([post.pk]):
        transaction.on_commit(lambda: tidy_listings.enqueue())
    cards.see_to(post)
    watch_links(post)
    if related.is_stale(post):
        transaction.on_commit(lambda: relate_post.enqueue(post.pk))


@transaction.atomic
def write(
    post: Post,
    *,
    at: datetime,
    categories: Sequence[Category],
    authors: Sequence[Author],
    tags: Sequence[str],
    series: Sequence[tuple[Series, int]] = (),
    related_posts: Sequence[Post] | None = None,
    changes: Sequence[tuple[datetime, str]] | None = None,
    minor: bool = False,
    notable: str = "",
    by: Any = None,
    note: str = "",
    patient: bool = False,
) -> None:
    """Saves a post with all its relations, for importers. A post that is published must pass the publish rules.

    `related_posts` are those that editors chose, in order, and `changes` the whole log of notable changes, with their
    instants; None leaves either as it is. For `minor` and `notable` see `save`. `by` is the user who did it, `note`
    what the history says of it. For `patient` see `publish`.

    Raises:
        NotReady: it is published and a blocking rule fails; nothing is saved.
        markup.RenderRefused: the body can't be rendered; nothing is saved.
    """
    if post.status == Post.Status.PUBLISHED:
        # Before the row is written: what the rules miss, the database would refuse less kindly.
        demand_readiness(post, categories=categories, authors=len(authors), at=at if patient else None)
    save(post, at=at, minor=minor, notable=notable)
    post.categories.set(categories)
    post.tags.set(tagging.resolved(tags))
    Byline.objects.filter(post=post).delete()
    Byline.objects.bulk_create(Byline(post=post, author=who, position=n) for n, who in enumerate(authors))
    SeriesPart.objects.filter(post=post).delete()
    SeriesPart.objects.bulk_create(SeriesPart(post=post, series=one, number=n) for one, n in series)
    if related_posts is not None:
        RelatedPost.objects.filter(post=post, curated=True).delete()
        RelatedPost.objects.bulk_create(
            RelatedPost(post=post, other=other, position=n, curated=True)
            for n, other in enumerate(related_posts)
        )
    if changes is not None:
        Change.objects.filter(post=post).delete()
        Change.objects.bulk_create(Change(post=post, made_at=when, sentence=what) for when, what in changes)
    settle(post, at=at, by=by, note=note)


@transaction.atomic
def publish(
    post: Post, *, at: datetime, when: datetime | None = None, by: Any = None, patient: bool = False
) -> None:
    """Publishes a saved post at the instant `when`: now, unless given; in the future it is a schedule. A post that was
    public before keeps its first date. A caller who is `patient` can come back in a moment, as a person at a form can,
    and is told to wait for what a worker is just making.

    Raises:
        NotReady: a blocking rule fails, or reviewers have not approved it; nothing has changed.
    """
    demand_readiness(post, at=at if patient and not when else None)
    demand_approvals(post, by=by, at=at)
    post.status = Post.Status.PUBLISHED
    if when or not post.published_at or post.published_at > at:
        post.published_at = when or at
    save(post, at=at)
    if post.published_at > at:
        settle(post, at=at, by=by, note=_("Scheduled."), verb="post.scheduled")
    else:
        settle(post, at=at, by=by, note=_("Published."), verb="post.published")


@transaction.atomic
def withdraw(post: Post, *, at: datetime, by: Any = None) -> None:
    """Takes a post from its readers; its text, address and date stay."""
    post.status = Post.Status.WITHDRAWN
    save(post, at=at)
    settle(post, at=at, by=by, note=_("Withdrawn."), verb="post.withdrawn")


@transaction.atomic
def hand_over(post: Post, *, to_review: bool, at: datetime, by: Any = None) -> None:
    """Sends a draft to review, or back; a post in any other state stays as it is."""
    before, after = (
        (Post.Status.DRAFT, Post.Status.REVIEW) if to_review else (Post.Status.REVIEW, Post.Status.DRAFT)
    )
    if post.status == before:
        post.status = after
        save(post, at=at)
        note = _("Sent to review.") if to_review else _("Taken back from review.")
        revisions.record(post, at=at, by=by, note=note)
        audit.record("post.sent_to_review" if to_review else "post.taken_back", post, by=by, at=at)


def demand_readiness(
    post: Post,
    *,
    categories: Sequence[Category] | None = None,
    authors: int | None = None,
    at: datetime | None = None,
) -> None:
    """Raises NotReady where a blocking rule fails; relations that are not saved yet may be given. Rules about what
    passes by itself need the instant `at`."""
    if post.trashed_at:
        raise NotReady([rules.Finding("in-trash", "title", _("The post is in the trash; restore it first."))])
    post.render()
    candidate = rules.Candidate.of(post, categories=categories, authors=authors)
    if missing := rules.blocking(rules.check(candidate, at=at)):
        raise NotReady(missing)


def demand_approvals(post: Post, *, by: Any, at: datetime) -> None:
    """Raises NotReady where the newest words lack approvals that a category of theirs asks for. An administrator goes
    ahead, and the log says so."""
    lacking = approvals.missing(post)
    if lacking and by is not None and by.is_superuser:
        approvals.waive(post, by=by, at=at)
    elif lacking:
        raise NotReady([rules.Finding("approvals", "review", sentence) for sentence in lacking])


def _place_figures(post: Post) -> None:
    keys = post.facts.get("figures", [])
    known = {figure.slug: figure for figure in Figure.objects.filter(slug__in=keys)}
    placed = [(number, known[key]) for number, key in enumerate(keys, start=1) if key in known]
    now = [(p.number, p.figure_id) for p in Placement.objects.filter(post=post)]
    if now != [(number, figure.pk) for number, figure in placed]:
        Placement.objects.filter(post=post).delete()
        Placement.objects.bulk_create(Placement(post=post, figure=f, number=n) for n, f in placed)
        figures.describe_posts([post.pk])
