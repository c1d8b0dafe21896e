import pytest

from blog.models import Post
from blog.models.compiled import Compiled
from tests import make

pytestmark = pytest.mark.django_db


def named(*, slug, number):
    return Post.objects.filter(slug=slug, pk__gt=number).values_list("title").order_by("pk")


def test_it_builds_the_query_once_and_asks_it_for_any_values(monkeypatch):
    calls = []
    ask = Compiled(lambda **given: calls.append(given) or named(**given), slug="a slug", number=77_777)
    make.post("One", slug="one")
    make.post("Two", slug="two")
    assert ask.rows(slug="one", number=0) == [("One",)]
    assert ask.rows(slug="two", number=0) == [("Two",)]
    assert ask.rows(slug="two'; --", number=0) == []
    assert len(calls) == 1


def test_it_takes_the_rows_of_another_query_along():
    ask = Compiled(named, slug="a slug", number=77_777)
    make.post("One", slug="one")
    make.post("Two", slug="two")
    found = ask.rows(
        slug="one", number=0, beside=Post.objects.filter(slug="two").values_list("title").order_by()
    )
    assert sorted(found) == [("One",), ("Two",)]


def test_it_refuses_a_query_that_ignores_a_value():
    ask = Compiled(lambda slug, number: named(slug=slug, number=1), slug="a slug", number=77_777)
    with pytest.raises(ValueError, match="number"):
        ask.rows(slug="one", number=0)
