from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from blog.models import servers
from blog.models.direct import direct, name, standing_in
from blog.operating.soundness import State, machine
from blog.publishing.tasks import tidy_listings

pytestmark = pytest.mark.django_db


def test_it_names_an_extension_that_is_not_there_and_how_to_get_it(monkeypatch):
    (finding,) = machine.extensions()
    assert finding.state == State.OK
    monkeypatch.setattr(machine, "EXTENSIONS", {"unaccent", "of_another_world"})
    (finding,) = machine.extensions()
    assert finding.state == State.FAILURE and "CREATE EXTENSION of_another_world" in finding.mend


def test_it_tells_of_a_key_that_others_may_read(settings, tmp_path):
    settings.DATA = tmp_path
    (tmp_path / "secret_key").write_text("x" * 50)
    (tmp_path / "secret_key").chmod(0o644)
    found = {one.name: one for one in machine.rights()}
    assert found["secret key"].state == State.FAILURE
    (tmp_path / "secret_key").chmod(0o600)
    assert "secret key" not in {one.name for one in machine.rights()}


def test_it_warns_of_error_pages_that_show_the_code(settings):
    settings.DEBUG = True
    assert "DEBUG" in {one.name for one in machine.rights()}


def test_it_counts_what_has_failed_lately():
    tidy_listings.enqueue()
    DBTaskResult.objects.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
    (finding,) = machine.failed_tasks(at=timezone.now())
    assert finding.state == State.WARNING and "tidy_listings" in finding.words
    (finding,) = machine.failed_tasks(at=timezone.now() + timedelta(days=8))
    assert finding.state == State.OK


def test_it_says_what_everything_runs_on():
    words = " ".join(one.words for one in machine.versions())
    assert "Django 5.2" in words and "Python 3" in words


@pytest.mark.parametrize(("letters", "state"), [("C", State.WARNING), ("C.UTF-8", State.OK)])
def test_it_tells_of_a_database_that_takes_quotation_marks_for_letters(letters, state):
    other = f"{name()}_letters"
    servers.drop(other)
    servers.tell(f"CREATE DATABASE {{}} TEMPLATE template0 LC_CTYPE '{letters}'", other)
    try:
        with standing_in(direct(other)):
            (finding,) = machine.letters()
    finally:
        servers.drop(other)
    assert finding.state == state
