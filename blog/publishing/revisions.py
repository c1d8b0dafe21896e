"""What is kept of each save."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from blog.models import Post, Revision

from . import contents


def record(
    post: Post, *, at: datetime, by: Any = None, kind: str = Revision.Kind.SAVED, note: str = ""
) -> Revision:
    """Keeps the post as it stands in the database as the revision of its version. Kept before, it is left as it is."""
    return at_version(post, post.version) or Revision.objects.create(
        post=post, number=post.version, kind=kind, status=post.status, content=contents.read(post),
        made_at=at, made_by=by, note=note,
    )  # fmt: skip


def at_version(post: Post, number: int) -> Revision | None:
    """What the post was at a version, unless nobody has kept it."""
    return post.revisions.exclude(kind=Revision.Kind.ASIDE).filter(number=number).first()
