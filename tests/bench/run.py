"""One number of posts: its database, what is asked of it, and what was found."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from blog.publishing import sealing
from blog.transfer.synthetic import corpus, load

from . import databases, measure, moving, questions, report, soak, targets

SAVES = 40
SAVED_FROM = 10_000
"""Posts from which on saves and moves are measured."""


@dataclass
class Run:
    posts: int
    address: str
    words: int = corpus.WORDS
    loaded: load.Loaded | None = None
    about: dict[str, Any] = field(default_factory=dict)
    pages: list[targets.Target] = field(default_factory=list)
    asked: list[targets.Target] = field(default_factory=list)
    ratio: measure.Ratio | None = None
    saved: measure.Saves | None = None
    moved: moving.Moved | None = None
    soaked: soak.Soak | None = None

    @property
    def name(self) -> str:
        return databases.name(self.posts, self.words)

    @property
    def size(self) -> str:
        """What the names of this run's files tell it by."""
        return f"{self.posts}{databases.of_length(self.words)}"

    @property
    def url(self) -> str:
        return databases.url_of(self.address, self.name)

    @property
    def targets(self) -> list[targets.Target]:
        return [*self.pages, *self.asked]

    def connect(self) -> None:
        """Makes this database the one that Django asks in this process."""
        connection.close()
        connection.settings_dict["NAME"] = self.name
        ContentType.objects.clear_cache()

    def load(self, *, fresh: bool, say: Callable[[str], None]) -> None:
        """Fills the database, unless an earlier run has left the very same. What was interrupted is gone on with."""
        known, wanted = databases.label(self.address, self.name), load.expected_label(self.posts, self.words)
        begun = f"begun: {wanted}"
        databases.create(self.address, self.name, fresh=fresh or known not in {wanted, begun})
        databases.set_label(self.address, self.name, wanted if known == wanted and not fresh else begun)
        self.connect()
        call_command("migrate", verbosity=0, interactive=False)
        if known == wanted and sealing.is_due():
            sealing.seal(
                at=timezone.now()
            )  # the worker of an earlier measurement was ended before it came to this
        if fresh or known != wanted:
            began = time.monotonic()
            self.loaded = load.load_posts(self.posts, words=self.words, say=say)
            databases.set_label(self.address, self.name, wanted)
            parts = ", ".join(f"{part} {seconds:.1f}" for part, seconds in self.loaded.seconds.items())
            took = time.monotonic() - began
            say(
                f"  loaded in {took:.1f} s, {self.posts / took:,.0f} posts/s, the last batch at "
                f"{self.loaded.rates[-1]:,.0f} (seconds: {parts})"
            )

    def ask(self, only: set[str]) -> None:
        """Chooses the pages and looks, once, whether each is the one that it should be.

        Raises:
            ValueError: a page is not.
        """
        if only & {"pages", "soak", "move"}:
            self.pages = targets.targets(timezone.now())
        if only & {"search", "soak"}:
            self.asked = list(questions.questions())
        for one in self.targets:
            targets.count_queries(one)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, setting FROM pg_settings"
                " WHERE name IN ('fsync', 'shared_buffers', 'jit', 'server_version')"
            )
            settings = dict(cursor.fetchall())
        self.about = report.machine(settings.pop("server_version"), settings)

    def save(self) -> None:
        if self.posts >= SAVED_FROM:
            self.saved = measure.saves(SAVES)

    @property
    def answers(self) -> measure.Answers | None:
        """How the search has answered, once it was asked."""
        measured = self.asked and self.asked[0].samples
        return measure.Answers.of(self.asked, self.posts) if measured else None

    @property
    def passes(self) -> bool:
        found = (self.answers, self.ratio, self.saved, self.moved, self.soaked)
        return all(one is None or one.passes for one in found)

    def tell(self, say: Callable[[str], None]) -> None:
        say(f"\n{self.posts:,} posts of {self.words:,} words")
        if self.pages and self.pages[0].samples:
            say(report.table(self.pages))
        if self.answers:
            say(f"\n{report.search_table(self.asked)}\n\n{report.answers(self.answers)}")
        verdicts = (
            self.ratio and report.verdict(self.ratio),
            self.saved and report.saving(self.saved),
            self.moved and report.moving(self.moved),
            self.soaked and report.memory(self.soaked),
        )
        for verdict in filter(None, verdicts):
            say(str(verdict))
        say("  " + ", ".join(f"{key} {value}" for key, value in self.about.items()))

    def write(self, data: Path) -> Path:
        """Writes down what was measured now; what was not stays as an earlier run has left it."""
        file = data / f"posts-{self.size}.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        file.write_text(json.dumps(known | report.as_json(self), indent=2, default=str) + "\n")
        return file
