import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import LoginDelay
from blog.publishing import logins, tasks
from blog.publishing.logins import ACCOUNT, DEVICE, LONGEST, NETWORK, PAIR, Attempt

pytestmark = pytest.mark.django_db

ADA = Attempt("ada", "192.0.2.1")
NO_WAIT = timedelta()


def fail(attempt: Attempt, times: int, at) -> int:
    """Fails so many times as soon as it may; how many were judged at that very instant."""
    return sum(logins.begin(attempt, at=at) == NO_WAIT for _ in range(times))


def test_it_judges_a_few_and_makes_the_next_wait(now):
    assert fail(ADA, 20, now) == PAIR.free
    assert logins.begin(ADA, at=now) == PAIR.first


def test_each_failure_doubles_the_wait_up_to_a_quarter_of_an_hour(now):
    at, waits = now, []
    fail(ADA, PAIR.free, at)
    for _ in range(10):
        waits.append(logins.begin(ADA, at=at))
        at += waits[-1]
        assert logins.begin(ADA, at=at) == NO_WAIT
    assert waits[:4] == [timedelta(seconds=n) for n in (30, 60, 120, 240)]
    assert waits[-1] == LONGEST


def test_nobody_is_locked_out_for_good(now):
    at = now
    for _ in range(200):
        at += logins.begin(ADA, at=at)
    assert logins.begin(ADA, at=at + LONGEST) == NO_WAIT


def test_another_network_has_tries_of_its_own(now):
    fail(ADA, 20, now)
    assert logins.begin(Attempt("ada", "192.0.2.2"), at=now) == NO_WAIT


def test_one_network_cannot_try_many_accounts(now):
    judged = sum(
        logins.begin(Attempt(f"user{n}", "192.0.2.1"), at=now) == NO_WAIT for n in range(NETWORK.free * 2)
    )
    assert judged == NETWORK.free


def test_one_account_cannot_be_tried_from_many_networks(now):
    judged = sum(logins.begin(Attempt("ada", f"192.0.2.{n}"), at=now) == NO_WAIT for n in range(200))
    assert judged == ACCOUNT.free


def test_a_known_browser_waits_for_no_stranger(now):
    for n in range(200):
        logins.begin(Attempt("ada", f"192.0.2.{n}"), at=now)
    owner = Attempt("ada", "192.0.2.1", device="mark")
    assert logins.begin(owner, at=now) == NO_WAIT
    assert fail(owner, 50, now) == DEVICE.free - 1  # and yet no better place to guess from


def test_who_hurries_still_waits_for_what_failed_from_the_same_network(now):
    for n in range(200):
        logins.begin(Attempt("ada", f"192.0.2.{n}"), at=now)
    assert logins.begin(Attempt("ada", "198.51.100.1"), at=now, hurried=True) == NO_WAIT
    judged = [logins.begin(ADA, at=now, hurried=True) == NO_WAIT for _ in range(20)]
    assert sum(judged) == PAIR.free - 1  # one of the two hundred came from here


def test_success_takes_back_what_was_counted(now):
    for _ in range(NETWORK.free * 3):
        assert logins.begin(ADA, at=now) == NO_WAIT
        logins.succeed(ADA, at=now)


def test_the_owners_success_gives_those_who_guess_no_further_try(now):
    for n in range(ACCOUNT.free - 1):
        logins.begin(Attempt("ada", f"192.0.2.{n}"), at=now)
    owner = Attempt("ada", "198.51.100.1")
    assert logins.begin(owner, at=now) == NO_WAIT
    logins.succeed(owner, at=now)
    judged = sum(logins.begin(Attempt("ada", f"203.0.113.{n}"), at=now) == NO_WAIT for n in range(5))
    assert judged == 1  # the one that the owner's took back


def test_quiet_hours_make_it_forget(now):
    fail(ADA, PAIR.free, now)
    later = now + timedelta(hours=3)
    assert fail(ADA, 20, later) == PAIR.free


def test_a_wait_is_no_failure(now):
    fail(ADA, 20, now)
    before = list(LoginDelay.objects.order_by("slot").values_list("failures", "until"))
    logins.begin(ADA, at=now)
    assert list(LoginDelay.objects.order_by("slot").values_list("failures", "until")) == before


@pytest.mark.parametrize(
    "name", ["ada", "ADA ", "nobody", "名前", "x" * 150, "\ud800".encode(errors="replace").decode()]
)
def test_it_costs_as_many_queries_for_every_name(now, name):
    with CaptureQueriesContext(connection) as asked:
        logins.begin(Attempt(name, "192.0.2.1"), at=now)
    assert len(asked) == 5  # with the savepoints of a test


def test_it_takes_spellings_of_a_name_for_one_account(now):
    assert (
        fail(Attempt("Ada", "192.0.2.1"), 3, now) + fail(Attempt(" ADA", "192.0.2.1"), 20, now) == PAIR.free
    )


def test_the_table_cannot_be_filled():
    for kind in (PAIR, NETWORK, ACCOUNT, DEVICE):
        for n in range(500):
            assert 0 <= kind.slot("x", str(n)) - kind.number * logins.SLOTS < logins.SLOTS


def test_nothing_that_was_typed_is_kept(now):
    logins.begin(Attempt("hunter2", "192.0.2.77"), at=now)
    rows = str(list(LoginDelay.objects.values()))
    assert "hunter2" not in rows and "192.0.2.77" not in rows


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::99%eth0", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("unix:/run/x", "unknown"),
    ],
)
def test_it_knows_whom_an_address_stands_for(address, network):
    assert logins.network_of(address) == network


def test_a_worker_forgets_what_is_old(now):
    fail(ADA, 5, now)
    logins.begin(Attempt("bob", "192.0.2.9"), at=now + timedelta(hours=20))
    assert logins.forget(at=now + timedelta(hours=25)) == 3
    assert LoginDelay.objects.count() == 3


def test_one_task_waits_for_that_however_many_fail(now):
    for _ in range(5):
        logins.begin(ADA, at=now)
        logins.fail(at=now)
    waiting = logins.DBTaskResult.objects.filter(task_path=tasks.forget_logins.module_path)
    assert [one.run_after for one in waiting] == [now + logins.FORGOTTEN]


def test_an_operator_lets_an_account_be_tried_again(now):
    for n in range(200):
        logins.begin(Attempt("ada", f"192.0.2.{n}"), at=now)
    assert logins.clear("Ada") == 1
    assert logins.begin(Attempt("ada", "198.51.100.1"), at=now) == NO_WAIT


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_no_more_than_one_after_the_other(now):
    judged, errors = [], []

    def tries():
        try:
            for _ in range(5):
                judged.append(logins.begin(ADA, at=now) == NO_WAIT)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=tries) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert (len(judged), sum(judged)) == (40, PAIR.free)
