"""Whether the memory of a web process stays bounded, however long it serves."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from django.urls import reverse

from blog.models import Post
from blog.transfer.synthetic import corpus

from . import client

MOST_MB = 250
FRESH = 5
"""Every so many requests one is for what nobody has asked for before."""
STEADY = 1.10
"""How much more memory a process may have at the end than after the first fifth of the requests."""


@dataclass(frozen=True)
class Soak:
    """Resident memory of the largest web process in MB: after the first fifth, at the end, and at most. `failures` are
    requests that were not answered as they should be, by what was answered instead."""

    requests: int
    first_mb: float
    last_mb: float
    most_mb: float
    seconds: float
    failures: dict[str, int] = field(default_factory=dict)

    @property
    def passes(self) -> bool:
        return not self.failures and self.most_mb < MOST_MB and self.last_mb <= self.first_mb * STEADY


def resident_mb(group: int) -> float:
    """Of the largest process of a process group. Linux only: it is read from /proc."""
    largest = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) != group:
                continue
            status = (stat.parent / "status").read_text()
        except OSError:
            continue  # it has ended
        kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")), "0")
        largest = max(largest, int(kilobytes) / 1_024)
    return largest


def fresh(requests: int, at: datetime) -> list[str]:
    """What each fifth request of a soak asks for, once: three posts, then a search for two words. Most of the others are
    answered from memory; these have to be made, and push out what was kept."""
    wanted, dice, words = requests // FRESH, Random(corpus.SEED), corpus.vocabulary()
    slugs = Post.objects.live(at).order_by("pk").values_list("slug", flat=True)[:wanted]
    found = []
    for number, slug in enumerate(slugs):
        found.append(reverse("post", args=[slug]))
        if number % 3 == 2:
            found.append(f"{reverse('search')}?{urlencode({'q': ' '.join(dice.sample(words, 2))})}")
    return found[:wanted]


def soak(
    port: int,
    group: int,
    paths: list[str],
    once: list[str],
    requests: int,
    say: Callable[[str], None],
) -> Soak:
    """Asks for the paths in turn, and each fifth time for the next of those that are asked for `once`, over eight
    connections."""
    left, lock, seen = [requests], threading.Lock(), [resident_mb(group)]
    failures: Counter[str] = Counter()
    fifth: list[float] = []
    began = told = time.monotonic()

    def read(number: int) -> None:
        reader = client.Reader(port)
        turn = number
        while True:
            with lock:
                if left[0] <= 0:
                    break
                left[0] -= 1
            path = paths[turn % len(paths)]
            if turn % FRESH == 0 and once:
                path = once[turn // FRESH % len(once)]
            turn += client.CONNECTIONS
            # One that fails must not end its reader: nothing would be asked of the server any more, and nothing grow.
            try:
                reader.get(path, also=(301,))
            except (client.WrongAnswer, OSError, http.client.HTTPException) as error:
                with lock:
                    failures[str(error) or repr(error)] += 1
                reader.close()  # it opens anew with the next request
        reader.close()

    readers = [threading.Thread(target=read, args=[n]) for n in range(client.CONNECTIONS)]
    for one in readers:
        one.start()
    while any(one.is_alive() for one in readers):
        time.sleep(0.5)
        seen.append(resident_mb(group))
        done = requests - left[0]
        if not fifth and done >= requests / 5:
            fifth.append(seen[-1])
        if time.monotonic() - told > 20:
            told = time.monotonic()
            say(f"  {done:,} of {requests:,} requests, {seen[-1]:.0f} MB")
    took = time.monotonic() - began
    return Soak(requests, (fifth or seen)[-1], seen[-1], max(seen), took, dict(failures))
