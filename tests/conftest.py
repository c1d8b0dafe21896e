"""Fixtures of all tests. PostgreSQL is always a real one: DATABASE_URL's, or the embedded server (`settings.py`)."""

import gc
import shutil
from datetime import UTC, datetime
from itertools import islice

import pytest


def storage_in(folder, storages):
    """Settings that put uploads below this folder."""
    return {
        "MEDIA_ROOT": folder / "media",
        "STORAGES": storages
        | {
            "originals": {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": folder / "originals", "base_url": None},
            }
        },
    }


@pytest.fixture(autouse=True)
def storage_of_its_own(request, settings, tmp_path):
    """No test sees another's uploads, and none writes below the data folder."""
    if "committed_rows" in request.fixturenames:
        return
    if "module_rows" in request.fixturenames:
        shutil.copytree(request.getfixturevalue("module_rows"), tmp_path, dirs_exist_ok=True)
    for name, value in storage_in(tmp_path, settings.STORAGES).items():
        setattr(settings, name, value)


@pytest.fixture(scope="module")
def module_rows(request, django_db_setup, django_db_blocker, tmp_path_factory):
    """Lets a fixture of the module's scope make rows once for all tests of the module that ask for it.

    The rows stand in a transaction that ends, rolled back, with the module. The one that each test has of its own
    becomes a savepoint in it, so a test may change the rows, and the next finds them as they were made; objects
    in memory are not made anew, so tests fetch the rows that they change. Uploads are copied for each test.

        @pytest.fixture(scope="module")
        def edition(module_rows): make.post(…)

    Tests of the module that do without run before it, see `pytest_collection_modifyitems`.
    """
    from django.conf import settings
    from django.db import transaction
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("module")
    with (
        django_db_blocker.unblock(),
        override_settings(**storage_in(folder, settings.STORAGES)),
        transaction.atomic(),
    ):
        yield folder
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def committed_rows(django_db_setup, django_db_blocker, tmp_path_factory):
    """Like `module_rows`, for a module whose tests look at the site through a server and change nothing: what is made
    is committed, for its threads to see, and undone when the module ends.
    """
    from django.conf import settings
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("module")
    with django_db_blocker.unblock(), override_settings(**storage_in(folder, settings.STORAGES)):
        yield folder
        django_db_setup.restore()


@pytest.fixture(scope="session")
def chromium():
    """The program; where there is none, tests in a browser say so and are skipped."""
    from tests import programs

    return programs.find("chromium-headless-shell", "chromium", "chromium-browser")


@pytest.fixture(scope="session")
def now():
    """The instant at which tests take place; nothing below a view reads the clock."""
    return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_blocker):
    """The test database is a copy of one that has been migrated, by this run or by an earlier one."""
    from django.db import connection

    from tests import database

    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = database.template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database, in which what migrations wrote outlives the tests that commit.

    pytest-django makes one only where a test bears its mark. A run of tests that have rows by `committed_rows` alone
    would else be given the real database, and empty it.
    """
    from django.db import connection
    from django.test import TransactionTestCase
    from django.test.utils import setup_databases, teardown_databases

    from tests import database

    made = None
    if not str(connection.settings_dict["NAME"]).startswith("test_"):
        with django_db_blocker.unblock():
            made = setup_databases(verbosity=0, interactive=False)
    with django_db_blocker.unblock():
        beginning = database.Beginning()
    # Django's own way empties every table after each such test, and makes content types and permissions anew.
    flush, TransactionTestCase._fixture_teardown = (
        TransactionTestCase._fixture_teardown,
        lambda test: beginning.restore(),
    )
    yield beginning
    TransactionTestCase._fixture_teardown = flush
    if made:
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=0)


def pytest_collection_finish(session):
    """What is loaded by now stays until the end; to look through it for garbage again and again took a fifth of the
    time of tests of the admin."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_collection_modifyitems(items):
    """Files keep together. Those that start servers and browsers come early, for they are long, and each is followed by two
    of the others: they mostly wait, and the cores would wait with them. Then come those marked as long, so that all workers
    end at the same time.

    Within a file the tests that commit come first and those with `module_rows` last: neither could bear the
    transaction that stays open from then on, nor the rows in it.
    """
    first = {}
    for place, item in enumerate(items):
        first.setdefault(item.path, place)
    waiting = {item.path for item in items if has_marker(item, "kills", "browser")}
    long = {item.path for item in items if has_marker(item, "long")}
    working = sorted(first.keys() - waiting, key=lambda path: (path not in long, first[path]))
    files, others = [], iter(working)
    for path in sorted(waiting, key=first.get):
        files += [path, *islice(others, 2)]
    place = {path: n for n, path in enumerate([*files, *others])}

    def order(item):
        shares = "module_rows" in item.fixturenames
        return place[item.path], 2 if shares else 1 - is_transactional(item)

    items.sort(key=order)


def has_marker(item, *names):
    return any(item.get_closest_marker(name) for name in names)


def is_transactional(item):
    """Whether a test commits; what it wrote is undone when it is done."""
    mark = item.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction")) or not {
        "transactional_db",
        "live_server",
    }.isdisjoint(item.fixturenames)


@pytest.fixture
def worker(db):
    """A worker's sign of life: a connection that holds the lock. Closing it is the worker's end."""
    import psycopg
    from django.db import connection

    from blog.publishing import workers

    given = {
        k: v for k, v in connection.get_connection_params().items() if k not in ("cursor_factory", "context")
    }
    line = psycopg.connect(**given, autocommit=True)
    line.execute(workers.HOLD, [workers.AT_WORK])
    yield line
    line.close()
