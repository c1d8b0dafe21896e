import pytest
from django.contrib.admin.sites import site
from django.core.paginator import EmptyPage
from django.db import connection

from blog.admin import paginator
from blog.admin.paginator import CappedPaginator
from blog.models import Tag


@pytest.fixture
def tags(db, monkeypatch):
    monkeypatch.setattr(paginator, "CAP", 100)
    Tag.objects.bulk_create(Tag(name=f"t{n:03}", slug=f"t{n:03}") for n in range(150))
    return Tag.objects.order_by("-name")


def test_it_counts_exactly_what_is_few(tags):
    few = CappedPaginator(tags.filter(name__lt="t042"), 10)
    assert (few.count, few.label, few.num_pages) == (42, "42", 5)


def test_it_counts_no_further_than_its_cap(tags):
    many = CappedPaginator(tags.filter(name__gte="t"), 10)
    assert (many.count, many.label) == (100, "100+")


def test_it_believes_the_statistics_of_a_whole_table(tags):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE blog_tag")
    whole = CappedPaginator(tags, 10)
    assert whole.count == 150
    assert whole.label.startswith("about ")
    assert CappedPaginator(tags.filter(name="t001"), 10).label == "1"


def test_a_search_is_counted_less_far(rf, tags, monkeypatch):
    monkeypatch.setattr("blog.admin.base.FOUND", 20)
    tag_admin = site.get_model_admin(Tag)
    for query, label in (("", "100+"), ("?q=t", "20+")):
        assert tag_admin.get_paginator(rf.get(f"/{query}"), tags.filter(name__gte="t"), 10).label == label


def test_its_pages_are_the_list_in_order(tags):
    pages = CappedPaginator(tags.filter(name__gte="t"), 30)
    assert [t.name for t in pages.page(2)] == [f"t{n:03}" for n in range(119, 89, -1)]
    with pytest.raises(EmptyPage):
        pages.page(99)
