from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import override

from blog.keeping.shelf import parts, weight
from blog.models import LearningLevel

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def empty_shelf():
    parts.clear()
    yield
    parts.clear()


@pytest.fixture
def made(monkeypatch):
    """The names of the templates that were made anew."""
    seen = []
    keep = parts.keep

    def counted(name, values, make):
        def count():
            seen.append(name)
            return make()

        return keep(name, values, count)

    monkeypatch.setattr(parts, "keep", counted)
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
    monkeypatch.setattr(parts, "most", 50_000)
    for number in range(50):
        show('"blog/_level.html" level=one', one=level(number=number))
    assert 1 < len(parts.made) < 50
    assert parts.size <= 50_000
    # With what they were made of, which is far more.
    assert parts.size == sum(weight(key) + weight(made) for key, made in parts.made.items())


def test_it_lets_go_first_of_what_was_not_asked_for_longest(made, monkeypatch):
    monkeypatch.setattr(parts, "most", 50_000)
    for number in range(50):
        show('"blog/_level.html" level=one', one=level(number=number))
        show('"blog/_level.html" level=one', one=level(number=1_000))
    assert len(made) == 51


@pytest.mark.parametrize("words", ["", "name", '""', '"a.html" x', "name x=y"])
def test_it_says_what_is_wrong_with_a_tag(words):
    with pytest.raises(TemplateSyntaxError, match="^kept: "):
        show(words)


def test_it_shows_what_it_can_not_tell_and_keeps_none_of_it(made):
    for _ in range(2):
        show('"blog/_level.html" level=one', one=object())
    assert len(made) == 2
