"""The database that tests run in is a copy, and stays true to the migrations."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from blog.models import LearningLevel
from tests import database, make


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


@pytest.mark.django_db(transaction=True)
def test_it_is_as_it_was_after_a_test_that_commits(django_db_setup):
    before = database.marks()
    level, kept = LearningLevel.objects.get(number=300), ContentType.objects.get_for_model(LearningLevel).pk
    make.post("Queues", tags=["load"])
    LearningLevel.objects.filter(number=300).update(description="Changed.")
    ContentType.objects.create(app_label="blog", model="passing")
    assert database.marks() != before
    django_db_setup.restore()
    assert database.marks() == before
    assert LearningLevel.objects.get(number=300).pk == level.pk
    assert ContentType.objects.get_for_model(LearningLevel).pk == kept
    assert make.post("Locks").pk
