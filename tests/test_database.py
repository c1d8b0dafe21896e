"""The database that tests run in is a copy, and stays true to the migrations."""

import pytest
from django.db import connection

from tests import database


@pytest.mark.django_db
def test_it_is_copied_from_a_database_that_is_kept_for_the_next_run():
    own = connection.settings_dict["NAME"]
    assert own.startswith("test_")
    template = connection.settings_dict["TEST"]["TEMPLATE"]
    assert database.databases() == [template] == [database.template()]
    assert connection.settings_dict["NAME"] == own


def test_it_is_migrated_anew_when_a_migration_changes(tmp_path):
    files = database.files()
    assert any(file.name == "0002_models.py" for file in files)
    changed = tmp_path / "0002_models.py"
    changed.write_text("one")
    before = database.digest("18.1", [changed])
    changed.write_text("two")
    assert len({before, database.digest("18.1", [changed]), database.digest("18.2", [changed])}) == 3
