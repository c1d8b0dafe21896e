"""What is kept of each save."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F

from blog.models import Post, Revision

from . import contents

BATCH = 500  # posts whose contents are in memory at once


def record(
    post: Post, *, at: datetime, by: Any = None, kind: str = Revision.Kind.SAVED, note: str = ""
) -> Revision:
    """Keeps the post as it stands in the database as the revision of its version. Kept before, it is left as it is."""
    return at_version(post, post.version) or Revision.objects.create(
        post=post, number=post.version, kind=kind, status=post.status, content=contents.read(post),
        made_at=at, made_by=by, note=note,
    )  # fmt: skip


def record_change(posts: Iterable[int], *, at: datetime, by: Any, note: str) -> None:
    """Raises the version of each of these posts, whose rows are locked and whose filing has just been changed, and
    keeps it: a form that was opened before is then merged with the change like with any save. Posts that carry a draft
    are left alone, since the draft is their newest version. Two queries a batch."""
    changed = Post.objects.filter(pk__in=list(posts), draft=None)
    changed.update(version=F("version") + 1)
    around = contents.around()
    kept: list[Revision] = []
    for post in changed.annotate(**around).order_by("pk").iterator(chunk_size=BATCH):
        content = contents.gathered(post, {name: getattr(post, name) for name in around})
        kept.append(
            Revision(
                post_id=post.pk, number=post.version, status=post.status, content=content, made_at=at, made_by=by,
                note=note[:300],
            )
        )  # fmt: skip
        if len(kept) == BATCH:
            Revision.objects.bulk_create(kept)
            kept.clear()
    Revision.objects.bulk_create(kept)


def at_version(post: Post, number: int) -> Revision | None:
    """What the post was at a version, unless nobody has kept it."""
    return post.revisions.exclude(kind=Revision.Kind.ASIDE).filter(number=number).first()
