from datetime import timedelta

import pytest

from blog.models import (
    LearningPath,
    PathStep,
    Post,
    Series,
    path_with_steps,
    paths_with_counts,
    series_with_counts,
    series_with_parts,
)
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def path() -> LearningPath:
    return make.path("Storage from the ground up", "storage")


def step(path, number, *, level=200, minutes=5, note="", **over):
    post = make.post(learning_level=make.level(level), **over)
    Post.objects.filter(pk=post.pk).update(reading_minutes=minutes)
    PathStep.objects.create(learning_path=path, post=post, number=number, note=note)
    return post


def test_it_reads_the_steps_in_the_editors_order_with_their_notes(path, now, django_assert_num_queries):
    step(path, 20, title="Second", note="Skip the sums.", level=300, minutes=7)
    step(path, 10, title="First", level=100, minutes=4)
    with django_assert_num_queries(1):
        steps = path_with_steps(path, at=now)
        assert [(one.number, one.post.title, one.note) for one in steps.places] == [
            (1, "First", ""),
            (2, "Second", "Skip the sums."),
        ]
        assert steps.minutes == 11
        assert [level.number for level in steps.levels] == [100, 300]


@pytest.mark.parametrize(
    "hidden",
    [
        {"status": "draft"},
        {"status": "withdrawn"},
        {"at": timedelta(seconds=1)},
        {"expires_at": timedelta(0)},
    ],
    ids=["draft", "withdrawn", "scheduled", "expired"],
)
def test_it_counts_the_steps_without_those_that_are_not_live(path, now, hidden):
    over = {name: now + by if isinstance(by, timedelta) else by for name, by in hidden.items()}
    step(path, 1, title="First")
    step(path, 2, title="Hidden", note="Not yet.", level=400, minutes=90, **over)
    step(path, 3, title="Last", level=300)
    steps = path_with_steps(path, at=now)
    assert [(one.number, one.post.title) for one in steps.places] == [(1, "First"), (2, "Last")]
    assert steps.minutes == 10
    (counted,) = paths_with_counts(now)
    assert (counted.posts_count, counted.minutes) == (2, 10)
    assert [level.number for level in counted.profile] == [200, 300]


def test_a_step_appears_the_second_its_post_does(path, now):
    step(path, 1, title="Soon", at=now)
    assert path_with_steps(path, at=now - timedelta(seconds=1)).places == []
    assert paths_with_counts(now - timedelta(seconds=1)) == []
    assert len(path_with_steps(path, at=now).places) == 1
    assert len(paths_with_counts(now)) == 1


def test_it_keeps_what_two_paths_share_apart(path, now):
    other = make.path("Another", "another")
    post = step(path, 1, note="Here.")
    PathStep.objects.create(learning_path=other, post=post, number=3, note="There.")
    step(other, 1)
    assert [one.note for one in path_with_steps(path, at=now).places] == ["Here."]
    assert [one.note for one in path_with_steps(other, at=now).places] == ["", "There."]


def test_it_lists_the_easiest_paths_first_in_two_queries(path, now, django_assert_num_queries):
    step(path, 1, level=300)
    step(path, 2, level=100)
    step(make.path("A climb", "climb"), 1)
    step(make.path("B also", "also"), 1, level=100)
    make.path("Empty", "empty")
    with django_assert_num_queries(2):
        found = paths_with_counts(now)
        assert [one.title for one in found] == ["B also", "Storage from the ground up", "A climb"]
        # The profile follows the steps, the levels follow the axis.
        assert [level.number for level in found[1].profile] == [300, 100]
        assert [level.number for level in found[1].levels] == [100, 300]


def test_it_asks_once_when_there_is_no_path(now, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert paths_with_counts(now) == []


def test_a_series_keeps_the_numbers_that_its_titles_repeat(now):
    series = Series.objects.create(title="Layers", slug="layers")
    make.post("One", series=[(series, 1)])
    make.post("Two", series=[(series, 2)], status="draft")
    make.post("Three", series=[(series, 3)])
    parts = series_with_parts(series, at=now)
    assert [(one.number, one.post.title) for one in parts.places] == [(1, "One"), (3, "Three")]


def test_it_lists_the_series_that_was_continued_last_first(now, django_assert_num_queries):
    old, new, empty = (Series.objects.create(title=t, slug=t) for t in ("a-old", "b-new", "c-empty"))
    make.post(series=[(old, 1), (new, 2)])
    make.post(series=[(new, 1)], at=make.LONG_AGO + timedelta(days=3))
    make.post(series=[(empty, 1)], at=now + timedelta(days=1))
    with django_assert_num_queries(2):
        found = series_with_counts(now)
    assert [(one.slug, one.posts_count) for one in found] == [("b-new", 2), ("a-old", 1)]
    assert found[0].newest_at == make.LONG_AGO + timedelta(days=3)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("", ""),
        ("One line.", "One line."),
        ("  First\nof two.\n\nSecond.", "First of two."),
        ("word " * 100, "word " * 62 + "word…"),
        ("層" * 400, "層" * 319 + "…"),
        ("x" * 400 + " y", "x" * 319 + "…"),
    ],
)
def test_it_begins_an_introduction_with_its_first_paragraph_and_cuts_between_words(text, begins):
    assert LearningPath(introduction=text).opening == begins
    assert Series(description=text).opening == begins
    assert len(begins) <= 320
