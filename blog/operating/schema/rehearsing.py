"""What pending migrations will do, found out before they do it.

Each runs in an empty copy of the site's database, where its locks are read from PostgreSQL while it holds them; how
many rows they concern is asked of the site itself.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from blog.models import servers
from blog.models.direct import direct, standing_in

from . import unsafe
from .migrating import CONCURRENT, LONG_TRANSACTIONS
from .scratch import empty_copy

STRENGTH = [
    "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock",
    "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
]  # fmt: skip
"""Kinds of locks, weakest first: https://www.postgresql.org/docs/current/explicit-locking.html"""
SHOWN = STRENGTH.index("ShareUpdateExclusiveLock")
LOCKS = """
    SELECT c.relname, l.mode, c.relfilenode FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
    WHERE l.pid = %s AND l.granted AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
"""
SIZES = """
    SELECT relname, reltuples::bigint, pg_table_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
READS = re.compile(r"\bINDEX\b|\bVALIDATE\b|\bSET NOT NULL\b|\bTYPE\b|^(UPDATE|DELETE|SELECT|INSERT)\b", re.I)
NOISE = re.compile(r'SELECT|SET |SAVEPOINT|RELEASE|(INSERT INTO|DELETE FROM) "django_migrations"', re.I)
"""What every migration says, or changes nothing."""
SAMPLE = 16 << 20
"""Bytes of the site's largest table that are read to learn how fast that is."""
WRITING = 6
"""How many times longer than reading it is taken to be: to sort for an index, or to rewrite. An estimate."""


@dataclass
class Step:
    """A statement: the tables that it locked, with the strongest lock on each, and its seconds in the empty copy."""

    words: str
    locks: dict[str, str]
    seconds: float
    rewrites: set[str] = field(default_factory=set)


@dataclass
class Rehearsed:
    """A pending migration. `held`: all locks of its transaction, to whose end they are kept; of each statement, where
    there is none. `rows` and `bytes` are the site's. `seconds`: about how long it will take there."""

    name: str
    atomic: bool
    steps: list[Step]
    held: dict[str, str]
    rows: dict[str, int]
    bytes: dict[str, int]
    seconds: float
    dangers: list[str]


def rehearse() -> Iterator[Rehearsed]:
    """Run every pending migration in a copy, one after the other; the site's tables are only counted.

    Raises:
        CannotWork: there can be no copy.
        Error: a migration fails, as it would on the site.
    """
    with servers.standing(direct()) as site, site.cursor() as cursor:
        cursor.execute(SIZES)
        sizes = {table: (_rows(site, table, rows, size), size) for table, rows, size in cursor.fetchall()}
        speed = _reading_speed(site, sizes)
    with empty_copy() as name, standing_in(direct(name)) as copy:
        executor = MigrationExecutor(copy)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        graph = executor.loader.graph
        state = executor.loader.project_state(
            [key for key in executor.loader.applied_migrations if key in graph.nodes]
        )
        released = executor.loader.project_state([("blog", unsafe.RELEASES[-1])])
        for migration, _ in plan:
            ours = migration.app_label == "blog"
            dangers = unsafe.dangers(migration, state, released) if ours else []
            watch = Watch(copy, set(sizes))
            with copy.execute_wrapper(watch):
                state = executor.apply_migration(state, migration)
            yield _told(
                f"{migration.app_label}.{migration.name}",
                migration.atomic,
                watch.steps,
                sizes,
                speed,
                dangers,
            )


def in_the_way() -> list[str]:
    """Who has had a transaction open on the site for more than a second: a migration would have to wait for them."""
    with servers.standing(direct()) as site, site.cursor() as cursor:
        cursor.execute(LONG_TRANSACTIONS)
        return [f"process {pid} ({user}, {age} s): {query}" for pid, user, _, age, query in cursor.fetchall()]


def _told(
    name: str,
    atomic: bool,
    steps: list[Step],
    sizes: dict[str, tuple[int, int]],
    speed: float,
    dangers: list[str],
) -> Rehearsed:
    held: dict[str, str] = {}
    seconds = 0.0
    for step in steps:
        for table, mode in step.locks.items():
            held[table] = stronger(held.get(table, mode), mode)
        seconds += step.seconds
        touched = step.rewrites or (step.locks if READS.search(step.words) else {})
        size = sum(sizes[table][1] for table in touched if table in sizes)
        seconds += size / speed * (WRITING if step.rewrites or "INDEX" in step.words.upper() else 1)
    known = {table: sizes[table] for table in held if table in sizes}
    rows = {table: count for table, (count, _) in known.items()}
    return Rehearsed(
        name, atomic, steps, held, rows, {t: size for t, (_, size) in known.items()}, seconds, dangers
    )


def stronger(one: str, other: str) -> str:
    return max(one, other, key=STRENGTH.index)


def waits(mode: str) -> str:
    """Who can't go on while somebody has such a lock."""
    if mode == "AccessExclusiveLock":
        return "readers and writers wait"
    return "writers wait" if STRENGTH.index(mode) > SHOWN else "nobody waits"


def _rows(site: BaseDatabaseWrapper, table: str, known: int, size: int) -> int:
    """How many rows a table has: a small one is counted, for what PostgreSQL knows may be of a day when it was empty;
    of a large one, about, what PostgreSQL knows."""
    if size > SAMPLE:
        return max(known, 0)
    return int(servers.ask(site, f'SELECT count(*) FROM "{table}"'))  # noqa: S608 - a name of pg_class


def _reading_speed(site: BaseDatabaseWrapper, sizes: dict[str, tuple[int, int]]) -> float:
    """Bytes a second, measured on a part of the largest table; a careful guess where there is next to nothing."""
    table, (_, size) = max(sizes.items(), key=lambda pair: pair[1][1], default=("", (0, 0)))
    if size < SAMPLE // 4:
        return 50e6
    part = min(1.0, SAMPLE / size)
    began = time.perf_counter()
    servers.ask(site, f'SELECT count(*) FROM "{table}" TABLESAMPLE SYSTEM ({100 * part})')  # noqa: S608 - a name of pg_class
    return size * part / max(time.perf_counter() - began, 1e-3)


class Watch:
    """Wraps the statements of the copy's connection, and reads the locks that each has taken while it has them."""

    def __init__(self, copy: BaseDatabaseWrapper, tables: set[str]) -> None:
        self.copy, self.tables = copy, tables
        self.steps: list[Step] = []
        self._held: dict[str, str] = {}
        with copy.cursor() as cursor:
            cursor.execute(
                "SELECT relname, relfilenode FROM pg_class WHERE relname = ANY(%s)", [list(tables)]
            )
            self._files: dict[str, int] = dict(cursor.fetchall())

    def __call__(self, execute: Callable[..., Any], words: Any, params: Any, many: bool, context: Any) -> Any:
        text = " ".join(str(words).split())
        raw = self.copy.connection
        began = time.perf_counter()
        if self.copy.in_atomic_block:
            result = execute(words, params, many, context)
            self._note(text, raw.execute(LOCKS, [raw.info.backend_pid]).fetchall(), began)
            return result
        self._held = {}
        if CONCURRENT.match(text):
            with Beside(str(self.copy.settings_dict["NAME"]), raw.info.backend_pid, text) as beside:
                result = execute(words, params, many, context)
            self._note(text, beside.locks, began)
            return result
        raw.execute("BEGIN")
        try:
            result = execute(words, params, many, context)
            self._note(text, raw.execute(LOCKS, [raw.info.backend_pid]).fetchall(), began)
        except Error:
            raw.execute("ROLLBACK")
            raise
        raw.execute("COMMIT")
        return result

    def _note(self, text: str, rows: list[Any], began: float) -> None:
        seconds = time.perf_counter() - began
        locks: dict[str, str] = {}
        rewrites = set()
        for table, mode, file in rows:
            if table in self.tables:
                locks[table] = stronger(locks.get(table, mode), mode)
                if self._files.get(table, file) != file:
                    rewrites.add(table)
                self._files[table] = file
        # What former statements of the transaction have locked is theirs.
        fresh = {
            table: mode
            for table, mode in locks.items()
            if STRENGTH.index(mode) >= SHOWN and (self._held.get(table) != mode or table in rewrites)
        }
        self._held = locks
        if not NOISE.match(text):
            self.steps.append(Step(text, fresh, seconds, rewrites))


class Beside:
    """Looks at the locks of an index that is built beside the traffic: a writer of ours keeps its builder waiting, as
    writers of the site will, until the locks have been read."""

    def __init__(self, copy: str, pid: int, words: str) -> None:
        self.copy, self.pid = copy, pid
        self.locks: list[Any] = []
        table = re.search(r'\bON (?:ONLY )?"?(\w+)"?', words, re.I)
        self.table = table[1] if table else ""
        self.done = threading.Event()

    def __enter__(self) -> Beside:
        self.writer = direct(self.copy)
        self.writer.ensure_connection()
        self.look = direct(self.copy)
        self.look.ensure_connection()
        # Used in the thread alone from now on.
        for each in (self.writer, self.look):
            each.inc_thread_sharing()
        if self.table:
            self.writer.connection.execute("BEGIN")
            self.writer.connection.execute(f'LOCK TABLE "{self.table}" IN ROW EXCLUSIVE MODE')
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()
        return self

    def _watch(self) -> None:
        until = time.monotonic() + 5
        while not self.done.is_set() and time.monotonic() < until:
            rows = self.look.connection.execute(LOCKS, [self.pid]).fetchall()
            if rows:
                self.locks = rows
                break
            time.sleep(0.005)
        if self.table:
            self.writer.connection.execute("ROLLBACK")

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()
        self.writer.close()
        self.look.close()
