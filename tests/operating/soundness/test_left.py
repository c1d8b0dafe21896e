"""Each test leaves behind what a killed command or an absent worker leaves."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import connections
from django.utils import timezone

from blog.models import Touch, servers
from blog.models import direct as databases
from blog.models.move import Move
from blog.operating.soundness import State, left
from tests.config.servers import ROOT, wait_until

HOLDER = """
import sys, time, django
django.setup()
from blog.models import servers
with servers.scratch(sys.argv[1]) as name:
    print(name, flush=True)
    time.sleep(60)
"""


def states(check, **how):
    return [(one.state, one.fixed) for one in check(at=timezone.now(), **{"fix": False} | how)]


@pytest.fixture
def killed(db):
    """A command that works in a scratch database: a function that kills it."""
    words = [sys.executable, "-c", HOLDER, databases.name()]
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    running = subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    name = running.stdout.readline().strip()

    def kill():
        running.send_signal(signal.SIGKILL)
        running.wait()
        wait_until(
            lambda: name in servers.abandoned(databases.name()), 10, "the server knows that it is gone"
        )
        return name

    yield kill
    running.kill()
    running.wait()
    running.stdout.close()
    servers.drop(name)


def test_it_drops_the_database_that_a_killed_command_has_left(killed):
    assert states(left.beside) == states(left.beside, fix=True) == [(State.OK, False)]
    name = killed()
    assert states(left.beside) == [(State.WARNING, False)]
    assert states(left.beside, fix=True) == [(State.WARNING, True)]
    assert not servers.exists(name) and states(left.beside) == [(State.OK, False)]


def test_the_next_command_drops_it_too(killed):
    name = killed()
    with servers.scratch(databases.name()):
        assert not servers.exists(name)


@pytest.mark.django_db
def test_it_leaves_to_the_operator_what_the_site_was_before():
    name = f"{databases.name()[:40]}_former_1_2"
    servers.tell("CREATE DATABASE {} TEMPLATE template0", name)
    try:
        (finding,) = left.beside(at=timezone.now(), fix=True)
        assert f'DROP DATABASE "{name}"' in finding.mend and servers.exists(name)
    finally:
        servers.drop(name)


@pytest.mark.django_db(transaction=True)
def test_it_opens_a_database_that_restore_had_closed_when_it_was_killed():
    connections.close_all()
    servers.tell("ALTER DATABASE {} ALLOW_CONNECTIONS false", databases.name())
    try:
        assert states(left.closed) == [(State.WARNING, False)]
        assert states(left.closed, fix=True) == [(State.WARNING, True)]
        assert states(left.closed) == []
    finally:
        servers.tell("ALTER DATABASE {} ALLOW_CONNECTIONS true", databases.name())


@pytest.mark.django_db
@pytest.mark.parametrize("note", [Touch(kind="p", name="x"), Move(moves=1)], ids=["touch", "move"])
def test_it_collects_notes_for_which_no_worker_came(note, monkeypatch):
    monkeypatch.setattr(left, "MANY", 3)
    for model in (Touch, Move):
        model.objects.all().delete()
    assert states(left.notes) == [(State.OK, False)]
    type(note).objects.bulk_create(
        type(note)(**{k: v for k, v in vars(note).items() if k in {"kind", "name", "moves"}})
        for _ in range(5)
    )
    assert states(left.notes) == [(State.WARNING, False)]
    assert states(left.notes, fix=True) == [(State.WARNING, True)]
    assert states(left.notes) == [(State.OK, False)]
