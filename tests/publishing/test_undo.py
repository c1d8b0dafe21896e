from datetime import timedelta

import pytest

from blog.models import Event, Operation
from blog.publishing import undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch):
    """What the function that takes things back was given."""
    given = []

    def back(inverse, *, at, by):
        given.append(inverse)
        return "Done."

    monkeypatch.setitem(undo.KNOWN, "thing.done", back)
    return given


def test_it_takes_back_once(told, now):
    done = undo.remember("thing.done", "A thing was done.", {"n": 1}, at=now, by=None)
    assert undo.undo(done, at=now, by=None) == "Done."
    assert told == [{"n": 1}] and Operation.objects.get().undone_at == now
    with pytest.raises(undo.Refused, match="already"):
        undo.undo(done, at=now, by=None)
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True)) == [
        "thing.done",
        "operation.undone",
    ]


def test_it_takes_nothing_back_after_thirty_days(told, now):
    done = undo.remember("thing.done", "A thing was done.", {}, at=now - timedelta(days=30), by=None)
    with pytest.raises(undo.Refused, match="too long ago"):
        undo.undo(done, at=now, by=None)
    assert not told


def test_it_refuses_what_it_does_not_know(now):
    done = undo.remember("thing.unknown", "x" * 400, {}, at=now, by=None)
    assert len(done.sentence) == 300
    with pytest.raises(undo.Refused):
        undo.undo(done, at=now, by=None)


def test_it_changes_nothing_when_it_is_refused(told, monkeypatch, now):
    def half(inverse, *, at, by):
        Event.objects.create(at=at, verb="half")
        raise undo.Refused("No.")

    monkeypatch.setitem(undo.KNOWN, "thing.done", half)
    done = undo.remember("thing.done", "A thing was done.", {}, at=now, by=None)
    with pytest.raises(undo.Refused):
        undo.undo(done, at=now, by=None)
    assert not Event.objects.filter(verb="half").exists() and Operation.objects.get().undone_at is None


@pytest.mark.parametrize(
    ("names", "most", "said"),
    [
        (["a"], 2, "“a”"),
        (["a", "b", "c"], 2, "“a”, “b” and 1 other"),
        (["a", "b", "c"], 1, "“a” and 2 others"),
    ],
)
def test_it_names_a_few(names, most, said):
    assert undo.listed(names, most=most) == said
