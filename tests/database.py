"""The test database: migrated once, copied for each worker and each run, until a migration changes; and what brings it
back to how it was after a test that commits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "template_" + hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
"""Of this checkout: two of them on one server must not drop each other's."""


def files() -> list[Path]:
    """What a migrated database depends on: all migrations, and the models that they take defaults and types from."""
    found = [file for app in apps.get_app_configs() for file in Path(app.path, "migrations").glob("*.py")]
    return sorted([*found, *Path(apps.get_app_config("blog").path, "models").rglob("*.py")])


def digest(server: str, files: list[Path]) -> str:
    """A name for what this server makes of these files."""
    found = hashlib.sha256(server.encode())
    for file in files:
        found.update(f"{file.name}\0".encode() + file.read_bytes())
    return found.hexdigest()[:12]


def template() -> str:
    """The name of a database in which all migrations have run; makes it where there is none."""
    with maintenance() as cursor:
        cursor.execute("SHOW server_version")
        name = f"{PREFIX}_{digest(cursor.fetchone()[0], files())}"
    with taking_turns():
        if name not in databases():
            for old in databases():
                execute(f'DROP DATABASE "{old}"')
            # Under a name of its own until it is whole: the run that makes it may be ended.
            making = f"{PREFIX}_making"
            told = connection.settings_dict
            own, test = told["NAME"], told["TEST"]["NAME"]
            told["TEST"]["NAME"] = making
            try:
                connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            finally:
                connection.close()
                told["TEST"]["NAME"] = test
                told["NAME"] = settings.DATABASES["default"]["NAME"] = own
            execute(f'ALTER DATABASE "{making}" RENAME TO "{name}"')
            # No connection, not even one that vacuums, may stand in the way of a copy.
            execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    return name


def databases() -> list[str]:
    """The templates of this checkout."""
    with maintenance() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{PREFIX}_"])
        return [name for (name,) in cursor]


def execute(words: str) -> None:
    with maintenance() as cursor:
        cursor.execute(words)


@contextmanager
def maintenance() -> Iterator:
    """A cursor outside all databases of tests."""
    with connection._nodb_cursor() as cursor:
        yield cursor


@contextmanager
def taking_turns() -> Iterator[None]:
    """One worker at a time, however many start at once."""
    with maintenance() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
        yield


class Beginning:
    """What the tables hold before the first test, which is what migrations wrote."""

    def __init__(self) -> None:
        self.marks = marks()
        self.rows = {table: rows(table) for table, mark in self.marks.items() if mark}

    def restore(self) -> None:
        """Undo what was committed since. Most tests write a few tables; only these, and those that refer to them, are
        emptied, and only what was there in the beginning is written again, with the keys that it had.

        A server may still be at what the test's browser asked last. Where both wait for each other, this is what
        PostgreSQL ends, and it begins anew."""
        for left in reversed(range(5)):
            try:
                self._restore()
                break
            except OperationalError as error:
                if not left or not isinstance(error.__cause__, DeadlockDetected):
                    raise

    def _restore(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            now = marks()
            changed = {table for table in now if now[table] != self.marks.get(table)}
            if changed:
                changed = with_referrers(changed)
                cursor.execute(f"TRUNCATE {', '.join(map(quoted, sorted(changed)))}")
                for table in changed & self.rows.keys():
                    columns, words = self.rows[table]
                    with cursor.copy(f"COPY {quoted(table)} ({columns}) FROM STDIN") as copy:
                        copy.write(words)
        ContentType.objects.clear_cache()


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


LEFT_ALONE = ["django_migrations", "blog_move"]
"""The second counts what readers could notice, this bringing back among it, and must never count backwards."""


def marks() -> dict[str, str | None]:
    """For each table a digest of its rows; None where it is empty."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%s)",
            [LEFT_ALONE],
        )
        tables = [name for (name,) in cursor]
        digest = "(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t)"
        cursor.execute("SELECT " + ", ".join(digest.format(quoted(table)) for table in tables))
        return dict(zip(tables, cursor.fetchone(), strict=True))


def rows(table: str) -> tuple[str, bytes]:
    """Its columns, but for those that PostgreSQL computes, and what COPY reads of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            [quoted(table)],
        )
        (columns,) = cursor.fetchone()
        with cursor.copy(f"COPY {quoted(table)} ({columns}) TO STDOUT") as copy:
            return columns, b"".join(copy)


def with_referrers(tables: set[str]) -> set[str]:
    """These tables and all that refer to them, directly or not: TRUNCATE takes them together or not at all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE found AS (SELECT unnest(%s::text[])::regclass::oid AS id UNION"
            " SELECT conrelid FROM pg_constraint JOIN found ON confrelid = id WHERE contype = 'f')"
            " SELECT relname FROM found JOIN pg_class ON pg_class.oid = id",
            [[quoted(table) for table in tables]],
        )
        return {name for (name,) in cursor}
