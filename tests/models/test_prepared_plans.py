"""How PostgreSQL reads what it plans once for any values: the plans of the statements that connections keep."""

import json

import pytest
from django.db import connection

from blog.models import Author, Category, LearningLevel, Tag, find_post_page, levels_with_counts, read_page
from blog.models.compiled import Compiled
from blog.models.named import authors_named, categories_around, tags_named
from blog.publishing import listing
from tests.models.test_listing_plan import (
    AT,
    EVERY_PAGE,
    SIZE,
    deepest,
    fill,
    flat,
    middle,
    of_listing,
    rows_read,
    sorts,
)
from tests.models.test_post_page import fill_with_figures_and_series

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch):
    """The prepared queries that are asked from now on, each with its values."""
    found, rows = [], Compiled.rows

    def note(query, **values):
        if query.prepared:
            found.append((query, values))
        return rows(query, **values)

    monkeypatch.setattr(Compiled, "rows", note)
    return found


def plan_for_any(query, values):
    """Every node of the plan that serves all values, executed with these."""
    _, text = query._made
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.cursor.execute(f"PREPARE probe AS {text}", prepare=False)
        places = ", ".join(["%s"] * len(query.samples))
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE probe ({places})",
            [values[name] for name in query.samples],
        )
        (found,) = cursor.fetchone()
        cursor.execute("DEALLOCATE probe")
    return flat(json.loads(found) if isinstance(found, str) else found)


def test_it_reads_any_page_of_any_listing_as_a_range_of_its_index(asked):
    scopes = fill(3_000)
    for name, index, number in EVERY_PAGE:
        scope, level = scopes[name], LearningLevel.objects.filter(number=number).first()
        for place in ({}, {"before": deepest(scope, level)}, {"after": middle(scope, level)}):
            asked.clear()
            read_page(scope, at=AT, size=SIZE, level=level, **place)
            nodes = plan_for_any(*asked[0])
            (scan,) = of_listing(nodes)
            assert scan["Index Name"] == index, (name, number, place, scan)
            assert not sorts(nodes), (name, number, place)
            read = {n: rows_read(plan_for_any(*one)) for n, one in enumerate(asked)}
            assert sum(read.values()) < 200, (name, number, place, read)
    assert len(asked) == 1


def test_it_reads_few_rows_for_a_post_and_all_around_it(asked):
    fill_with_figures_and_series()
    for slug in ("post-42", "post-2502"):
        asked.clear()
        find_post_page(slug, at=AT)
        assert len(asked) == 3
        read = [rows_read(plan_for_any(*one)) for one in asked]
        assert sum(read) < 400, read


def test_it_reads_what_an_address_names_by_its_index_however_many_there_are(asked):
    tops = [Category.objects.create(name=f"t{n}", slug=f"t{n}", path=f"t{n}") for n in range(60)]
    Category.objects.bulk_create(
        Category(name=f"n{n}", slug=f"n{n}", path=f"{top.path}/n{n}", parent=top)
        for top in tops
        for n in range(50)
    )
    Category.objects.create(
        name="Low", slug="low", path="t7/n7/low", parent=Category.objects.get(path="t7/n7")
    )
    Tag.objects.bulk_create(Tag(name=f"n{n}", slug=f"n{n}") for n in range(3_000))
    Author.objects.bulk_create(Author(name=f"n{n}", slug=f"n{n}") for n in range(3_000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE blog_category, blog_tag, blog_author")
    assert len(categories_around("t7/n7")) == 3
    assert tags_named("n7") and authors_named("n7")
    assert len(asked) == 3
    for one in asked:
        assert rows_read(plan_for_any(*one)) < 20, one


def test_it_counts_the_levels_of_any_scope_from_few_rows(asked):
    """The posts that have ended are forgotten, as the worker does."""
    scopes = fill(3_000)
    listing.forget_expired(at=AT)
    listing.compact(most=0)
    for name, scope in scopes.items():
        asked.clear()
        levels = levels_with_counts(scope, at=AT)
        (one,) = asked
        assert rows_read(plan_for_any(*one)) < 150, (name, levels)
