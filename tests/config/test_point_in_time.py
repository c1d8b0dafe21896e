"""The recipe for going back to an instant, as the operators' page gives it: its lines are taken from there and run."""

import os
import re
import shutil
import subprocess

import psycopg
import pytest

from config.embedded import binaries, places
from tests.config.servers import ROOT, Ground, environment, wait_until

pytestmark = pytest.mark.kills


def lines(title):
    """The shell lines of the page that begin with this comment."""
    return re.search(rf"```sh\n# {title}\n(.*?)```", (ROOT / "OPERATING.md").read_text(), re.DOTALL)[1]


class Server:
    """A cluster of PostgreSQL's own making, as an operator has one, run by an account that may."""

    def __init__(self, folder):
        self.folder = folder
        self.account = places.find_account(folder)
        self.bin = binaries.reachable(binaries.find(), self.account, folder).folder
        self.env = environment(PATH=f"{self.bin}:{os.environ['PATH']}", PGHOST=str(folder), PGUSER="postgres")
        self.env |= {name: str(folder / name.lower()) for name in ("WAL", "BASE", "NEW")}

    def run(self, words, **more):
        drop = (
            {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
            if self.account.drops
            else {}
        )
        # To a file: a server that is started keeps what it inherits, and nobody would see the end of a pipe.
        with (self.folder / "out").open("w+b") as out:
            done = subprocess.run(
                ["bash", "-euc", words],
                env=self.env | more,
                stdout=out,
                stderr=out,
                cwd="/",
                check=False,
                **drop,
            )
            out.seek(0)
            assert done.returncode == 0, out.read().decode()

    def start(self, name):
        self.run(
            f"pg_ctl -D '{self.folder}/{name}' -w -l '{self.folder}/log' -o \"$OPTIONS\" start",
            OPTIONS=self.options,
        )

    def stop(self, name):
        self.run(f"pg_ctl -D '{self.folder}/{name}' -w -m fast stop")

    @property
    def options(self):
        return f"-c listen_addresses= -c fsync=off -k '{self.folder}'"

    def ask(self, words):
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as one:
            cursor = one.execute(words)
            return [row[0] for row in cursor.fetchall()] if cursor.description else None


@pytest.fixture
def server():
    ground = Ground()
    # Short and without blanks: the recipe's archive_command is a shell's line, and sockets have short names.
    folder = ground.path.rename(ground.path.with_name(f"stratum-pitr-{os.getpid()}"))
    ground.path = folder
    made = Server(folder)
    if made.account.drops:
        os.chown(folder, made.account.uid, made.account.gid)
    folder.chmod(0o700)
    made.run("mkdir $WAL && initdb -D '" + str(folder) + "/old' -U postgres -A trust -N >/dev/null")
    yield made
    for name in ("old", "new"):
        if (folder / name / "postmaster.pid").exists():
            made.stop(name)
    ground.clear()
    shutil.rmtree(folder, ignore_errors=True)


def test_it_goes_back_to_the_instant_before_a_mistake(server):
    server.start("old")
    server.run(lines("switch on"))
    server.stop("old")
    server.start("old")
    server.ask("CREATE TABLE word (text text)")
    server.run(lines("every night"))
    server.ask("INSERT INTO word VALUES ('written after the base')")
    (instant,) = server.ask("SELECT clock_timestamp()::text")
    server.ask("DELETE FROM word")
    (file,) = server.ask("SELECT pg_walfile_name(pg_switch_wal())")
    wait_until((server.folder / "wal" / file).exists, 30, "the log is kept")
    server.stop("old")
    server.run(
        "printf '%s\\n' \"unix_socket_directories = '$PGHOST'\" \"listen_addresses = ''\" >> $BASE/postgresql.auto.conf\n"
        + lines("go back"),
        INSTANT=instant,
    )
    assert server.ask("SELECT text FROM word") == ["written after the base"]
    wait_until(lambda: server.ask("SELECT pg_is_in_recovery()") == [False], 30, "it is promoted")
