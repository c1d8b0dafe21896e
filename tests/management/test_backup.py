"""The commands say in a sentence what was done, or what was not."""

import os
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from blog.models import direct as databases
from blog.models import servers
from blog.models.direct import direct, standing_in
from tests.config.servers import ROOT, wait_until
from tests.pages.cache.processes import database_url

# The command up to the moment when it reads the rows, at which it stands still.
ENDED = """
import sys, time, django
django.setup()
from django.core.management import call_command
from blog.transfer.backup import snapshot
snapshot.tables = lambda: time.sleep(60)
call_command("backup", sys.argv[1])
"""

pytestmark = pytest.mark.django_db(transaction=True)


def begun(out):
    """The command in a process of its own, on the test's database."""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url()}
    return subprocess.Popen([sys.executable, "-c", ENDED, str(out)], cwd=ROOT, env=env)


def test_it_makes_and_proves_a_backup(tmp_path):
    out = StringIO()
    call_command("backup", str(tmp_path / "site.tar"), stdout=out, pages=0)
    assert "site.tar:" in out.getvalue() and "SHA-256" in out.getvalue()
    call_command("verify_backup", str(tmp_path / "site.tar"), stdout=out)
    assert "UTC works:" in out.getvalue()
    with pytest.raises(CommandError, match="there already"):
        call_command("backup", str(tmp_path / "site.tar"))


@pytest.mark.parametrize("command", ["restore", "verify_backup"])
def test_it_says_what_is_no_backup(tmp_path, command):
    with pytest.raises(CommandError, match="is no backup"):
        (tmp_path / "x").write_bytes(b"x" * 9_000)
        call_command(command, str(tmp_path / "x"))


def test_it_leaves_nothing_when_it_is_told_to_end(tmp_path):
    """As a timer's or a machine's stop does it, in the middle of the work."""
    out = tmp_path / "site.tar"
    running = begun(out)
    wait_until(lambda: list(tmp_path.iterdir()), 60, "it writes")
    running.terminate()
    assert running.wait(30) == 143
    assert list(tmp_path.iterdir()) == []


def test_it_takes_away_what_one_has_left_that_was_killed(tmp_path):
    killed, alive = begun(tmp_path / "a.tar"), begun(tmp_path / "b.tar")
    try:
        wait_until(lambda: len(list(tmp_path.iterdir())) == 2, 60, "both write")
        killed.kill()
        killed.wait()
        call_command("backup", str(tmp_path / "c.tar"), pages=0)
        left = sorted(path.name for path in tmp_path.iterdir())
    finally:
        alive.kill()
        alive.wait()
    assert len(left) == 2 and left[0].startswith(".b.tar.") and left[1] == "c.tar"


def test_it_says_that_there_is_no_site(tmp_path):
    name = f"{databases.name()}_empty"
    servers.drop(name)
    servers.tell("CREATE DATABASE {} TEMPLATE template0", name)
    try:
        with standing_in(direct(name)), pytest.raises(CommandError, match=f"{name} has no tables"):
            call_command("backup", str(tmp_path / "site.tar"))
    finally:
        servers.drop(name)
    assert list(tmp_path.iterdir()) == []
