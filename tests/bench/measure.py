"""Takes the samples. The machine is seldom quiet: pages take turns, and what is compared is compared in pairs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from blog.models import Post
from blog.publishing import workflow

from . import client
from .questions import allowed_ms
from .targets import Target

ROUNDS = 10
WARM_UP = 12
"""Requests to each page before any counts: every thread of every worker has then its connection and its templates."""

PAIRS = 150
SAVE_MS = 300
"""What a save may take, 95 times of 100."""
MOST = 1.2
"""How much more the deepest page of the largest category may cost than its first."""


@dataclass(frozen=True)
class Ratio:
    """The deepest page over the first: medians of milliseconds, taken in turns."""

    first_ms: float
    deepest_ms: float

    @property
    def value(self) -> float:
        return self.deepest_ms / self.first_ms

    @property
    def passes(self) -> bool:
        return self.value <= MOST


@dataclass(frozen=True)
class Answers:
    """How long the search takes, in milliseconds, over all questions, each asked equally often."""

    p50_ms: float
    p95_ms: float
    allowed_ms: float

    @classmethod
    def of(cls, questions: list[Target], posts: int) -> Answers:
        samples = [sample for one in questions for sample in one.samples]
        return cls(percentile(samples, 0.50), percentile(samples, 0.95), allowed_ms(posts))

    @property
    def passes(self) -> bool:
        return self.p95_ms <= self.allowed_ms


@dataclass(frozen=True)
class Saves:
    """How long it takes to save a post with all its relations, in milliseconds; its text is rendered anew each time."""

    p50_ms: float
    p95_ms: float

    @property
    def passes(self) -> bool:
        return self.p95_ms < SAVE_MS


def saves(times: int) -> Saves:
    """Saves posts in the middle of the publication, one after the other, through the verb that forms and importers use,
    each with a sentence more."""
    posts = Post.objects.filter(status=Post.Status.PUBLISHED).order_by("pk")[1_000 : 1_000 + times]
    took = [save(post) for post in posts]
    return Saves(percentile(took, 0.50), percentile(took, 0.95))


def save(post: Post) -> float:
    """Saves the post with a sentence more; returns the milliseconds that it took."""
    relations: dict[str, list[Any]] = {
        "categories": list(post.categories.all()),
        "authors": [line.author for line in post.bylines.select_related("author")],
        "tags": [tag.name for tag in post.tags.all()],
    }
    post.body += f"\n\nSaved once more at {time.time()}.\n"
    began = time.perf_counter()
    workflow.write(post, at=timezone.now(), **relations)
    return (time.perf_counter() - began) * 1_000


def percentile(samples: list[float], share: float) -> float:
    """The nearest-rank percentile: the smallest sample that at least `share` of all do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, min(len(ordered) - 1, -int(-share * len(ordered) // 1) - 1))]


def latencies(sides: Sequence[tuple[int, list[Target]]], requests: int) -> None:
    """One reader asks for every page in turn, in rounds, `requests` times each. `sides` are ports with their pages; the
    same page of all sides is asked one after the other, so that a noisy second hits all."""
    asked: dict[tuple[str, str], list[tuple[int, Target]]] = {}
    for port, targets in sides:
        for target in targets:
            asked.setdefault((target.name, target.page.split(" (")[0]), []).append((port, target))
    for same in asked.values():
        for port, target in same:
            reader = client.Reader(port, target.headers)
            for _ in range(WARM_UP):
                _, target.bytes = reader.get(target.path)
            reader.close()
    each = max(1, requests // ROUNDS)
    for turn in range(ROUNDS):
        for same in asked.values():
            for port, target in same if turn % 2 else reversed(same):
                reader = client.Reader(port, target.headers)
                reader.get(target.path)  # opens the connection
                target.samples += [reader.get(target.path)[0] for _ in range(each)]
                reader.close()


def rates(port: int, targets: list[Target], seconds: float, say: Callable[[str], None]) -> None:
    """Eight readers at once, in two rounds of half the seconds each."""
    for turn in (1, 2):
        say(f"  requests per second, round {turn} of 2")
        for target in targets:
            target.rates.append(client.requests_per_second(port, target.path, seconds / 2, target.headers))


def deepest_over_first(port: int, first: Target, deepest: Target) -> Ratio:
    """Asks for the two in turns, changing who goes first, so that a noisy second hits both."""
    reader = client.Reader(port)
    times: dict[str, list[float]] = {"first": [], "deepest": []}
    for number in range(PAIRS):
        pair = [("first", first), ("deepest", deepest)]
        for name, target in pair if number % 2 else reversed(pair):
            times[name].append(reader.get(target.path)[0])
        if number % 25 == 24:
            time.sleep(0.2)  # other work on the machine comes in bursts
    reader.close()
    return Ratio(statistics.median(times["first"]), statistics.median(times["deepest"]))
