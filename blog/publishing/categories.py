"""The tree of categories: what happens below and around a category that moves."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from blog.models import Category, Post

from . import addresses, listing, sealing

AT_ONCE = 2_000
"""Posts that are filed anew in the move's own transaction: a second or two. Who saves one of them meanwhile waits."""
BATCH = 50
"""Posts in a transaction of their own, of a move that takes more: nobody waits longer than some tenths of a second."""
SLICE = 40
"""Batches of a task; the rest is left to another, behind what waits."""
ENTERED = 4
"""Batches after which their words are entered into the indexes, long before the lists of these are full."""
SEALED = 20
"""Batches after which the bits are set by which searches count, which takes a second: it is asked of neighbouring posts
at once, and long before so many are unset that searches do without bits."""


class InUse(Exception):
    """The category can't go; `str()` says why and what to do first."""


@transaction.atomic
def save(category: Category) -> None:
    """Saves a category. When its slug or parent has changed, everything below it moves along, and each former path
    leads on. Addresses are right at once. Of more than AT_ONCE posts, a worker then writes the listings of the new
    ancestors, batch by batch; until it has come to a post, that stands in those of the former ones.

    Raises:
        django.core.exceptions.ValidationError: the move would make a cycle or take a path that is taken.
    """
    with connection.cursor() as cursor:  # one move at a time: two could otherwise make a cycle together
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('blog_category tree'))")
    if category.parent_id:
        category.parent = Category.objects.get(pk=category.parent_id)  # its path as it is under the lock
    category.clean()
    former = Category.objects.filter(pk=category.pk).first() if category.pk else None
    below = list(Category.objects.filter(path__startswith=f"{former.path}/")) if former else []
    category.save()
    if former is None or former.path == category.path:
        return
    moved = Category.objects.filter(pk__in=[c.pk for c in below])
    moved.update(
        path=Concat(
            Value(category.path), Substr("path", len(former.path) + 1), output_field=models.CharField()
        )
    )
    for one in [former, *below]:
        addresses.leave(one.get_absolute_url(), category if one.pk == category.pk else one)
    if former.parent_id != category.parent_id:
        _refile(category)


def _refile(category: Category) -> None:
    posts = list(_below(category)[: AT_ONCE + 1])
    if len(posts) <= AT_ONCE:
        listing.move(posts)
        return
    from .tasks import refile_below

    transaction.on_commit(lambda: refile_below.enqueue(category.pk))


def refile_slice(category: Category, *, at: datetime, after: int = 0) -> int | None:
    """Writes the listing rows of some posts in the category and below it anew, each batch in a transaction of its own;
    on the way it sets the bits of those that are live at `at` (aware). Returns the id of the last one, after which to
    go on; None where there are no more."""
    for batch in range(1, SLICE + 1):
        posts = list(_below(category).filter(pk__gt=after)[:BATCH])
        listing.move(posts)
        if batch % ENTERED == 0:
            sealing.enter_words()
        if batch % SEALED == 0 and sealing.is_due():
            sealing.seal(at=at)
        if len(posts) < BATCH:
            return None
        after = posts[-1]
    return after


def _below(category: Category) -> models.QuerySet[Post, int]:
    """The ids of all posts in the category and below it, in their order."""
    filed = Post.categories.through.objects.filter(
        models.Q(category=category) | models.Q(category__path__startswith=f"{category.path}/")
    )
    return Post.objects.filter(pk__in=filed.values("post_id")).order_by("pk").values_list("pk", flat=True)


@transaction.atomic
def delete(category: Category) -> None:
    """Raises InUse while the category has posts or categories below it."""
    children = category.children.count()
    posts = list(category.posts.order_by(F("published_at").desc(nulls_last=True), "-pk")[:5])
    if posts:
        named = _(", ").join(_("“{name}”").format(name=post) for post in posts[:4])
        text = (
            _("“{category}” still holds {posts} and others. File them elsewhere first.")
            if len(posts) > 4
            else _("“{category}” still holds {posts}. File them elsewhere first.")
        )
        raise InUse(text.format(category=category, posts=named))
    if children:
        raise InUse(
            _("“{category}” still has categories below it. Move or delete those first.").format(
                category=category
            )
        )
    category.delete()
