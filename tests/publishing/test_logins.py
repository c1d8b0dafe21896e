import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import LoginDelay
from blog.publishing import logins, tasks
from blog.publishing.logins import ACCOUNT, DEVICE, LONGEST, NETWORK, PAIR, Attempt

pytestmark = pytest.mark.django_db

ADA = Attempt("ada", "192.0.2.1")
NO_WAIT = timedelta()


def guess(attempt: Attempt, at, right=False, **more) -> timedelta:
    """Gives a password, a wrong one unless it is said to be right; how long the attempt has to wait instead."""
    try:
        logins.judge(attempt, lambda: right, at=at, **more)
    except logins.TooMany as many:
        return many.wait
    return NO_WAIT


def fail(attempt: Attempt, times: int, at) -> int:
    """Fails so many times as soon as it may; how many were judged at that very instant."""
    return sum(guess(attempt, at) == NO_WAIT for _ in range(times))


def test_it_judges_a_few_and_makes_the_next_wait(now):
    assert fail(ADA, 20, now) == PAIR.free
    assert guess(ADA, now) == PAIR.first


def test_each_failure_doubles_the_wait_up_to_a_quarter_of_an_hour(now):
    at, waits = now, []
    fail(ADA, PAIR.free, at)
    for _ in range(10):
        waits.append(guess(ADA, at))
        at += waits[-1]
        assert guess(ADA, at) == NO_WAIT
    assert waits[:4] == [timedelta(seconds=n) for n in (30, 60, 120, 240)]
    assert waits[-1] == LONGEST


def test_nobody_is_locked_out_for_good(now):
    at = now
    for _ in range(200):
        at += guess(ADA, at)
    assert guess(ADA, at + LONGEST) == NO_WAIT


def test_another_network_has_tries_of_its_own(now):
    fail(ADA, 20, now)
    assert guess(Attempt("ada", "192.0.2.2"), now) == NO_WAIT


def test_one_network_cannot_try_many_accounts(now):
    judged = sum(guess(Attempt(f"user{n}", "192.0.2.1"), now) == NO_WAIT for n in range(NETWORK.free * 2))
    assert judged == NETWORK.free


def test_one_account_cannot_be_tried_from_many_networks(now):
    judged = sum(guess(Attempt("ada", f"192.0.2.{n}"), now) == NO_WAIT for n in range(200))
    assert judged == ACCOUNT.free


def test_a_known_browser_waits_for_no_stranger(now):
    for n in range(200):
        guess(Attempt("ada", f"192.0.2.{n}"), now)
    owner = Attempt("ada", "192.0.2.1", device="mark")
    assert guess(owner, now) == NO_WAIT
    # And yet no better place to guess from: then it is a stranger like any other, and one of those came from here.
    assert fail(owner, 50, now) == DEVICE.free - 1


def test_who_hurries_still_waits_for_what_failed_from_the_same_network(now):
    for n in range(200):
        guess(Attempt("ada", f"192.0.2.{n}"), now)
    assert guess(Attempt("ada", "198.51.100.1"), now, hurried=True) == NO_WAIT
    judged = [guess(ADA, now, hurried=True) == NO_WAIT for _ in range(20)]
    assert sum(judged) == PAIR.free - 1  # one of the two hundred came from here


def test_success_is_not_counted(now):
    for _ in range(NETWORK.free * 3):
        assert guess(ADA, now, right=True) == NO_WAIT


def test_success_lets_its_pair_begin_anew(now):
    fail(ADA, PAIR.free - 1, now)
    assert guess(ADA, now, right=True) == NO_WAIT
    assert fail(ADA, 20, now) == PAIR.free


def test_it_looks_at_no_password_of_those_who_have_to_wait(now):
    fail(ADA, PAIR.free, now)
    with pytest.raises(logins.TooMany):
        logins.judge(ADA, lambda: pytest.fail("it looked"), at=now)


def test_it_hands_on_what_it_was_told_of_the_password(now):
    assert logins.judge(ADA, lambda: ["codes"], at=now) == ["codes"]
    assert logins.judge(ADA, lambda: "", at=now) == ""


def test_who_came_first_and_is_judged_last_does_not_wait(now):
    assert guess(ADA, now) == NO_WAIT
    assert guess(ADA, now - timedelta(milliseconds=5)) == NO_WAIT
    assert guess(ADA, now - timedelta(milliseconds=10), right=True) == NO_WAIT


def test_what_ends_without_an_answer_is_not_counted(now):
    def breaks():
        raise OSError("the disk is full")

    for _ in range(PAIR.free * 2):
        with pytest.raises(OSError, match="disk"):
            logins.judge(ADA, breaks, at=now)
    assert fail(ADA, 20, now) == PAIR.free


def test_the_owners_success_gives_those_who_guess_no_further_try(now):
    for n in range(ACCOUNT.free - 1):
        guess(Attempt("ada", f"192.0.2.{n}"), now)
    owner = Attempt("ada", "198.51.100.1")
    assert guess(owner, now, right=True) == NO_WAIT
    judged = sum(guess(Attempt("ada", f"203.0.113.{n}"), now) == NO_WAIT for n in range(5))
    assert judged == 1  # the one that was left before


def test_quiet_hours_make_it_forget(now):
    fail(ADA, PAIR.free, now)
    later = now + timedelta(hours=3)
    assert fail(ADA, 20, later) == PAIR.free


def test_a_wait_is_no_failure(now):
    fail(ADA, 20, now)
    before = list(LoginDelay.objects.order_by("slot").values_list("failures", "until"))
    guess(ADA, now)
    assert list(LoginDelay.objects.order_by("slot").values_list("failures", "until")) == before


@pytest.mark.parametrize(
    "name", ["ada", "ADA ", "nobody", "名前", "x" * 150, "\ud800".encode(errors="replace").decode()]
)
def test_it_costs_as_many_queries_for_every_name(now, name):
    with CaptureQueriesContext(connection) as asked:
        guess(Attempt(name, "192.0.2.1"), now)
    queries = [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"]]
    assert len(queries) == 6


def test_it_takes_spellings_of_a_name_for_one_account(now):
    assert (
        fail(Attempt("Ada", "192.0.2.1"), 3, now) + fail(Attempt(" ADA", "192.0.2.1"), 20, now) == PAIR.free
    )


def test_the_table_cannot_be_filled():
    for kind in (PAIR, NETWORK, ACCOUNT, DEVICE):
        for n in range(500):
            assert 0 <= kind.slot("x", str(n)) - kind.number * logins.SLOTS < logins.SLOTS


def test_nothing_that_was_typed_is_kept(now):
    guess(Attempt("hunter2", "192.0.2.77"), now)
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
    guess(Attempt("bob", "192.0.2.9"), now + timedelta(hours=20))
    assert logins.forget(at=now + timedelta(hours=25)) == 3
    assert LoginDelay.objects.count() == 3


def test_one_task_waits_for_that_however_many_fail(now):
    fail(ADA, PAIR.free, now)
    waiting = logins.DBTaskResult.objects.filter(task_path=tasks.forget_logins.module_path)
    assert [one.run_after for one in waiting] == [now + logins.FORGOTTEN]


def test_an_operator_lets_an_account_be_tried_again(now):
    for n in range(200):
        guess(Attempt("ada", f"192.0.2.{n}"), now)
    assert logins.clear("Ada") == 1
    assert guess(Attempt("ada", "198.51.100.1"), now) == NO_WAIT


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_no_more_than_one_after_the_other(now):
    judged, errors = [], []

    def tries():
        try:
            for _ in range(5):
                judged.append(guess(ADA, now) == NO_WAIT)
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


KILLED = """
import os, signal, sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from django.utils import timezone
from blog.publishing import logins
ada = logins.Attempt("ada", "192.0.2.1")
for _ in range(logins.PAIR.free * 2):
    if child := os.fork():
        os.waitpid(child, 0)
    else:
        logins.judge(ada, lambda: os.kill(os.getpid(), signal.SIGKILL), at=timezone.now())
"""


@pytest.mark.kills
@pytest.mark.django_db(transaction=True)
def test_workers_killed_while_they_look_at_a_password_leave_no_failure():
    words = [sys.executable, "-c", KILLED, connection.settings_dict["NAME"]]
    subprocess.run(
        words, check=True, env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}, timeout=120
    )
    assert list(LoginDelay.objects.values_list("failures", flat=True)) == [0, 0, 0]
    assert guess(ADA, timezone.now()) == NO_WAIT


@pytest.mark.django_db(transaction=True)
def test_it_looks_at_one_password_after_the_other_and_refuses_none_that_is_right():
    at_once, most, waits = set(), [], []

    def right():
        at_once.add(threading.get_ident())
        most.append(len(at_once))
        at_once.discard(threading.get_ident())
        return True

    def comes(n):
        try:
            for _ in range(5):
                logins.judge(Attempt(f"editor{n}", "192.0.2.1"), right, at=timezone.now())
        except logins.TooMany as many:
            waits.append(many.wait)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(comes, range(8)))
    assert (waits, len(most), max(most)) == ([], 40, 1)


@pytest.mark.django_db(transaction=True)
def test_the_line_behind_one_that_takes_too_long_is_sent_away(now, monkeypatch):
    monkeypatch.setattr(logins, "PATIENCE", timedelta(seconds=1))
    entered, over = threading.Event(), threading.Event()

    def takes_long():
        entered.set()
        return over.wait(60)

    def comes():
        try:
            return logins.judge(ADA, takes_long, at=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(comes)
        assert entered.wait(60)
        assert guess(ADA, now, right=True) == timedelta(seconds=1)
        over.set()
        assert first.result() is True
    assert guess(ADA, now, right=True) == NO_WAIT
