from collections import Counter

import pytest
from django.utils import timezone

from blog.models import Category, Post, Selection, Tag, read_selection
from blog.models.narrowing import open_kinds, read_narrowing
from tests import make
from tests.models.dice import dice_site, naive

pytestmark = pytest.mark.django_db


def below(selection):
    return list(Category.objects.filter(parent=selection.category).order_by("position", "name"))


def counted(posts, kind, selection):
    """Posts by value, post by post; of categories, those that can be chosen next."""
    found = Counter()
    for post in posts:
        local = timezone.localtime(post.published_at)
        if kind == "category":
            paths = {one.path for one in post.categories.all()}
            found.update(
                one.pk
                for one in below(selection)
                if any(path == one.path or path.startswith(f"{one.path}/") for path in paths)
            )
        elif kind in ("year", "month"):
            found[getattr(local, kind)] += 1
        else:
            found.update(one.pk for one in getattr(post, f"{kind}s").all())
    return dict(found)


def test_it_counts_every_value_exactly_whatever_is_chosen_already(now):
    dice_site(now)
    posts = list(
        Post.objects.select_related("learning_level").prefetch_related("categories", "tags", "authors")
    )
    tag, author = Tag.objects.get(slug="s3"), make.author("Bo Lind")
    for selection in (
        Selection(),
        Selection(level=make.level(300)),
        Selection(year=now.year),
        Selection(category=make.category("a")),
        Selection(tag=tag, level=make.level(100)),
        Selection(category=make.category("a"), author=author, year=now.year - 1),
        Selection(category=make.category("x/y"), tag=tag, author=author),
    ):
        children = below(selection)
        kinds = open_kinds(selection, children if selection.category else [])
        live = naive(posts, selection, now)
        for found in read_narrowing(selection, kinds, at=now, most=None):
            shown = {getattr(one.value, "pk", one.value): one.posts for one in found.values}
            assert shown == counted(live, found.kind, selection), (selection, found.kind)
            assert found.more == 0
            for one in found.values[:3]:
                assert len(read_selection(one.selection, at=now, size=500).posts) == one.posts


def test_it_shows_the_most_frequent_and_says_how_many_more_there_are(now, django_assert_num_queries):
    for number in range(4):
        make.post(tags=[f"t{n}" for n in range(number, 4)])
    with django_assert_num_queries(2):
        tags, authors = read_narrowing(Selection(), ["tag", "author"], at=now, most=2)
    assert [(one.value.name, one.posts) for one in tags.values] == [("t3", 4), ("t2", 3)]
    assert tags.more == 2
    assert [one.selection.url() for one in authors.values] == ["/author/ada-ferrant/"]


def test_it_offers_only_what_is_not_chosen_and_a_category_by_its_children():
    child = make.category("a/b")
    assert open_kinds(Selection(), []) == ["category", "year", "tag", "author"]
    assert open_kinds(Selection(category=make.category("a"), year=2026), [child]) == [
        "category",
        "month",
        "tag",
        "author",
    ]
    assert open_kinds(Selection(category=child, year=2026, month=2), []) == ["tag", "author"]
