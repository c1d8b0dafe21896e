"""Whether anybody notices that a large category moves: readers read and an editor saves all the while."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from django.db import connection
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from blog.models import Category, Post
from blog.publishing import categories
from blog.transfer.synthetic import corpus

from . import client, measure, server

MOST_POSTS = 100_000
AWAY = "elsewhere"
"""The root to which it moves."""

PAUSE = 0.05
SLOWER = 2.0
"""How much longer readers may wait while it moves: the worker has a core's work."""
SAVE_MS = 1_000
"""What no save may exceed, not even of a post that is just being filed anew."""


@dataclass
class Moved:
    """Milliseconds that readers and an editor waited, before and while a category moved below another."""

    posts: int
    move_ms: float = 0
    """The move itself, after which all addresses are right."""
    seconds: float = 0
    """Until a worker had written all listings of the new ancestors."""
    before: list[float] = field(default_factory=list)
    during: list[float] = field(default_factory=list)
    saves: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """What ended a reader, the editor or the move before its time."""

    def p95(self, name: str) -> float:
        found: list[float] = getattr(self, name)
        return measure.percentile(found, 0.95) if found else 0

    @property
    def passes(self) -> bool:
        return (
            not self.failures
            and self.p95("during") <= SLOWER * self.p95("before")
            and max(self.saves, default=0) < SAVE_MS
            and self.move_ms < SAVE_MS
        )


def move(env: dict[str, str], port: int, pages: list[str], log: Path, say: Callable[[str], None]) -> Moved:
    """Moves the largest category that has not more than MOST_POSTS, with all below it, under another root, or back from
    there, while one reader reads the pages in turn and one editor saves posts of it, with a worker as on a real site.

    `env` is the worker's environment, `pages` are paths.
    """
    category, posts = _largest()
    parent = elsewhere(category)
    # What other measurements have left, and what their workers had in hand: there is none at work now.
    DBTaskResult.objects.filter(status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]).delete()
    found, over = Moved(posts), threading.Event()
    _read(port, pages * 4, found.before, threading.Event())
    editing = threading.Thread(target=noting(found.failures, _save), args=(category, found.saves, over))
    reading = threading.Thread(
        target=noting(found.failures, _read), args=(port, cycle(pages), found.during, over)
    )
    with log.open("wb") as out:
        worker = subprocess.Popen(
            [sys.executable, "-m", "config.serving", "work"], cwd=server.ROOT, env=env, stdout=out, stderr=out
        )
    try:
        editing.start()
        reading.start()
        began = time.perf_counter()
        category.parent = parent
        categories.save(category)
        found.move_ms = (time.perf_counter() - began) * 1_000
        while (left := _left()) and editing.is_alive() and reading.is_alive():
            say(f"  moving {category.path}: {left} to go after {time.perf_counter() - began:.0f} s")
            time.sleep(5)
        found.seconds = time.perf_counter() - began
    finally:
        over.set()
        editing.join()
        reading.join()
        worker.terminate()  # it ends what it has begun: thousands of posts
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(server.GRACE)
        worker.kill()
        worker.wait()
    return found


def noting(failures: list[str], work: Callable[..., None]) -> Callable[..., None]:
    """The work of a thread, which writes down what has ended it: nobody else would hear of it."""

    def done(*args: Any) -> None:
        try:
            work(*args)
        except Exception as error:
            failures.append(f"{work.__name__.strip('_')}: {error!r}")

    return done


def _largest() -> tuple[Category, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT category_id, sum(posts) FROM blog_tally JOIN blog_category AS one ON one.id = category_id"
            " WHERE path <> %s GROUP BY category_id HAVING sum(posts) <= %s ORDER BY 2 DESC, 1 LIMIT 1",
            [AWAY, MOST_POSTS],
        )
        pk, posts = cursor.fetchone()
    return Category.objects.get(pk=pk), int(posts)


def elsewhere(category: Category) -> Category | None:
    """The parent it moves to: a root of its own, where no other has its slug, or back to the one it was loaded with."""
    homes = [place.path for place in corpus.tree() if place.name == category.name]
    if category.path in homes:
        return Category.objects.get_or_create(path=AWAY, defaults={"name": "Elsewhere", "slug": AWAY})[0]
    home = next(path for path in homes if not Category.objects.filter(path=path).exists())
    return Category.objects.filter(path=home.rpartition("/")[0]).first()


def _left() -> int:
    """How many tasks that file posts anew wait or run."""
    waiting = DBTaskResult.objects.filter(task_path__endswith=".refile_below")
    return waiting.filter(status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]).count()


def _read(port: int, pages: Iterable[str], took: list[float], over: threading.Event) -> None:
    reader = client.Reader(port)
    for page in pages:
        if over.is_set():
            break
        took.append(reader.get(page, also=(301,))[0])  # what has moved leads on
        time.sleep(PAUSE)
    reader.close()


def _save(category: Category, took: list[float], over: threading.Event) -> None:
    """Saves the category's posts from the last one on, towards the worker."""
    for pk in category.posts.order_by("-pk").values_list("pk", flat=True).iterator(chunk_size=100):
        if over.is_set():
            break
        took.append(measure.save(Post.objects.get(pk=pk)))
        time.sleep(PAUSE)
    connection.close()
