from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from blog.models import Author, Byline, Category, Figure, LearningLevel, Post
from blog.templatetags import kept
from tests import make

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def empty_shelf():
    kept.shelf.clear()
    yield
    kept.shelf.clear()


@pytest.fixture
def made(monkeypatch):
    """The names of the templates that were made anew."""
    seen = []
    keep = kept.keep

    def counted(name, values, make):
        def count():
            seen.append(name)
            return make()

        return keep(name, values, count)

    monkeypatch.setattr(kept, "keep", counted)
    return seen


def level(**over):
    return LearningLevel(**{"pk": 1, "name": "Advanced", "number": 300, "slug": "advanced-300"} | over)


def show(words, **values):
    return Template("{% load kept %}{% kept " + words + " %}").render(Context(values))


def test_it_shows_what_include_shows():
    with_include = Template('{% include "blog/_level.html" with level=one only %}')
    assert show('"blog/_level.html" level=one', one=level()) == with_include.render(Context({"one": level()}))


def test_it_makes_what_looks_the_same_once(made):
    for _ in range(3):
        show('"blog/_level.html" level=one', one=level())
    assert made == ["blog/_level.html"]


def test_it_shows_a_change_of_any_column_at_once():
    assert "Advanced" in show('"blog/_level.html" level=one', one=level())
    assert "Expert" in show('"blog/_level.html" level=one', one=level(name="Expert"))
    assert "/else/" in show('"blog/_level.html" level=one', one=level(slug="else"))


def test_it_words_each_language_anew():
    values = {"count": 2, "first_page": True}
    english = show('"blog/_count.html" count=count first_page=first_page', **values)
    with override("de"):
        assert show('"blog/_count.html" count=count first_page=first_page', **values) != english


def test_it_tells_dates_anew_in_another_time_zone(made):
    for zone in (UTC, ZoneInfo("Asia/Tokyo")):
        with timezone.override(zone):
            show('"blog/_byline.html" date=date', date=NOON)
    assert len(made) == 2


def test_it_makes_all_anew_while_templates_change(made, settings):
    settings.DEBUG = True
    for _ in range(2):
        show('"blog/_level.html" level=one', one=level())
    assert len(made) == 2


def test_it_forgets_all_when_settings_change(made, settings):
    show('"blog/_level.html" level=one', one=level())
    settings.BLOG_NAME = "Another"
    show('"blog/_level.html" level=one', one=level())
    assert len(made) == 2


def test_it_escapes_what_is_not_safe_though_the_same_was_safe_before():
    first = show('"blog/_breadcrumb.html" steps=steps', steps=[(mark_safe("<b>A</b>"), "/")])
    second = show('"blog/_breadcrumb.html" steps=steps', steps=[("<b>A</b>", "/")])
    assert "<b>A</b>" in first
    assert "&lt;b&gt;A&lt;/b&gt;" in second


def test_it_keeps_no_more_than_it_may(monkeypatch):
    monkeypatch.setattr(kept, "MOST", 1_000)
    for number in range(50):
        show('"blog/_level.html" level=one', one=level(number=number))
    assert kept.shelf.size <= 1_000
    assert kept.shelf.size == sum(map(len, kept.shelf.made.values()))


def test_it_lets_go_first_of_what_was_not_asked_for_longest(made, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 1_000)
    for number in range(50):
        show('"blog/_level.html" level=one', one=level(number=number))
        show('"blog/_level.html" level=one', one=level(number=1_000))
    assert len(made) == 51


@pytest.mark.parametrize("words", ["", "name", '""', '"a.html" x', "name x=y"])
def test_it_says_what_is_wrong_with_a_tag(words):
    with pytest.raises(TemplateSyntaxError, match="^kept: "):
        show(words)


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
    assert kept.told(one) != kept.told(other)


@pytest.mark.parametrize(
    "value",
    [1, "a", None, NOON, [1, "a"], {"a": [1]}, Link("a"), gettext_lazy("Copy"), level()],
)
def test_it_tells_the_same_value_the_same_way(value):
    assert kept.told(value) == kept.told(value)
    hash(kept.told(value))


@pytest.mark.parametrize("value", [object(), {1, 2}, iter([]), lambda: 1, [object()]])
def test_it_refuses_what_it_can_not_tell(value):
    with pytest.raises(kept.Unknown):
        kept.told(value)


def test_it_shows_what_it_can_not_tell_and_keeps_none_of_it(made):
    for _ in range(2):
        show('"blog/_level.html" level=one', one=object())
    assert len(made) == 2


@pytest.mark.django_db
def test_it_asks_no_query_to_tell_rows_apart(django_assert_num_queries):
    with django_assert_num_queries(0), pytest.raises(kept.Unknown):
        kept.told(Category.objects.all())


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
        return kept.told(Post.objects.for_cards().get(pk=post.pk))

    before = card()
    assert before == card()
    change(post)
    assert card() != before


@pytest.mark.django_db
def test_it_is_not_caught_in_rows_that_know_each_other():
    post = make.post()
    whole = Post.objects.prefetch_related("bylines__author").get(pk=post.pk)
    assert [line.post for line in whole.bylines.all()] == [whole]
    hash(kept.told(whole))
