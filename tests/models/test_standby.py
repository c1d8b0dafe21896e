"""How old the standby's state is at most, from what the two servers have said."""

import os

import pytest

from blog.models.standby import GONE, Standby


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def standby(clock, settings):
    settings.REPLICA_LAG = 3.0
    return Standby(clock)


def test_it_is_not_fit_before_it_has_said_anything(standby):
    standby.note_primary(500, asked=100.0)
    assert not standby.fit()


def test_it_is_fit_when_it_has_replayed_what_was_the_end_of_the_log(standby):
    standby.note_primary(500, asked=100.0)
    standby.note_standby(500, asked=100.1)
    assert standby.fit()
    assert standby.lag == 0


def test_it_counts_as_far_behind_as_the_newest_end_that_it_has_passed(standby, clock):
    standby.note_primary(500, asked=100.0)
    standby.note_primary(900, asked=101.0)
    clock.now = 102.0
    standby.note_standby(899, asked=102.0)
    assert standby.lag == 2.0


def test_it_is_not_fit_beyond_the_limit(standby, clock):
    standby.note_primary(500, asked=100.0)
    standby.note_standby(500, asked=100.1)
    for clock.now in (101.0, 102.0, 103.0, 103.1):
        standby.note_primary(900, asked=clock.now)
        standby.note_standby(500, asked=clock.now)
    assert not standby.fit()


def test_it_stops_being_fit_when_nothing_is_heard_of_it(standby, clock):
    standby.note_primary(500, asked=100.0)
    standby.note_standby(500, asked=100.0)
    clock.now = 102.9
    standby.note_primary(500, asked=102.9)
    assert standby.fit()
    clock.now = 103.1
    assert not standby.fit()


def test_it_is_left_alone_after_a_failure_until_it_answers_again(standby):
    standby.note_primary(500, asked=100.0)
    standby.note_standby(500, asked=100.0)
    standby.fail()
    assert not standby.fit()
    standby.note_standby(500, asked=100.0)
    assert standby.fit()


def test_it_is_all_there_is_while_the_primary_is_away(standby, clock):
    standby.note_primary(500, asked=100.0)
    clock.now = 100.0 + GONE + 60
    standby.note_standby(400, asked=clock.now)
    assert standby.alone()
    assert standby.fit()


def test_a_promoted_one_is_not_asked_while_the_primary_answers(standby, clock):
    standby.note_primary(500, asked=100.0)
    standby.note_standby(None, asked=100.0)
    assert not standby.fit()
    clock.now = 100.0 + GONE + 1
    standby.note_standby(None, asked=clock.now)
    assert standby.fit()


def test_nothing_is_said_of_it_until_it_had_the_time_to_answer(standby, clock):
    assert not standby.known
    standby._pid = os.getpid()  # as after `begin`, without its threads
    assert not standby.known
    clock.now += 2 * GONE + 0.1
    assert standby.known and not standby.answers()


def test_it_is_known_as_soon_as_it_has_answered(standby, clock):
    standby._pid = os.getpid()
    standby.note_primary(500, asked=100.0)
    standby.note_standby(500, asked=100.1)
    assert standby.known
