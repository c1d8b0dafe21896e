from datetime import timedelta

import pytest

from blog.models import Category, Selection, count_levels
from blog.models.coverage import read_coverage
from tests import make

pytestmark = pytest.mark.django_db


def test_it_counts_each_top_category_at_each_level_exactly(now, django_assert_num_queries):
    for position, path in enumerate(["z", "a"]):
        Category.objects.filter(pk=make.category(path).pk).update(position=position)
    make.post(learning_level=make.level(100), categories=[make.category("a/b"), make.category("a")])
    make.post(learning_level=make.level(300), categories=[make.category("a/b/c"), make.category("z")])
    make.post(learning_level=make.level(300), categories=[make.category("a/b")], at=now + timedelta(hours=1))
    make.post(learning_level=make.level(300), categories=[make.category("a/b")], expires_at=now)
    make.post(learning_level=make.level(300), categories=[make.category("a/b")], status="draft")
    levels = count_levels(Selection(), at=now)
    with django_assert_num_queries(1):
        rows = read_coverage(levels, at=now)
    assert [(row.category.path, [cell.posts for cell in row.cells], row.posts) for row in rows] == [
        ("z", [0, 0, 1, 0], 1),
        ("a", [1, 0, 1, 0], 2),
    ]
    assert rows[1].cells[2].selection.url() == "/category/a/?level=300"
    later = read_coverage(levels, at=now + timedelta(hours=1))
    assert [cell.posts for cell in later[1].cells] == [1, 0, 2, 0]


def test_it_is_empty_before_there_are_categories(now):
    assert read_coverage(count_levels(Selection(), at=now), at=now) == []
