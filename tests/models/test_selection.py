from datetime import UTC, datetime
from random import Random

import pytest
from django.utils import timezone

from blog.models import Post, Selection, Tag, count_levels, read_selection
from tests import make
from tests.models.dice import dice_site, naive

pytestmark = pytest.mark.django_db


def walk(selection, at, size=7):
    """The slugs of all its pages, from the newest on by “Older”."""
    seen, before = [], None
    while True:
        page = read_selection(selection, at=at, size=size, before=before)
        seen += [post.slug for post in page.posts]
        if page.older is None:
            return seen
        before = page.older


def counts(selection, at):
    return {level.number: level.posts_count for level in count_levels(selection, at=at)}


@pytest.fixture
def facets():
    tag = Tag.objects.create(name="S3", slug="s3")
    return {
        "category": make.category("storage/objects"),
        "tag": tag,
        "author": make.author("Ada Ferrant"),
        "level": make.level(300),
    }


def test_it_names_the_first_facet_in_the_path_and_the_others_in_a_fixed_order(facets):
    full = Selection(**facets, year=2026, month=2)
    expected = {
        "category": "/category/storage/objects/?level=300&tag=s3&author=ada-ferrant&year=2026&month=2",
        "tag": "/tag/s3/?level=300&author=ada-ferrant&year=2026&month=2",
        "author": "/author/ada-ferrant/?level=300&year=2026&month=2",
        "month": "/archive/2026/02/?level=300",
        "year": "/archive/2026/?level=300",
        "level": "/category/learning-levels/advanced-300/",
    }
    for dropped, url in expected.items():
        assert full.url() == url
        full = full.replace(**{dropped: None})


def test_it_drops_a_month_with_its_year_and_puts_places_last(facets):
    selection = Selection(tag=facets["tag"], year=2026, month=2)
    assert selection.replace(year=2025) == Selection(tag=facets["tag"], year=2025)
    assert selection.replace(year=None).url() == "/tag/s3/"
    assert selection.replace(month=None).url(before="7-1") == "/tag/s3/?year=2026&before=7-1"


def test_it_escapes_what_an_address_cannot_hold():
    tag = Tag.objects.create(name="日本", slug="日本")
    assert Selection(tag=tag).url() == "/tag/%E6%97%A5%E6%9C%AC/"
    assert Selection(category=make.category("a"), tag=tag).url() == "/category/a/?tag=%E6%97%A5%E6%9C%AC"


@pytest.mark.parametrize("when", [{"month": 2}, {"year": 2026, "month": 13}, {"year": 0}, {"year": 9999}])
def test_it_refuses_dates_that_no_archive_has(when):
    with pytest.raises(ValueError, match="is not a"):
        Selection(**when)


def test_it_lets_search_engines_keep_one_scope_at_a_level_and_no_more(facets):
    category, tag, level = (facets[name] for name in ("category", "tag", "level"))
    assert all(one.indexable for one in (
        Selection(), Selection(level=level), Selection(category=category, level=level), Selection(year=2026, month=2),
    ))  # fmt: skip
    assert not any(one.indexable for one in (
        Selection(category=category, tag=tag), Selection(tag=tag, year=2026), Selection(**facets),
    ))  # fmt: skip


def test_it_takes_years_and_months_in_the_time_zone_of_the_site():
    make.post(slug="late", at=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert walk(Selection(year=2025, month=12), at) == ["late"]
    with timezone.override("Europe/Berlin"):
        assert walk(Selection(year=2025), at) == []
        assert walk(Selection(year=2026, month=1), at) == ["late"]
        assert counts(Selection(year=2026), at)[200] == 1


PLAIN = ("category", "tag", "author", "level", "year")


def some_selections(categories, authors, now):
    """Every combination of kinds, each with values drawn by dice."""
    dice = Random(11)
    values = {
        "category": categories,
        "tag": list(Tag.objects.order_by("name")),
        "author": authors,
        "level": [make.level(number) for number in (100, 300, 400)],
        "year": [now.year, now.year - 1],
    }
    for bits in range(2 ** len(PLAIN)):
        chosen = {name: dice.choice(values[name]) for n, name in enumerate(PLAIN) if bits >> n & 1}
        yield Selection(**chosen)
        if "year" in chosen:
            yield Selection(**chosen, month=dice.choice([1, 2, 12]))


def test_it_lists_and_counts_exactly_what_every_combination_leaves(now):
    categories, authors = dice_site(now)
    posts = list(
        Post.objects.select_related("learning_level").prefetch_related("categories", "tags", "authors")
    )
    for selection in some_selections(categories, authors, now):
        expected = naive(posts, selection, now)
        assert walk(selection, now) == [post.slug for post in expected], selection
        anyhow = naive(posts, selection.replace(level=None), now)
        assert counts(selection, now) == {
            number: sum(post.learning_level.number == number for post in anyhow)
            for number in (100, 200, 300, 400)
        }, selection


def test_it_asks_once_for_a_page_and_twice_for_the_levels(facets, now, django_assert_num_queries):
    for number in range(3):
        make.post(lead_figure=make.figure(f"f{number}"), tags=["S3"], categories=[facets["category"]], at=now)
    selection = Selection(**facets | {"level": make.level(200)}, year=2026)
    with django_assert_num_queries(1):
        page = read_selection(selection, at=now, size=2)
        assert [post.categories.all()[0].name for post in page.posts] == ["Objects", "Objects"]
    with django_assert_num_queries(2):
        assert sum(level.posts_count for level in count_levels(selection, at=now)) == 3
