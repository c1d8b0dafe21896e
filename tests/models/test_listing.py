import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.models import BadCursor, Cursor, Listing, Post, Tag, Tally, levels_with_counts, read_page
from blog.publishing import listing, workflow
from tests import make

pytestmark = pytest.mark.django_db


def counts(scope, at):
    return {level.number: level.posts_count for level in levels_with_counts(scope, at=at)}


def walk(scope, at, size=3, level=None):
    """The slugs of all pages, from the newest on by “Older”."""
    seen, before = [], None
    while True:
        page = read_page(scope, at=at, size=size, level=level, before=before)
        seen += [post.slug for post in page.posts]
        if page.older is None:
            return seen
        before = page.older


def test_it_lists_a_post_once_in_its_category_and_each_ancestor(now):
    make.post(slug="deep", categories=[make.category("a/b/c"), make.category("a/b")])
    for path in ("a", "a/b", "a/b/c"):
        assert walk(make.category(path), now) == ["deep"]


def test_it_walks_every_post_exactly_once_newest_first_also_where_instants_are_equal(now):
    for number in range(8):
        make.post(slug=f"p{number}", at=now - timedelta(hours=number // 3))
    seen = walk(None, now)
    assert len(seen) == len(set(seen)) == 8
    assert seen[:3] == ["p2", "p1", "p0"]


def test_it_shows_each_post_once_while_others_are_published(now):
    for number in range(7):
        make.post(slug=f"p{number}", at=now - timedelta(hours=number + 1))
    first = read_page(None, at=now, size=3)
    make.post(slug="fresh", at=now)
    second = read_page(None, at=now + timedelta(seconds=1), size=3, before=first.older)
    third = read_page(None, at=now + timedelta(seconds=2), size=3, before=second.older)
    assert [p.slug for page in (first, second, third) for p in page.posts] == [f"p{n}" for n in range(7)]


def test_it_goes_newer_by_the_same_pages_it_went_older(now):
    for number in range(9):
        make.post(slug=f"p{number}", at=now - timedelta(hours=number))
    first = read_page(None, at=now, size=3)
    second = read_page(None, at=now, size=3, before=first.older)
    third = read_page(None, at=now, size=3, before=second.older)
    back = read_page(None, at=now, size=3, after=third.newer)
    assert [p.slug for p in back.posts] == [p.slug for p in second.posts]
    assert back.older == second.older
    top = read_page(None, at=now, size=3, after=back.newer)
    assert [p.slug for p in top.posts] == [p.slug for p in first.posts]
    assert top.newer is None


def test_it_narrows_to_a_level(now):
    make.post(slug="easy", learning_level=make.level(100))
    make.post(slug="hard", learning_level=make.level(400))
    assert walk(None, now, level=make.level(400)) == ["hard"]


@pytest.mark.parametrize("scope", ["site", "category", "tag", "author"])
def test_it_counts_exactly_what_it_lists(now, scope):
    shared = {"categories": [make.category("a/b")], "tags": ["s3"], "authors": [make.author("Ada Ferrant")]}
    for number in (100, 100, 300):
        make.post(learning_level=make.level(number), **shared)
    make.post(learning_level=make.level(100), at=now + timedelta(hours=1), **shared)
    make.post(learning_level=make.level(100), expires_at=now, **shared)
    make.post(learning_level=make.level(100), status="draft", **shared)
    make.post(learning_level=make.level(100), status="withdrawn", **shared)
    of = {
        "site": lambda: None,
        "category": lambda: make.category("a"),
        "tag": lambda: Tag.objects.get(name="s3"),
        "author": lambda: make.author("Ada Ferrant"),
    }[scope]()
    assert counts(of, now) == {100: 2, 200: 0, 300: 1, 400: 0}
    for number, expected in counts(of, now).items():
        assert len(walk(of, now, level=make.level(number))) == expected
    assert counts(of, now + timedelta(hours=1))[100] == 3


def test_it_keeps_the_count_true_through_every_change(now):
    post = make.post(categories=[make.category("a/b")])
    assert counts(make.category("a"), now)[200] == 1
    post.learning_level = make.level(400)
    workflow.save(post, at=now)
    workflow.settle(post)
    assert counts(make.category("a"), now) == {100: 0, 200: 0, 300: 0, 400: 1}
    workflow.withdraw(post, at=now)
    assert counts(make.category("a"), now)[400] == 0
    workflow.publish(post, at=now)
    assert counts(make.category("a"), now)[400] == 1
    post.delete()
    assert counts(make.category("a"), now)[400] == 0
    assert not Listing.objects.exists()


def test_it_adds_the_tally_up_without_changing_a_count(now):
    for _ in range(12):
        make.post()
    before, rows = counts(None, now), Tally.objects.count()
    listing.compact(most=2)
    assert counts(None, now) == before
    assert Tally.objects.count() < rows


def test_it_writes_nothing_when_nothing_has_changed():
    post = make.post()
    assert listing.refile([post.pk]) == 0


def test_it_reads_a_page_in_one_query(now, django_assert_num_queries):
    for number in range(5):
        make.post(lead_figure=make.figure(f"f{number}"), tags=["s3"])
    with django_assert_num_queries(1):
        page = read_page(None, at=now, size=10)
        for post in page.posts:
            assert post.learning_level.number
            assert [line.author.name for line in post.bylines.all()]
            assert [category.name for category in post.categories.all()]
            list(post.lead_figure.renditions.all())


@given(st.text(max_size=60))
def test_it_parses_only_cursors_that_it_could_have_written(text):
    try:
        cursor = Cursor.parse(text)
    except BadCursor:
        return
    assert Cursor.parse(str(cursor)) == cursor


@given(st.datetimes(min_value=datetime(1970, 1, 1)), st.integers(0, 2**50))
def test_it_reads_back_every_cursor_it_writes(moment, pk):
    cursor = Cursor(moment.replace(tzinfo=UTC), pk)
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["99999999999999999-1", "1-999999999999999999"])
def test_it_survives_cursors_at_the_edge_of_time(now, text):
    make.post()
    with contextlib.suppress(BadCursor):
        read_page(None, at=now, size=3, before=Cursor.parse(text))


def test_it_leaves_no_trace_of_a_draft(now):
    make.post(status=Post.Status.DRAFT)
    assert not Listing.objects.exists()
    assert not Tally.objects.exists()
