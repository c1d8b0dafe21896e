"""Fixtures of all tests. PostgreSQL is always a real one: DATABASE_URL's, or the embedded server with data of its own."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

if not os.environ.get("DATABASE_URL"):
    os.environ.setdefault("STRATUM_DATA", str(Path(__file__).resolve().parent.parent / "var" / "tests"))
    # Its data live as long as the tests; to wait for the disk would keep nothing that anybody wants.
    os.environ.setdefault(
        "STRATUM_PG_OPTIONS", "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    )
os.environ.setdefault("SECRET_KEY", "tests-only-" + "0" * 50)


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
    is committed, for its threads to see, and all tables are emptied when the module ends.
    """
    from django.conf import settings
    from django.core.management import call_command
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("module")
    with django_db_blocker.unblock(), override_settings(**storage_in(folder, settings.STORAGES)):
        yield folder
        call_command("flush", verbosity=0, interactive=False)


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
    """The test database, in which what migrations wrote outlives the tests that commit: these empty all tables.

    pytest-django makes one only where a test bears its mark. A run of tests that have rows by `committed_rows` alone
    would else be given the real database, and empty it.
    """
    from django.apps import apps
    from django.core import serializers
    from django.core.management.color import no_style
    from django.db import connection
    from django.db.models.signals import post_migrate
    from django.test.utils import setup_databases, teardown_databases

    made = None
    if not str(connection.settings_dict["NAME"]).startswith("test_"):
        with django_db_blocker.unblock():
            made = setup_databases(verbosity=0, interactive=False)
    blog = apps.get_app_config("blog")
    with django_db_blocker.unblock():
        rows = [row for model in blog.get_models() for row in model._base_manager.all()]
    written = serializers.serialize("json", rows)

    def write_again(**told):
        if "plan" not in told:  # the tables were emptied, not migrated
            for row in serializers.deserialize("json", written):
                row.save()
            # Their keys came along; the next row must not be given one of them.
            with connection.cursor() as cursor:
                for statement in connection.ops.sequence_reset_sql(no_style(), list(blog.get_models())):
                    cursor.execute(statement)

    post_migrate.connect(write_again, sender=blog, weak=False)
    yield
    if made:
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=0)


def pytest_collection_modifyitems(items):
    """Files keep together, slow ones first, so that both workers end at the same time.

    Within a file the tests that commit come first and those with `module_rows` last: neither could bear the
    transaction that stays open from then on, nor the rows in it.
    """
    first = {}
    for place, item in enumerate(items):
        first.setdefault(item.path, place)
    slow = {
        item.path for item in items if item.get_closest_marker("kills") or item.get_closest_marker("browser")
    }

    def order(item):
        shares = "module_rows" in item.fixturenames
        return item.path not in slow, first[item.path], 2 if shares else 1 - is_transactional(item)

    items.sort(key=order)


def is_transactional(item):
    """Whether a test commits, and empties all tables when it is done."""
    mark = item.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction")) or not {
        "transactional_db",
        "live_server",
    }.isdisjoint(item.fixturenames)
