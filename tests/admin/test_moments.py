from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from blog.admin.moments import Moment, MomentWidget, in_both, instant

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.fixture(autouse=True)
def berlin():
    with timezone.override(ZoneInfo("Europe/Berlin")):
        yield


def at(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)


def test_it_reads_a_time_in_the_editors_zone():
    assert Moment().clean(["2026-07-01", "09:00"]) == at(2026, 7, 1, 7)
    assert Moment().clean(["2026-12-01", "09:00:30"]) == at(2026, 12, 1, 8, 0, 30)
    assert Moment(required=False).clean(["", ""]) is None


def test_each_of_its_boxes_has_a_name():
    class Asking(forms.Form):
        when = Moment(label="Moment")

    page = str(Asking()["when"])
    assert 'aria-label="Moment: date"' in page and 'aria-label="Moment: time"' in page


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("09:00 UTC", at(2026, 7, 1, 9)),
        ("09:00Z", at(2026, 7, 1, 9)),
        ("09:00 CEST", at(2026, 7, 1, 7)),
        ("09:00 +05:30", at(2026, 7, 1, 3, 30)),
        ("09:00 UTC-3", at(2026, 7, 1, 12)),
    ],
)
def test_it_reads_a_time_with_its_zone(clock, expected):
    assert Moment().clean(["2026-07-01", clock]) == expected


def test_it_refuses_a_time_that_does_not_come_and_names_those_around_it():
    with pytest.raises(ValidationError) as refusal:
        Moment().clean(["2026-03-29", "02:30"])
    assert refusal.value.messages == [
        "On 29 Mar 2026 there is no 02:30 in Europe/Berlin: clocks go forward. Write 03:30, or 01:30."
    ]
    with pytest.raises(ValidationError, match="there is no 02:30"):
        Moment().clean(["2026-03-29", "02:30 CET"])


def test_it_lets_the_editor_choose_where_a_time_comes_twice():
    with pytest.raises(ValidationError) as refusal:
        Moment().clean(["2026-10-25", "02:30"])
    assert "“02:30 CEST” for the first, or “02:30 CET” for the second" in refusal.value.messages[0]
    assert Moment().clean(["2026-10-25", "02:30 CEST"]) == at(2026, 10, 25, 0, 30)
    assert Moment().clean(["2026-10-25", "02:30 CET"]) == at(2026, 10, 25, 1, 30)


def test_an_ambiguous_instant_comes_back_from_its_own_form_unchanged():
    for chosen in (at(2026, 10, 25, 0, 30), at(2026, 10, 25, 1, 30)):
        day, clock = MomentWidget().decompress(chosen)
        shown = [day.isoformat(), str(clock)]
        assert Moment().clean(shown) == chosen
        assert not Moment().has_changed(chosen, shown)
    assert Moment().has_changed(at(2026, 10, 25, 0, 30), ["2026-10-25", "02:30 CET"])


def test_a_second_is_a_change_and_half_a_second_is_none():
    shown = ["2026-07-01", "09:00:00"]
    assert not Moment().has_changed(at(2026, 7, 1, 7).replace(microsecond=500_000), shown)
    assert Moment().has_changed(at(2026, 7, 1, 7, 0, 1), shown)
    assert Moment(required=False).has_changed(at(2026, 7, 1, 7), ["", ""])
    assert not Moment(required=False).has_changed(None, ["", ""])


@pytest.mark.parametrize(
    "odd",
    [["2026-07-01", "09:00 PST"], ["2026-07-01", ""], ["", "09:00"], ["x", "y"], ["2026-07-01", "25:00"],
     ["2026-07-01", "09:00 +99:99"], ["0001-01-01", "00:00"], ["9999-12-31", "23:59"], ["2026-07-01", "09:00 " + "x" * 9_999]],
)  # fmt: skip
def test_it_refuses_odd_input_with_a_sentence(odd):
    try:
        Moment().clean(odd)
    except ValidationError as refusal:
        assert refusal.messages
    else:
        assert odd[0] in {"9999-12-31", "0001-01-01"}


def test_it_tells_an_instant_in_both_zones():
    assert in_both(at(2026, 7, 1, 7)) == "Wed 1 Jul 2026, 09:00 CEST = 07:00 UTC"
    assert in_both(at(2026, 7, 1, 23)) == "Thu 2 Jul 2026, 01:00 CEST = Wed 1 Jul, 23:00 UTC"
    with timezone.override(UTC):
        assert in_both(at(2026, 7, 1, 7, 0, 5)) == "Wed 1 Jul 2026, 07:00:05 UTC"


def test_its_field_shows_the_chosen_instant_and_the_way_to_another_zone():
    html = MomentWidget().render("published_at", at(2026, 7, 1, 7), {"id": "id_published_at"})
    assert "Wed 1 Jul 2026, 09:00 CEST = 07:00 UTC" in html
    assert 'data-zone="Europe/Berlin"' in html
    assert "/admin/blog/post/zone/" in html


def test_instants_around_a_change_of_clocks_are_an_hour_apart():
    assert instant(SPRING, time(1, 59)) == at(2026, 3, 29, 0, 59)
    assert instant(SPRING, time(3, 0)) == at(2026, 3, 29, 1)
    assert instant(AUTUMN, time(1, 59)) == at(2026, 10, 24, 23, 59)
    assert instant(AUTUMN, time(3, 0)) == at(2026, 10, 25, 2)
