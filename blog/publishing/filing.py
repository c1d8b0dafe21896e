"""Changing where many posts are filed, at once: level, categories, tags, authors. The words stay, so that nothing is
rendered, and a few queries do for all of them what `editing.save` does for one: a version, a revision, a line in the
audit log, the listings.

Only posts whose newest words are what they are: one with a draft on top, or one that has to wait for approvals, is
saved by `editing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Lower

from blog.models import Author, Byline, Category, LearningLevel, Post, PostTag, Revision, Tag

from . import audit, cards, listing, rules, tagging
from .contents import Content
from .tasks import make_card, relate_posts, tidy_listings

FIELDS = ("learning_level", "categories", "tags", "authors")
BATCH = 500


@dataclass(frozen=True)
class Refiling:
    """A post whose row is locked, its content as it stands, and the fields of it that become others."""

    post: Post
    live: Content
    change: Content

    @property
    def content(self) -> Content:
        return self.live | self.change


def judge(refilings: Sequence[Refiling], *, at: datetime) -> dict[int, list[rules.Finding]]:
    """By key, what keeps published ones among the posts from being what they would become. Eight queries a batch."""
    asked = [one for one in refilings if one.post.status == Post.Status.PUBLISHED]
    candidates = [_candidate(one) for one in asked]
    judged = zip(asked, rules.check_many(candidates), strict=True)
    return {one.post.pk: missing for one, (_, found) in judged if (missing := rules.blocking(found))}


def _candidate(one: Refiling) -> rules.Candidate:
    to = one.content
    categories = [Category(pk=pk) for pk in to["categories"]]
    known = rules.Candidate.of(one.post, categories=categories, authors=len(to["authors"]))
    return replace(known, learning_level=to["learning_level"])


@transaction.atomic
def write(refilings: Sequence[Refiling], *, at: datetime, by: Any, note: str = "") -> None:
    """Makes the posts what they become; each gets its next version."""
    if not refilings:
        return
    keys = [one.post.pk for one in refilings]
    _keep_former(refilings)
    for level, posts in _by_level(refilings).items():
        Post.objects.filter(pk__in=posts).update(learning_level=level)
    Post.objects.filter(pk__in=keys).update(version=F("version") + 1, updated_at=at)
    for one in refilings:
        one.post.version += 1
    _file(refilings)
    kept = [_revision(one.post, one.content, one.post.version, at=at, by=by, note=note) for one in refilings]
    Revision.objects.bulk_create(kept, batch_size=BATCH)
    told = {"note": note} if note else {}
    audit.record_each(
        "post.saved", [(one.post, {"version": one.post.version} | told) for one in refilings], by=by, at=at
    )
    if listing.refile(keys):
        transaction.on_commit(tidy_listings.enqueue)
    _see_to_the_rest(keys)


def _keep_former(refilings: Sequence[Refiling]) -> None:
    """What older code or a command may have left unkept."""
    same = Revision.objects.filter(post=OuterRef("pk"), number=OuterRef("version"))
    lacking = Post.objects.filter(pk__in=[one.post.pk for one in refilings]).exclude(
        Exists(same.exclude(kind=Revision.Kind.ASIDE))
    )
    unkept = set(lacking.order_by().values_list("pk", flat=True))
    Revision.objects.bulk_create(
        [
            _revision(one.post, one.live, one.post.version, at=one.post.updated_at, by=None)
            for one in refilings
            if one.post.pk in unkept
        ],
        batch_size=BATCH,
    )


def _revision(
    post: Post, content: Content, number: int, *, at: datetime, by: Any, note: str = ""
) -> Revision:
    who = by if by is not None and by.pk else None
    return Revision(
        post=post, number=number, status=post.status, content=content, made_at=at, made_by=who, note=note
    )


def _by_level(refilings: Sequence[Refiling]) -> Mapping[int | None, list[int]]:
    found: dict[int | None, list[int]] = {}
    for one in refilings:
        if "learning_level" in one.change:
            found.setdefault(one.change["learning_level"], []).append(one.post.pk)
    return found


# --- Memberships


def _file(refilings: Sequence[Refiling]) -> None:
    filed = [one for one in refilings if "categories" in one.change]
    _members(Post.categories.through, "post_id", "category_id", "categories", filed)
    named = [one for one in refilings if "tags" in one.change]
    if named:
        tags = _tags({tag for one in named for tag in (*one.live["tags"], *one.change["tags"])})
        by_key = [
            Refiling(
                one.post,
                {"tags": [tags[name] for name in one.live["tags"]]},
                {"tags": [tags[name] for name in one.change["tags"]]},
            )
            for one in named
        ]
        _members(PostTag, "content_object_id", "tag_id", "tags", by_key)
    signed = [one for one in refilings if "authors" in one.change]
    Byline.objects.filter(post__in=[one.post.pk for one in signed]).order_by().delete()
    Byline.objects.bulk_create(
        [
            Byline(post=one.post, author_id=author, position=place)
            for one in signed
            for place, author in enumerate(one.change["authors"])
        ],
        batch_size=5_000,
    )


def _members(
    rows: type[models.Model], post: str, thing: str, name: str, refilings: Sequence[Refiling]
) -> None:
    """Adds and removes rows of a table that joins posts and things: one query to add, one for each set of things that
    goes."""
    added: list[models.Model] = []
    gone: dict[frozenset[int], list[int]] = {}
    for one in refilings:
        before, after = set(one.live[name]), set(one.change[name])
        added += [rows(**{post: one.post.pk, thing: key}) for key in sorted(after - before)]
        if lost := before - after:
            gone.setdefault(frozenset(lost), []).append(one.post.pk)
    for things, posts in gone.items():
        rows._default_manager.filter(**{f"{post}__in": posts, f"{thing}__in": things}).order_by().delete()
    rows._default_manager.bulk_create(added, batch_size=5_000)


def _tags(names: set[str]) -> dict[str, int]:
    """The keys of tags with these names; those that nobody has used yet are made."""
    known = dict(Tag.objects.filter(name__in=names).order_by().values_list("name", "pk"))
    for name in sorted(names - known.keys()):
        tag = Tag.objects.annotate(low=Lower("name")).filter(low=tagging.folded(name).lower()).first()
        known[name] = (tag or Tag.objects.create(name=name)).pk
    return known


def there(kind: type[Author | Category | LearningLevel], keys: Sequence[int]) -> bool:
    """Whether rows with all these keys exist."""
    return kind._default_manager.filter(pk__in=keys).count() == len(set(keys))


def _see_to_the_rest(keys: list[int]) -> None:
    """Cards and related posts of those that are published: after the commit, by a worker."""
    published = Post.objects.filter(pk__in=keys, status=Post.Status.PUBLISHED)
    untrue = [post.pk for post in cards.with_words(published) if not cards.is_true(post)]
    related = list(published.order_by("pk").values_list("pk", flat=True))

    def later() -> None:
        for key in untrue:
            make_card.enqueue(key)
        if related:
            relate_posts.enqueue(related)

    transaction.on_commit(later)
