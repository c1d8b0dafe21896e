"""Who may try to log in now. Strangers who fail wait longer and longer; whoever comes with a browser in which the
account has logged in before has tries of their own, so that nobody locks the owner out.

After OWASP's protocol of device cookies, whose hashes stand in for lists of locked accounts:
https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from blog.models import LoginDelay

HALF = timedelta(hours=1)
"""A quiet hour halves what has failed."""
FORGOTTEN = timedelta(hours=24)
"""So long after the last failure nothing is left of it."""
LONGEST = timedelta(minutes=15)
"""No wait is longer, however many have failed: four tries an hour are left to whoever goes on guessing."""
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


@transaction.atomic
def begin(attempt: Attempt, *, at: datetime, hurried: bool = False) -> timedelta:
    """How long the attempt has to wait; zero lets it be judged now.

    What may be judged is counted as a failure beforehand, under the lock of its rows, so that a thousand at once are no
    more than one after the other; `succeed` takes it back. `hurried` leaves the account's own slot out: for those who
    prove otherwise that they are no stranger. Four queries.
    """
    slots = attempt.slots()
    if hurried:
        slots = {slot: kind for slot, kind in slots.items() if kind is not ACCOUNT}
    fresh = [LoginDelay(slot=slot, last_at=at, until=at) for slot in sorted(slots)]
    LoginDelay.objects.bulk_create(fresh, ignore_conflicts=True)
    rows = list(LoginDelay.objects.select_for_update().filter(slot__in=slots).order_by("slot"))
    wait = max(row.until for row in rows) - at
    if wait > timedelta():
        return wait
    for row in rows:
        row.failures = 1 + (row.failures >> min((at - row.last_at) // HALF, 31))
        row.last_at = at
        row.until = at + slots[row.slot].wait(row.failures)
    LoginDelay.objects.bulk_update(rows, ["failures", "last_at", "until"])
    return timedelta()


@transaction.atomic
def succeed(attempt: Attempt, *, at: datetime) -> None:
    """The attempt that `begin` let through was a good one: its pair or its browser begins anew, and what the network
    and the account have gathered stays, less this one."""
    slots = attempt.slots()
    rows = list(LoginDelay.objects.select_for_update().filter(slot__in=slots).order_by("slot"))
    for row in rows:
        kind = slots[row.slot]
        row.failures = 0 if kind in (PAIR, DEVICE) else max(row.failures - 1, 0)
        # Those who go on guessing at the account gain nothing by its owner's success.
        row.until = at + (kind.wait(row.failures) if kind is ACCOUNT else timedelta())
    LoginDelay.objects.bulk_update(rows, ["failures", "until"])


def fail(*, at: datetime) -> None:
    """Sees to it that a worker forgets the failure in time; counted it was by `begin`."""
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
