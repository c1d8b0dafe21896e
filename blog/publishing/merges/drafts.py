"""Drafts on top that name what is merged: they are changed along, and stay on top."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from blog.models import Post

from .. import contents, editing
from ..contents import Content
from .kinds import Kind


def rename(kind: Kind, former: Sequence[Any], into: Any, *, at: datetime, by: Any) -> list[list[Any]]:
    """Drafts on top that name what is to go name `into` instead; of each the post, its version, and what it named."""
    gone = {_key(kind, one) for one in former}
    changed = []
    live = Post.objects.filter(draft__isnull=False, status=Post.Status.PUBLISHED)

    def renamed(content: Content) -> tuple[list[Any], list[Any]]:
        was = content.get(kind.content, [])
        return was, _replaced(kind, was, gone, _key(kind, into))

    for found in live.select_related("draft").order_by("pk"):
        was, new = renamed(contents.head(found))
        if new == was:
            continue
        post = editing.locked(found)  # what somebody has saved since it was looked for is kept
        content = contents.head(post)
        was, new = renamed(content)
        if post.draft and new != was:
            version = lay_over(post, content | {kind.content: new}, at=at, by=by)
            changed.append([post.pk, version, was])
    return changed


def _key(kind: Kind, thing: Any) -> Any:
    return thing.name if kind.content == "tags" else thing.pk


def _replaced(kind: Kind, values: list[Any], gone: set[Any], into: Any) -> list[Any]:
    if kind.content == "series":
        held = {pk for pk, _ in values}
        moved = [
            [into, n] if pk in gone else [pk, n] for pk, n in values if not (pk in gone and into in held)
        ]
        return sorted({pk: [pk, n] for pk, n in reversed(moved)}.values())
    new = list(dict.fromkeys(into if value in gone else value for value in values))
    return new if kind.content == "authors" else sorted(new)


def lay_over(post: Post, content: Content, *, at: datetime, by: Any) -> int:
    return editing.save(post, content, at=at, by=by, on_top=True).post.version
