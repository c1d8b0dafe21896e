from datetime import timedelta

import pytest

from blog.models import Category, read_shelves
from tests import make

pytestmark = pytest.mark.django_db


def flat(shelves):
    return {s.category.path: s.posts for shelf in shelves for s in [shelf, *_all_below(shelf)]}


def _all_below(shelf):
    return [one for below in shelf.below for one in [below, *_all_below(below)]]


def test_it_counts_each_live_post_once_on_its_shelf_and_all_above(now):
    make.post(categories=[make.category("a/b/c"), make.category("a/b")])
    make.post(categories=[make.category("a")])
    make.post(categories=[make.category("a/b")], at=now + timedelta(hours=1))
    make.post(categories=[make.category("a/b")], expires_at=now)
    make.post(categories=[make.category("a/b")], status="draft")
    make.category("x")
    assert flat(read_shelves(at=now)) == {"a": 2, "a/b": 1, "a/b/c": 1, "x": 0}
    assert flat(read_shelves(at=now + timedelta(hours=1)))["a/b"] == 2


def test_it_puts_siblings_in_the_editors_order(now):
    for position, path in enumerate(["z", "y", "y/m", "y/l"]):
        Category.objects.filter(pk=make.category(path).pk).update(position=position)
    roots = read_shelves(at=now)
    assert [shelf.category.path for shelf in roots] == ["z", "y"]
    assert [shelf.category.path for shelf in roots[1].below] == ["y/m", "y/l"]


@pytest.mark.parametrize("posts", [1, 9])
def test_it_asks_four_times_whatever_there_is(now, django_assert_num_queries, posts):
    for number in range(posts):
        make.post(categories=[make.category(f"a/c{number}")])
    with django_assert_num_queries(4):
        read_shelves(at=now)
