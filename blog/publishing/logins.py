"""Who may try to log in now. Strangers who fail wait longer and longer; whoever comes with a browser in which the
account has logged in before has tries of their own, so that nobody locks the owner out.

After OWASP's protocol of device cookies, whose hashes stand in for lists of locked accounts:
https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.crypto import salted_hmac
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from psycopg.errors import LockNotAvailable

from blog.models import LoginDelay

HALF = timedelta(hours=1)
"""A quiet hour halves what has failed."""
FORGOTTEN = timedelta(hours=24)
"""So long after the last failure nothing is left of it."""
LONGEST = timedelta(minutes=15)
"""No wait is longer, however many have failed: four tries an hour are left to whoever goes on guessing."""
PATIENCE = timedelta(seconds=30)
"""So long an attempt stands in line behind others of its network or account, then it is sent away for as long."""
VANISHED = timedelta(minutes=5)
"""A web node whose network is gone keeps those in line behind it no longer than this."""
SLOTS = 2**17
"""Of each kind, so that half a million rows are the most that there can be. While ten thousand others fail, one shares
its slot with any of them in one case of fourteen."""


@dataclass(frozen=True)
class Kind:
    """What failures are counted for: after `free` of them each doubles the wait, which begins with `first`."""

    number: int
    free: int
    first: timedelta

    def wait(self, failures: int) -> timedelta:
        """After so many failures."""
        beyond = failures - self.free
        return min(self.first * 2 ** min(beyond, 20), LONGEST) if beyond >= 0 else timedelta()

    def slot(self, *parts: str) -> int:
        """The key of the row for these values. Keyed with the site's secret: nobody can look for two that meet."""
        digest = salted_hmac("blog.logins", "\0".join(parts), algorithm="sha256").digest()
        return self.number * SLOTS + int.from_bytes(digest[:8]) % SLOTS


PAIR = Kind(0, 5, timedelta(seconds=30))
"""One account from one network."""
NETWORK = Kind(1, 30, timedelta(seconds=15))
"""Any accounts from one network, in which many editors may sit."""
ACCOUNT = Kind(2, 50, timedelta(seconds=15))
"""One account from any networks but the known browsers."""
DEVICE = Kind(3, 10, timedelta(seconds=30))
"""One account in one known browser."""


@dataclass(frozen=True)
class Attempt:
    """Somebody who wants to be let in.

    `account` is the name that was typed, whether it exists or not; `network` is `network_of` the address; `device` is
    the mark of a browser in which that very account has logged in before, "" for all others; `purpose` keeps passwords
    and codes apart.
    """

    account: str
    network: str
    device: str = ""
    purpose: str = "password"

    def slots(self) -> dict[int, Kind]:
        account = self.account.casefold().strip()
        if self.device:
            return {DEVICE.slot(self.purpose, account, self.device): DEVICE}
        return {
            PAIR.slot(self.purpose, account, self.network): PAIR,
            NETWORK.slot(self.purpose, self.network): NETWORK,
            ACCOUNT.slot(self.purpose, account): ACCOUNT,
        }


def network_of(address: str) -> str:
    """Whom an IP address stands for: itself; in IPv6 the /64 that one subscriber has at least. What is no address, such
    as that of a socket, is one network too."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


class TooMany(Exception):
    """Too many logins have failed: the attempt was not judged. `wait` is how long it has to wait until it can be."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


def judge(attempt: Attempt, right: Callable[[], Any], *, at: datetime, hurried: bool = False) -> Any:
    """What `right` answers about the password or code that was given; anything false is counted as a failure. Raises
    `TooMany`, without asking `right`, if the attempt has to wait.

    Its rows are locked meanwhile: of a thousand at once each sees how those before it have ended. So nobody has to wait
    for a failure that is none yet, and a process that is killed before it has told anybody the answer has counted
    nothing, for its transaction ends with it.

    A known browser that has used up the tries of its own is a stranger like any other. `hurried` leaves the account's
    slot out: for those who prove otherwise that they are no stranger. Four queries, seven for a failure.
    """
    try:
        return _judge(attempt, right, at=at, hurried=hurried)
    except TooMany:
        if not attempt.device:
            raise
    return _judge(replace(attempt, device=""), right, at=at, hurried=hurried)


def _judge(attempt: Attempt, right: Callable[[], Any], *, at: datetime, hurried: bool) -> Any:
    slots = attempt.slots()
    if hurried:
        slots = {slot: kind for slot, kind in slots.items() if kind is not ACCOUNT}
    # Before the transaction: whoever waits for a row that is not there yet would hold others already, out of turn.
    fresh = [LoginDelay(slot=slot, last_at=at, until=at) for slot in sorted(slots)]
    LoginDelay.objects.bulk_create(fresh, ignore_conflicts=True)
    with transaction.atomic():
        rows = _locked(slots)
        # The others' `until` is when one of them was judged, which may be later than this one came.
        barred = [row.until for row in rows if row.failures >= slots[row.slot].free]
        wait = max(barred, default=at) - at
        if wait > timedelta():
            raise TooMany(wait)
        answer = right()
        if answer:
            own = [slot for slot, kind in slots.items() if kind in (PAIR, DEVICE)]
            LoginDelay.objects.filter(slot__in=own).update(failures=0)
        else:
            _count(rows, slots, at=at)
    return answer


def _locked(slots: Iterable[int]) -> list[LoginDelay]:
    """Those rows, which are nobody else's until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, true), set_config('idle_in_transaction_session_timeout', %s, true)",
            [f"{PATIENCE.seconds}s", f"{VANISHED.seconds}s"],
        )
    try:
        return list(LoginDelay.objects.select_for_update().filter(slot__in=slots).order_by("slot"))
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise TooMany(PATIENCE) from error
        raise


def _count(rows: list[LoginDelay], slots: dict[int, Kind], *, at: datetime) -> None:
    """Adds a failure, and sees to it that a worker forgets it in time."""
    for row in rows:
        # Those who came a moment later may have been judged before.
        quiet = max(at - row.last_at, timedelta())
        row.failures = 1 + (row.failures >> min(quiet // HALF, 31))
        row.last_at = max(at, row.last_at)
        row.until = at + slots[row.slot].wait(row.failures)
    LoginDelay.objects.bulk_update(rows, ["failures", "last_at", "until"])
    forget_later(at=at)


def forget_later(*, at: datetime) -> None:
    """Lets a worker forget what fails now when its time has come; one task waits for that, whatever there is."""
    from .tasks import forget_logins

    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=forget_logins.module_path)
    if not waiting.exists():
        forget_logins.using(run_after=at + FORGOTTEN).enqueue()


def clear(account: str) -> int:
    """Lets the account be tried again from anywhere; returns how many rows that concerned. Networks keep theirs."""
    slots = [ACCOUNT.slot(purpose, account.casefold().strip()) for purpose in ("password", "code")]
    return LoginDelay.objects.filter(slot__in=slots).delete()[0]


def forget(*, at: datetime) -> int:
    """Deletes what is too old to count; returns how many rows."""
    return LoginDelay.objects.filter(last_at__lt=at - FORGOTTEN, until__lt=at).delete()[0]


def mark_of(text: str) -> str:
    """A short mark of something long, for `Attempt.device`."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
