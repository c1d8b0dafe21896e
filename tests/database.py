"""The test database: migrated once, copied for each worker and each run, until a migration changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection

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
