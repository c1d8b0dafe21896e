import pytest

from blog.models import (
    Category,
    Tag,
)
from blog.publishing import merges
from tests import make

pytestmark = pytest.mark.django_db


def test_it_refuses_categories_that_can_not_become_one(now):
    upper, lower = make.category("a"), make.category("a/b")
    other, _, _ = make.category("c"), make.category("c/b"), make.category("d")
    with pytest.raises(merges.CannotMerge, match="lies below"):
        merges.merge([upper], into=lower, at=now, by=None)
    with pytest.raises(merges.CannotMerge, match="the same address"):
        merges.preview([upper], other)
    with pytest.raises(merges.CannotMerge, match="lies below another"):
        merges.merge([upper, lower], into=make.category("d"), at=now, by=None)
    with pytest.raises(merges.CannotMerge, match="Choose two"):
        merges.merge([upper], into=upper, at=now, by=None)
    assert Category.objects.count() == 5


def test_it_previews_in_as_many_queries_however_many_posts_there_are(now, django_assert_max_num_queries):
    for _ in range(4):
        make.post(tags=["a", "b"])
    a, b = Tag.objects.order_by("name")
    with django_assert_max_num_queries(5):
        merges.preview([a], b)
