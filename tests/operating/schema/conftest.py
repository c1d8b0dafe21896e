import sys

import pytest
from django.core.management import call_command
from django.db import connection

LAST = "blog.migrations"


@pytest.fixture
def more_migrations(tmp_path, settings, transactional_db):
    """A function that adds migrations to the site's, each from the lines of its class; all are undone afterwards."""
    import importlib
    import pkgutil

    real = importlib.import_module(LAST)
    newest = max(module.name for module in pkgutil.iter_modules(real.__path__) if module.name[0].isdigit())
    package = f"migrations_{tmp_path.name.replace('-', '_')}"
    folder = tmp_path / package
    folder.mkdir()
    (folder / "__init__.py").write_text(f"import {LAST}\n__path__ = [*__path__, *{LAST}.__path__]\n")
    sys.path.insert(0, str(tmp_path))
    settings.MIGRATION_MODULES = {"blog": package}
    names = [newest]

    def add(name: str, body: str, *, before: str = "") -> None:
        lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
        (folder / f"{name}.py").write_text(
            "from django.contrib.postgres.operations import *\nfrom django.db import migrations, models\n"
            f"{before}\n\nclass Migration(migrations.Migration):\n"
            f"    dependencies = [('blog', '{names[-1]}')]\n{lines}\n"
        )
        importlib.invalidate_caches()
        names.append(name)

    yield add
    call_command("migrate", "blog", newest, verbosity=0)
    sys.path.remove(str(tmp_path))
    connection.close()
