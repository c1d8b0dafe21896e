"""A site made with dice, and what a selection of its posts ought to be, post by post."""

from datetime import timedelta
from random import Random

from django.utils import timezone

from blog.models import Byline, Post, PostTag, Tag
from blog.publishing import listing
from tests import make


def dice_site(now, count=300):
    """Posts with dice: overlapping facets, drafts, scheduled and expired ones, and equal instants."""
    dice = Random(7)
    categories = [make.category(path) for path in ("a", "a/b", "a/b/c", "x", "x/y")]
    authors = [make.author(name) for name in ("Ada Ferrant", "Bo Lind", "Cy Tran")]
    tags = [Tag.objects.create(name=name, slug=name) for name in ("s3", "queues", "caches")]
    levels = [make.level(number) for number in (100, 200, 300, 300)]
    posts = []
    for number in range(count):
        at = now - timedelta(hours=dice.choice([-90, 0, 1, 24, 800, 4000, 9000, 15000]) + number // 4)
        ends = dice.choice([None, None, None, None, now, now + timedelta(days=1)])
        posts.append(
            Post(
                title=f"Post {number}",
                slug=f"p{number}",
                summary=make.SUMMARY,
                published_at=at,
                expires_at=ends if ends and ends > at else None,
                status=dice.choice([Post.Status.PUBLISHED] * 9 + [Post.Status.DRAFT]),
                learning_level=dice.choice(levels),
            )
        )
    Post.objects.bulk_create(posts)
    for rows, kind, choices, most in (
        (Post.categories.through, "category", categories, 2),
        (PostTag, "tag", tags, 2),
        (Byline, "author", authors, 2),
    ):
        owner = "content_object" if rows is PostTag else "post"
        rows.objects.bulk_create(
            rows(**{owner: post, kind: one})
            for post in posts
            for one in dice.sample(choices, dice.randint(rows is not PostTag, most))
        )
    listing.refile([post.pk for post in posts])
    return categories, authors


def naive(posts, selection, at):
    """What a selection ought to list, post by post."""
    found = []
    for post in posts:
        local = post.published_at and timezone.localtime(post.published_at)
        if (
            post.is_live(at)
            and (not selection.category or any(
                one.path == selection.category.path or one.path.startswith(f"{selection.category.path}/")
                for one in post.categories.all()
            ))
            and (not selection.tag or selection.tag in post.tags.all())
            and (not selection.author or selection.author in post.authors.all())
            and (not selection.level or post.learning_level == selection.level)
            and (not selection.year or local.year == selection.year)
            and (not selection.month or local.month == selection.month)
        ):  # fmt: skip
            found.append(post)
    return sorted(found, key=lambda post: (post.published_at, post.pk), reverse=True)
