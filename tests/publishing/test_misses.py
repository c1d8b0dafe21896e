from datetime import timedelta

import pytest

from blog.models import MissedSearch
from blog.publishing import misses

pytestmark = pytest.mark.django_db


@pytest.fixture
def gathering():
    return misses.Gathering()


def test_it_counts_words_by_day(gathering, now):
    for text in ("Raft", " raft ", "paxos"):
        gathering.add(text, now)
    assert gathering.flush() == 2 and gathering.flush() == 0
    gathering.add("RAFT", now)
    gathering.add("raft", now + timedelta(days=1))
    gathering.flush()
    kept = MissedSearch.objects.order_by("day", "words").values_list("words", "times")
    assert list(kept) == [("paxos", 1), ("raft", 3), ("raft", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "ada@example.org",
        "https://example.org/a",
        "4111 1111 1111",
        "w" * 81,
        "a b c d e f g h i",
        "a\u202eb",
    ],
)
def test_it_keeps_nothing_that_may_be_somebodys_own(gathering, now, text):
    gathering.add(text, now)
    assert gathering.flush() == 0


def test_it_stays_small(gathering, now, monkeypatch):
    monkeypatch.setattr(misses, "MOST_WAITING", 3)
    monkeypatch.setattr(misses, "MOST_A_DAY", 3)
    for n in range(9):
        gathering.add(f"word {n}", now)
    assert gathering.flush() == 3
    gathering.add("word 0", now)
    gathering.add("new word", now)
    assert gathering.flush() == 1
    assert MissedSearch.objects.get(words="word 0").times == 2


def test_it_forgets_old_days(gathering, now):
    MissedSearch.objects.create(words="old", day=now.date() - timedelta(days=91), times=1)
    gathering.add("new", now)
    gathering.flush()
    assert list(MissedSearch.objects.values_list("words", flat=True)) == ["new"]


def test_a_search_that_finds_nothing_is_counted_and_writes_nothing(
    client, monkeypatch, django_assert_max_num_queries
):
    gathering = misses.Gathering()
    monkeypatch.setattr(misses, "GATHERING", gathering)
    client.get("/search/?q=raft")
    with django_assert_max_num_queries(6):
        assert client.get("/search/?q=raft").status_code == 200
    assert not MissedSearch.objects.exists()
    gathering.flush()
    assert MissedSearch.objects.get().times == 2
