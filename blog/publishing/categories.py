"""The tree of categories: what happens below and around a category that moves."""

from __future__ import annotations

from django.db import connection, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from blog.models import Category, Post

from . import addresses, listing

BATCH = 2_000


class InUse(Exception):
    """The category can't go; `str()` says why and what to do first."""


@transaction.atomic
def save(category: Category) -> None:
    """Saves a category. When its slug or parent has changed, everything below it moves along, and each former path
    leads on.

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
        refile_below(category)


def refile_below(category: Category) -> None:
    """Writes the listing rows of all posts in the category and below it anew, in batches."""
    here = models.Q(categories=category) | models.Q(categories__path__startswith=f"{category.path}/")
    ids = list(Post.objects.filter(here).order_by("pk").values_list("pk", flat=True).distinct())
    for start in range(0, len(ids), BATCH):
        listing.refile(ids[start : start + BATCH])


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
