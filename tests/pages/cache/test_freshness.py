import time
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from blog.models.move import Stamp
from blog.pages.cache.freshness import LEASE, Freshness, midnights

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def learned(freshness, text="1.1", *instants, at=NOON, ago=0.0):
    freshness.learn(Stamp(text, instants), asked=time.monotonic() - ago, at=at)
    return freshness.era


def later(seconds):
    return NOON + timedelta(seconds=seconds)


def test_an_era_lasts_while_nothing_moves():
    freshness = Freshness()
    era = learned(freshness)
    assert learned(freshness, at=later(0.4)) is era
    assert freshness.is_present(era) and freshness.present(at=later(0.4), patience=0) is era


@pytest.mark.parametrize("text", ["1.2", "1.0", "2.1"])
def test_another_stamp_is_another_era_also_a_smaller_one(text):
    freshness = Freshness()
    era = learned(freshness)
    assert learned(freshness, text) is not era
    assert not freshness.is_present(era)


def test_nothing_is_known_for_longer_than_a_second_after_asking():
    freshness = Freshness()
    era = learned(freshness, ago=LEASE)
    assert not freshness.is_present(era)
    assert freshness.present(at=NOON, patience=0) is None
    era = learned(freshness, ago=LEASE - 0.3)
    assert freshness.is_present(era)


def test_before_anything_was_learned_there_is_no_present():
    freshness = Freshness()
    assert not freshness.is_present(None)
    assert freshness.present(at=NOON, patience=0) is None


def test_what_is_due_ends_an_era_without_anybody_being_asked():
    freshness = Freshness()
    era = learned(freshness, "1.1", later(0.05))
    assert freshness.is_present(era)
    time.sleep(0.06)
    assert not freshness.is_present(era)
    following = freshness.present(at=later(0.06), patience=0)
    assert following is not None and following is not era
    assert following.since == later(0.05)
    assert freshness.present(at=later(0.07), patience=0) is following


def test_of_two_instants_that_are_due_each_ends_an_era():
    freshness = Freshness()
    eras = [learned(freshness, "1.1", later(0.03), later(0.06))]
    for _ in range(2):
        time.sleep(0.032)
        eras.append(freshness.present(at=NOON, patience=0))
    assert len(set(eras)) == 3 and None not in eras


def test_an_instant_that_passed_between_two_questions_ends_the_era_too():
    freshness = Freshness()
    era = learned(freshness, "1.1", later(0.2))
    assert learned(freshness, "1.1", at=later(0.4)) is not era


def test_a_clock_that_was_set_back_ends_the_era():
    freshness = Freshness()
    era = learned(freshness)
    assert learned(freshness, at=later(-3_600)) is not era


def test_it_waits_for_what_is_about_to_be_learned():
    freshness = Freshness()
    teller = Thread(target=lambda: (time.sleep(0.05), learned(freshness)))
    teller.start()
    era = freshness.present(at=NOON, patience=5)
    teller.join()
    assert era is not None and era is freshness.era


def test_pages_grow_old_at_the_sites_midnight(settings):
    settings.AGE_NOTICE_YEARS, settings.TIME_ZONE = 3, "Europe/Berlin"
    assert [one.astimezone(UTC) for one in midnights(NOON)] == [datetime(2026, 3, 1, 23, tzinfo=UTC)]
    # The night in which clocks go forward has 23 hours.
    evening = datetime(2026, 3, 29, 9, tzinfo=UTC)
    assert [one.astimezone(UTC) for one in midnights(evening)] == [datetime(2026, 3, 29, 22, tzinfo=UTC)]
    settings.AGE_NOTICE_YEARS = 0
    assert midnights(NOON) == []
