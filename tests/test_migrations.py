"""The whole schema can be taken back and brought again."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from blog.models import LearningLevel

pytestmark = pytest.mark.long
LEFT = """
    SELECT relname FROM pg_class WHERE relname LIKE 'blog\\_%%'
    UNION SELECT proname FROM pg_proc WHERE proname LIKE 'blog\\_%%'
    UNION SELECT cfgname FROM pg_ts_config WHERE cfgname = 'stratum'
"""


@pytest.mark.django_db(transaction=True)
def test_it_leaves_nothing_behind_when_every_migration_is_reversed():
    try:
        call_command("migrate", "blog", "zero", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(LEFT)
            assert cursor.fetchall() == []
    finally:
        call_command("migrate", verbosity=0)
    assert LearningLevel.objects.count() == 4


def test_it_can_reverse_every_operation():
    loader = MigrationExecutor(None).loader
    for (app, name), migration in loader.disk_migrations.items():
        if app == "blog":
            assert all(operation.reversible for operation in migration.operations), name


def test_it_names_and_explains_every_migration():
    import importlib
    import pkgutil

    import blog.migrations

    for module in pkgutil.iter_modules(blog.migrations.__path__):
        text = importlib.import_module(f"blog.migrations.{module.name}").__doc__
        assert text and "code" in text, f"{module.name} does not say how older code lives with it"
        assert "auto" not in module.name
