from concurrent.futures import ThreadPoolExecutor
from threading import Event

from blog.pages.cache import flights
from blog.pages.cache.flights import Flights


def test_a_thousand_who_ask_at_once_fly_once():
    board, era, made, everybody = Flights(), object(), [], Event()

    def ask(number):
        flight, leads = board.board("/", era)
        if not leads:
            return flight.wait()
        everybody.wait(5)
        made.append(number)
        board.land("/", flight, "page")
        return "page"

    with ThreadPoolExecutor(64) as pool:
        asked = [pool.submit(ask, number) for number in range(1_000)]
        everybody.set()
        assert {one.result() for one in asked} <= {"page"}
    assert len(made) >= 1
    assert not board.flights


def test_others_wait_while_it_flies():
    board, era = Flights(), object()
    flight, leads = board.board("/", era)
    assert leads
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(lambda: board.board("/", era)) for _ in range(8)]
        assert {one.result() for one in waiting} == {(flight, False)}
        given = [pool.submit(flight.wait) for _ in range(8)]
        board.land("/", flight, "page")
        assert {one.result() for one in given} == {"page"}


def test_who_may_see_only_a_newer_state_flies_alone():
    board = Flights()
    old, _ = board.board("/", object())
    new, leads = board.board("/", object())
    assert leads and new is not old
    board.land("/", old, "old")
    assert board.flights == {"/": new}


def test_nobody_waits_for_one_that_takes_too_long(monkeypatch):
    board, era = Flights(), object()
    flight, _ = board.board("/", era)
    flight.began -= flights.PATIENCE
    assert board.board("/", era)[0].wait() is None


def test_who_waited_for_one_that_failed_is_told():
    board, era = Flights(), object()
    flight, _ = board.board("/", era)
    board.land("/", flight, None)
    assert flight.wait() is None
    assert board.board("/", era)[1]
