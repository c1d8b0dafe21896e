import pytest
from django.core.exceptions import ValidationError

from blog.models import Category
from blog.models.category import lineage
from tests import make

pytestmark = pytest.mark.django_db


def test_it_names_the_lineage_of_a_path_root_first():
    assert lineage("a/b/c") == ["a", "a/b", "a/b/c"]


def test_it_builds_its_path_from_its_parents():
    assert make.category("storage/object-storage/s3").path == "storage/object-storage/s3"


def test_it_finds_what_a_page_shows_around_a_category_in_one_query(django_assert_num_queries):
    make.category("a/b/c")
    make.category("a/b/d")
    make.category("x")
    with django_assert_num_queries(1):
        found = {category.path for category in Category.objects.around("a/b")}
    assert found == {"a", "a/b", "a/b/c", "a/b/d"}


def test_it_tells_kindly_of_a_cycle():
    top, below = make.category("a"), make.category("a/b/c")
    top.parent = below
    with pytest.raises(ValidationError, match="can't move into itself"):
        top.clean()


def test_it_tells_kindly_of_a_taken_path_and_a_reserved_slug():
    make.category("a")
    with pytest.raises(ValidationError, match="already lives"):
        Category(name="A", slug="a").clean()
    with pytest.raises(ValidationError, match="site's own pages"):
        Category(name="F", slug="feed").clean()
    with pytest.raises(ValidationError, match="site's own pages"):
        Category(name="L", slug="learning-levels").clean()


def test_it_tells_kindly_of_a_path_that_grows_too_long():
    parent = None
    for number in range(6):
        parent = Category.objects.create(parent=parent, name="x", slug=f"{'x' * 78}{number}")
    with pytest.raises(ValidationError, match="500 characters"):
        Category(parent=parent, name="x", slug="y" * 80).clean()
