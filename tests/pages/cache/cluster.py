"""A PostgreSQL server that a test may stop, freeze, fill and slow down, with a small site in it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.embedded import binaries, places
from tests.bench import server as bench
from tests.config.servers import ROOT

FILL = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth import get_user_model
from tests import make
for number in range(30):
    make.post(f"Post {number}", slug=f"p{number}", tags=["Queues"])
get_user_model().objects.create_superuser("ed", password="a long password")
"""


class Cluster:
    """Its data and its socket lie in one folder; `url` leads to the site's database."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="stratum-pg-"))
        self.account = places.find_account(self.folder)
        self.programs = binaries.reachable(binaries.find(), self.account, self.folder)
        self.folder.chmod(0o700)
        self.drop = {}
        if self.account.drops:
            os.chown(self.folder, self.account.uid, self.account.gid)
            self.drop = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        self._run(
            "initdb", "-D", f"{self.folder}/data", "-U", "postgres", "-A", "trust", "-N", "--locale=C.UTF-8"
        )
        self.start()
        self.ask("CREATE ROLE stratum LOGIN", "CREATE DATABASE stratum OWNER stratum")

    @property
    def url(self) -> str:
        return self.url_through(self.folder)

    def url_through(self, folder: Path) -> str:
        return f"postgres://stratum@{quote(str(folder), safe='')}:5432/stratum"

    def fill(self, data: Path) -> None:
        env = bench.environment(data, self.url, bench.free_port())
        env["DJANGO_SETTINGS_MODULE"] = "tests.pages.cache.settings"
        subprocess.run([sys.executable, "-c", FILL], cwd=ROOT, env=env, check=True)

    def start(self) -> None:
        options = f"-c listen_addresses= -c fsync=off -k {self.folder}"
        self._run(
            "pg_ctl", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o", options, "start"
        )

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-m", mode, "stop")

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [self.programs.program(program), *words],
            check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd="/", env=places.CLEAN_ENV, **self.drop,
        )  # fmt: skip

    def processes(self) -> list[int]:
        """The postmaster first."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    @contextlib.contextmanager
    def frozen(self):
        stopped = self.processes()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def connect(self, name: str = "postgres", user: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), user=user, dbname=name, autocommit=True)

    def ask(self, *statements: str, name: str = "postgres") -> None:
        with self.connect(name) as connection:
            for words in statements:
                connection.execute(words)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


class SlowWire:
    """A socket in a folder of its own that leads to a cluster's, and lets each answer wait for `seconds`."""

    def __init__(self, cluster: Cluster) -> None:
        self.seconds = 0.0
        self.target = str(cluster.folder / ".s.PGSQL.5432")
        self.folder = Path(tempfile.mkdtemp(prefix="stratum-wire-"))
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(str(self.folder / ".s.PGSQL.5432"))
        self.door.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.door.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.target)
                threading.Thread(target=self._carry, args=[client, server, False], daemon=True).start()
                threading.Thread(target=self._carry, args=[server, client, True], daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if is_answer and self.seconds:
                    time.sleep(self.seconds)
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.door.close()
        shutil.rmtree(self.folder, ignore_errors=True)
