import pytest

from blog.models import Series
from tests import make

from .conftest import rows

LIST = "/admin/blog/series/"


@pytest.fixture
def series(db) -> Series:
    series = Series.objects.create(title="Disaster recovery", slug="dr")
    make.post("One", series=[(series, 1)])
    make.post("Two", series=[(series, 2)])
    return series


def save(editor, series: Series, *parts: dict, **over):
    data = {"title": series.title, "slug": series.slug, "description": ""} | over
    return editor.post(f"{LIST}{series.pk}/change/", data | rows("parts", *parts))


def parts_of(series: Series) -> list[dict]:
    return [
        {"id": p.pk, "series": series.pk, "post": p.post_id, "number": p.number} for p in series.parts.all()
    ]


@pytest.mark.parametrize("swapped", ["number", "post"])
def test_parts_can_change_places_in_one_go(editor, series, swapped):
    one, two = parts_of(series)
    one[swapped], two[swapped] = two[swapped], one[swapped]
    assert save(editor, series, one, two).status_code == 302
    assert [p.post.title for p in series.parts.select_related("post")] == ["Two", "One"]


@pytest.mark.parametrize(
    "over", [{"number": 1}, {"number": 0}, {"number": 99999}, {"number": "x"}, {"post": "abc"}]
)
def test_it_refuses_a_part_that_can_not_be(editor, series, over):
    one, two = parts_of(series)
    response = save(editor, series, one, two | over)
    assert response.status_code == 200
    assert response.context["errors"]
    assert [p.number for p in series.parts.all()] == [1, 2]


def test_a_part_can_be_taken_out_and_another_put_in(editor, series):
    one, two = parts_of(series)
    new = make.post("Three")
    assert save(editor, series, one | {"DELETE": "on"}, two, {"post": new.pk, "number": 3}).status_code == 302
    assert [p.post.title for p in series.parts.select_related("post")] == ["Two", "Three"]


def test_a_renamed_series_leads_on(editor, client, series):
    assert save(editor, series, *parts_of(series), slug="recovery").status_code == 302
    assert client.get("/series/dr/")["Location"] == "/series/recovery/"
