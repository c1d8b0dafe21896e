import pytest
from django.forms.models import model_to_dict

from blog.models import Author, Category, Tag
from blog.models.named import authors_named, categories_around, tags_named
from tests import make

pytestmark = pytest.mark.django_db


def test_it_finds_a_category_with_all_around_it_as_the_queryset_does(django_assert_num_queries):
    for path in ("a/b/c", "a/b/d", "a/other", "x/a"):
        make.category(path)
    for path in ("a", "a/b", "a/b/c", "x", "no/such/path"):
        asked = list(Category.objects.around(path))
        with django_assert_num_queries(1):
            found = categories_around(path)
        assert [model_to_dict(one) for one in found] == [model_to_dict(one) for one in asked]


def test_it_finds_a_tag():
    asked = Tag.objects.create(name="S3", slug="s3")
    (found,) = tags_named(asked.slug)
    assert found == asked and found.name == "S3"
    assert tags_named("none") == []


def test_it_finds_an_author_with_links_and_portrait_in_one_query(django_assert_num_queries):
    links = [{"name": "Site", "url": "https://ada.example/"}]
    portrait = make.figure()
    asked = make.author("Ada", links=links, portrait=portrait)
    other = make.author("Bo")
    with django_assert_num_queries(2):
        (found,), (bare,) = authors_named(asked.slug), authors_named(other.slug)
        assert found.links == links and found.portrait == portrait and bare.portrait is None
    assert model_to_dict(found) == model_to_dict(Author.objects.get(pk=asked.pk))
    assert model_to_dict(found.portrait) == model_to_dict(portrait)
    assert authors_named("none") == []


@pytest.mark.parametrize("odd", ["%", "'", "a" * 5_000, "ä/ö", "\\", "{}"])
def test_it_finds_nothing_by_an_odd_name(odd):
    assert categories_around(odd) == tags_named(odd) == authors_named(odd) == []
