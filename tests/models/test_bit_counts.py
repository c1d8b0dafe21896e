"""Counts of a selection by bits against counting post by post."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from blog.models import Category, Post, Selection, Tag, count_levels
from blog.models.bit_counts import counts_by_bits
from blog.models.narrowing import open_kinds, read_narrowing
from blog.publishing import listing, sealing
from tests import make
from tests.models.dice import dice_site, naive
from tests.models.test_narrowing import below, counted

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sealed(module_rows, now):
    """A site whose bits are a month old, with posts that were changed, withdrawn or came since."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "FEWEST", 1)
        yield seal(now)


def seal(now):
    dice_site(now)
    sealing.seal(at=now - timedelta(days=30))
    posts = Random(4).sample(list(Post.objects.order_by("pk")), 40)
    Post.objects.filter(pk__in=[post.pk for post in posts[:15]]).update(published_at=now - timedelta(days=70))
    Post.objects.filter(pk__in=[post.pk for post in posts[15:30]]).update(status=Post.Status.DRAFT)
    Post.objects.filter(pk__in=[post.pk for post in posts[30:]]).update(learning_level=make.level(100))
    for post in posts[:10]:
        post.categories.set([make.category("x/y")])
    listing.refile([post.pk for post in posts])


@pytest.mark.parametrize("rare", [False, True])
def test_it_counts_by_bits_what_is_there(sealed, now, monkeypatch, rare):
    if rare:  # no bits of two of the three tags, and of one author
        Tag.objects.create(name="unused", slug="unused")
        monkeypatch.setattr(sealing, "NAMED_SHARE", 0.5)
        sealing.seal(at=now - timedelta(days=1), anew=True)
    posts = list(
        Post.objects.select_related("learning_level").prefetch_related("categories", "tags", "authors")
    )
    tag, author = Tag.objects.get(slug="s3"), make.author("Bo Lind")
    by_bits = 0
    for at in (now, now + timedelta(days=20)):
        for selection in (
            Selection(level=make.level(300)),
            Selection(year=now.year),
            Selection(year=now.year, month=2),
            Selection(category=make.category("a")),
            Selection(category=make.category("x"), level=make.level(100)),
            Selection(tag=tag, level=make.level(100)),
            Selection(category=make.category("a"), author=author, year=now.year - 1),
            Selection(category=make.category("x/y"), tag=tag, author=author),
        ):
            kinds = open_kinds(selection, below(selection) if selection.category else [])
            by_bits += counts_by_bits(selection, kinds, at=at) is not None
            live = naive(posts, selection, at)
            anyhow = Counter(
                post.learning_level.number for post in naive(posts, selection.replace(level=None), at)
            )
            levels = {one.number: one.posts_count for one in count_levels(selection, at=at)}
            assert levels == {number: anyhow[number] for number in (100, 200, 300, 400)}, selection
            for found in read_narrowing(selection, kinds, at=at, most=None):
                shown = {getattr(one.value, "pk", one.value): one.posts for one in found.values}
                assert shown == counted(live, found.kind, selection), (selection, found.kind)
    assert by_bits >= 10


def test_it_says_where_it_knows_nothing(sealed, now):
    shelf = Selection(category=Category.objects.get(path="a"))
    assert counts_by_bits(shelf, ["year"], at=now)
    assert counts_by_bits(shelf, ["year"], at=now - timedelta(days=31)) is None
    with timezone.override("Asia/Tokyo"):
        assert counts_by_bits(shelf, ["year"], at=now) is None
    unknown = Selection(tag=Tag.objects.create(name="new", slug="new"))
    assert counts_by_bits(unknown, ["year"], at=now) is None
