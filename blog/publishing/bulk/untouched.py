"""The posts that an operation changed, as long as nobody has changed them since."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from blog.models import Post

from .. import undo
from .outcome import counted


def untouched(inverse: dict[str, Any], *, in_trash: bool = False) -> list[tuple[Post, dict[str, Any]]]:
    """The posts, their rows locked, each with its record.

    Raises:
        undo.Refused: one of them has been changed since, thrown away, or deleted for good.
    """
    records = {record["post"]: record for record in inverse["posts"]}
    rows = Post.objects.select_for_update(of=("self",)).prefetch_related("draft").filter(pk__in=records)
    posts = list(rows.order_by("pk"))
    changed = [
        post.title
        for post in posts
        if post.version != records[post.pk]["version"] or bool(post.trashed_at) != in_trash
    ]
    if changed:
        raise undo.Refused(_("Not undone: {names} changed since.").format(names=undo.listed(changed)))
    if len(posts) < len(records):
        gone = len(records) - len(posts)
        raise undo.Refused(_("Not undone: {posts} deleted for good since.").format(posts=counted(gone)))
    return [(post, records[post.pk]) for post in posts]
