"""What looks different is told differently, and what looks the same the same way."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from blog.keeping.told import Unknown, told
from blog.models import Author, Byline, Category, Figure, LearningLevel, Post, find_post_page, read_page
from tests import make

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def level(**over):
    return LearningLevel(**{"pk": 1, "name": "Advanced", "number": 300, "slug": "advanced-300"} | over)


@dataclass(frozen=True)
class Link:
    title: str


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (1, 1.0),
        (1, Decimal(1)),
        (1.0, Decimal(1)),
        ("", None),
        ("a", mark_safe("a")),
        (["a"], ("a",)),
        ([], ()),
        (["a", ["b"]], ["a", "b"]),
        ({"a": "b"}, {"b": "a"}),
        (Link("a"), Link(mark_safe("a"))),
        (NOON, NOON.astimezone(ZoneInfo("Asia/Tokyo"))),
        (date(2026, 3, 1), date(2026, 3, 2)),
        (UUID(int=1), UUID(int=2)),
        (level(), level(name="Expert")),
        (level(), level(name=mark_safe("Advanced"))),
        (Byline(pk=1, author=Author(pk=1, name="a")), Byline(pk=1, author=Author(pk=1, name="b"))),
    ],
)
def test_it_tells_values_apart_that_may_look_different(one, other):
    assert told(one) != told(other)


@pytest.mark.parametrize(
    "value",
    [1, "a", None, NOON, [1, "a"], {"a": [1]}, Link("a"), gettext_lazy("Copy"), level()],
)
def test_it_tells_the_same_value_the_same_way(value):
    assert told(value) == told(value)
    hash(told(value))


@pytest.mark.parametrize("value", [object(), {1, 2}, iter([]), lambda: 1, [object()]])
def test_it_refuses_what_it_can_not_tell(value):
    with pytest.raises(Unknown):
        told(value)


@pytest.mark.django_db
def test_it_asks_no_query_to_tell_rows_apart(django_assert_num_queries):
    with django_assert_num_queries(0), pytest.raises(Unknown):
        told(Category.objects.all())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda post: Author.objects.update(name="Somebody Else"),
        lambda post: Author.objects.update(slug="somebody-else"),
        lambda post: Category.objects.update(name="Elsewhere"),
        lambda post: LearningLevel.objects.filter(number=200).update(name="Deeper"),
        lambda post: Figure.objects.update(focus_x=10, focus_y=90),
        lambda post: Figure.objects.update(image="figures/another.png"),
        lambda post: post.bylines.all().delete(),
        lambda post: post.categories.clear(),
        lambda post: Post.objects.update(summary="Another summary."),
        lambda post: Post.objects.update(lead_figure=None),
        lambda post: Post.objects.update(reading_minutes=77),
    ],
)
def test_it_tells_a_card_apart_after_whatever_changed(change):
    post = make.post(lead_figure=make.figure("lead"))

    def card():
        return told(Post.objects.for_cards().get(pk=post.pk))

    before = card()
    assert before == card()
    change(post)
    assert card() != before


@pytest.mark.django_db
def test_it_is_not_caught_in_rows_that_know_each_other():
    post = make.post()
    whole = Post.objects.prefetch_related("bylines__author").get(pk=post.pk)
    assert [line.post for line in whole.bylines.all()] == [whole]
    hash(told(whole))


@pytest.mark.django_db
def test_it_tells_a_page_of_cards_by_its_rows_and_makes_no_post_of_them(now, monkeypatch):
    make.post(lead_figure=make.figure("lead"))
    monkeypatch.setattr("blog.models.cards.post_of", None)
    before = told(read_page(None, at=now, size=10))
    assert told(read_page(None, at=now, size=10)) == before
    Category.objects.update(name="Elsewhere")
    assert told(read_page(None, at=now, size=10)) != before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda post: Author.objects.update(bio="Writes."),
        lambda post: Category.objects.update(name="Elsewhere"),
        lambda post: Figure.objects.update(caption="Another caption."),
        lambda post: Post.objects.filter(pk=post.pk).update(title="Another title"),
        lambda post: Post.objects.exclude(pk=post.pk).update(title="Another neighbour"),
        lambda post: post.tags.clear(),
        lambda post: Post.objects.exclude(pk=post.pk).delete(),
    ],
)
def test_it_tells_the_page_of_a_post_by_its_rows_and_puts_none_together(change, now, monkeypatch):
    figure = make.figure("one")
    post = make.post(slug="a", body="## One\n\n![](figure:one)\n", lead_figure=figure, tags=["s3"])
    make.post("Another", slug="b")
    monkeypatch.setattr("blog.models.post_page.put_together", None)
    before = told(find_post_page("a", at=now))
    assert told(find_post_page("a", at=now)) == before
    change(post)
    assert told(find_post_page("a", at=now)) != before


@pytest.mark.django_db
def test_it_tells_a_post_that_has_aged_apart(now):
    make.post(slug="a")
    later = now.replace(year=now.year + 8)
    assert told(find_post_page("a", at=now)) != told(find_post_page("a", at=later))
