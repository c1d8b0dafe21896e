"""A site of two web nodes on loopback, as the generated files describe it: only paths and ports are other ones."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg

from config.embedded import binaries, places
from tests import programs
from tests.bench.server import free_port
from tests.config.servers import ROOT, Ground, environment, wait_until

HOST = "blog.test"
EDITOR = """
import json, sys
import django
django.setup()
from django.db import connection
from django.utils import timezone
from tests import make

for line in sys.stdin:
    told = json.loads(line)
    try:
        figure = make.figure() if told.pop("pictured", False) else None
        make.post(at=timezone.now(), lead_figure=figure, **told)
        print(json.dumps({"done": True, "picture": figure.image.url if figure else ""}), flush=True)
    except Exception as error:
        connection.close()
        print(json.dumps({"done": False, "why": str(error)[:200]}), flush=True)
"""


class Server:
    """A PostgreSQL of the operator's, primary or standby."""

    def __init__(self, ground: Path, name: str) -> None:
        self.folder, self.port = ground / name, free_port()
        self.account = places.find_account(ground)
        self.bin = binaries.reachable(binaries.find(), self.account, ground).folder

    def run(self, *words: object) -> None:
        said = self.folder.with_suffix(".out")
        with said.open("w") as out:
            done = subprocess.run(
                [str(self.bin / str(words[0])), *map(str, words[1:])],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd="/",
                check=False,
                **as_account(self.account),
            )
        assert done.returncode == 0, said.read_text()

    def make(self) -> None:
        self.run("initdb", "-D", self.folder, "-U", "postgres", "-A", "trust", "-N")

    def copy_of(self, primary: Server) -> None:
        told = f"host=127.0.0.1 port={primary.port} user=postgres"
        self.run("pg_basebackup", "-D", self.folder, "-R", "-N", "-c", "fast", "-d", told)

    def start(self) -> Server:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self.folder}"
        self.run(
            "pg_ctl", "-D", self.folder, "-w", "-l", self.folder.with_suffix(".log"), "-o", options, "start"
        )
        return self

    def promote(self) -> None:
        self.run("pg_ctl", "-D", self.folder, "-w", "promote")

    def ask(self, words: str, database: str = "postgres") -> None:
        self.run("psql", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-d", database, "-Xqc", words)

    def reads(self) -> int:
        """How often the site's listings have been looked into."""
        words = "SELECT sum(seq_scan + idx_scan) FROM pg_stat_user_tables WHERE relname = 'blog_listing'"
        told = f"host=127.0.0.1 port={self.port} user=postgres dbname=stratum"
        with psycopg.connect(told) as connection:
            return int(connection.execute(words).fetchone()[0] or 0)

    def kill(self) -> None:
        os.kill(int((self.folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        # Its children end by themselves, and with the last of them what they share.
        wait_until(lambda: not children_in(self.folder), 10, "the killed server is gone")
        # Where nobody has asked for its exit code yet, its number still looks alive.
        for left in (self.folder / "postmaster.pid", *self.folder.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)


def as_account(account: places.Account) -> dict:
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account.drops else {}


def children_in(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if entry.readlink() == folder:
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


class Process:
    """A program in the foreground that can be killed with all its children and started again."""

    def __init__(
        self, ground: Path, name: str, words: list, env: dict[str, str] | None = None, **how
    ) -> None:
        self.log, self.words, self.env, self.how = ground / f"{name}.log", words, env or environment(), how
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [str(word) for word in self.words],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                process_group=0,
                **{"cwd": ROOT, **self.how},
            )

    def signal(self, number: int) -> None:
        assert self.process
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def freeze(self) -> None:
        """It goes on taking connections, which the kernel does, and answers none."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process
        os.killpg(self.process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """As systemd does."""
        self.signal(signal.SIGTERM)
        assert self.process
        self.process.wait(40)


class Node(Process):
    """A web node, by the line of its unit."""

    def __init__(self, ground: Path, name: str, unit: str, env: dict[str, str], port: int) -> None:
        line = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)[1]
        _, *words, _ = shlex.split(line)
        super().__init__(ground, name, [sys.executable, *words, port], env)
        self.port = port

    def start(self, *, wait: bool = True) -> None:
        super().start()
        if wait:
            self.wait()

    def wait(self) -> None:
        wait_until(self.answers, 60, f"{self.log} answers")

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        return fetch(self.port, "/healthz")[0] == 200


def fetch(port: int, path: str) -> tuple[int, str, dict[str, str]]:
    """Status, text and headers; the status is 0 where there was no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": HOST, "Accept": "text/html"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace"), dict(answer.getheaders())
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error), {}
    finally:
        connection.close()


class Editor:
    """Somebody who publishes."""

    def __init__(self, env: dict[str, str]) -> None:
        self.published: list[tuple[float, str]] = []
        self.process = subprocess.Popen(
            [sys.executable, "-c", EDITOR],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def publish(self, title: str, **more: object) -> dict:
        slug = title.lower().replace(" ", "-")
        print(json.dumps({"title": title, "slug": slug, **more}), file=self.process.stdin, flush=True)
        told = json.loads(self.process.stdout.readline())
        if told["done"]:
            self.published.append((time.monotonic(), title))
        return told


class Readers:
    """A light, constant load. Each answer is noted: when it was asked for, how long it took, the path, status, text."""

    def __init__(self, port: int, paths: list[str], *, pause: float = 0.05) -> None:
        self.port, self.paths, self.pause = port, paths, pause
        self.seen: list[tuple[float, float, str, int, str]] = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._read, args=[n], daemon=True) for n in range(2)]
        for one in self.threads:
            one.start()

    def _read(self, turn: int) -> None:
        while not self.over.wait(self.pause):
            turn += 1
            path, asked = self.paths[turn % len(self.paths)], time.monotonic()
            status, text, _ = fetch(self.port, path)
            self.seen.append((asked, time.monotonic() - asked, path, status, text))

    def read_on(self, answers: int) -> None:
        """Until so many more answers are there."""
        wanted = len(self.seen) + answers
        wait_until(lambda: len(self.seen) >= wanted, 60, f"{answers} more answers")

    def end(self) -> None:
        self.over.set()
        for one in self.threads:
            one.join()


class Cluster:
    """Everything, started. `env` is the environment that the generated template gives."""

    def __init__(self, endpoint: object) -> None:
        self.nginx, self.bouncer = (
            programs.find("nginx", "/usr/sbin/nginx"),
            programs.find("pgbouncer", "/usr/sbin/pgbouncer"),
        )
        self.ground = Ground()
        # Without blanks, and short: sockets have short names.
        self.ground.path = self.ground.path.rename(self.ground.path.with_name(f"stratum-nodes-{os.getpid()}"))
        self.folder = self.ground.path
        self.primary, self.standby = Server(self.folder, "primary"), Server(self.folder, "standby")
        account = self.primary.account
        if account.drops:
            os.chown(self.folder, account.uid, account.gid)
        self.started: list[Process] = []
        self.servers: list[Server] = []
        self.editor: Editor | None = None
        self.ports = {name: free_port() for name in ("nginx", "bouncer", "a", "b")}
        self.files = self.folder / "files"
        self._databases()
        self._generate(endpoint)
        self._start()

    def _databases(self) -> None:
        self.primary.make()
        self.servers.append(self.primary.start())
        self.primary.ask("CREATE ROLE stratum LOGIN PASSWORD 'PASSWORD' CREATEDB")
        self.primary.ask("CREATE DATABASE stratum OWNER stratum")
        self.standby.copy_of(self.primary)
        self.servers.append(self.standby.start())

    def _generate(self, endpoint) -> None:
        told = {
            "SECRET_KEY": "k" * 50,
            "DATABASE_URL": self.url(self.ports["bouncer"]),
            "DATABASE_DIRECT_URL": self.url(self.primary.port),
            "DATABASE_REPLICA_URL": self.url(self.standby.port),
            "REPLICA_LAG": "3",
            "SITE_URL": f"http://{HOST}",
            "ALLOWED_HOSTS": HOST,
            "STRATUM_DATA": str(self.folder / "data"),
            "MEDIA_S3_BUCKET": endpoint.options()["bucket_name"],
            "MEDIA_S3_ENDPOINT": endpoint.url,
            "MEDIA_S3_REGION": "us-east-1",
        }
        nodes = [f"--node=127.0.0.1:{self.ports[name]}" for name in "ab"]
        self.manage("deployment", self.files, *nodes, env=environment(**told))
        lines = [
            line for line in (self.files / "stratum.env").read_text().splitlines() if re.match("[A-Z]", line)
        ]
        self.env = environment(**dict(shlex.split(line)[0].split("=", 1) for line in lines))
        secrets = {"SECRET_KEY": told["SECRET_KEY"]}
        secrets |= {
            f"MEDIA_S3_{name.upper()}": endpoint.options()[name] for name in ("access_key", "secret_key")
        }
        # Static files are served from where they are written: collecting them is not what this is about.
        self.env |= secrets | {"DJANGO_SETTINGS_MODULE": "tests.pages.cache.settings", "WATCH_EVERY": "0"}
        self.env |= {"PATH": os.environ["PATH"]}
        self.unit = (self.files / "systemd/stratum-web.service").read_text()
        self.bouncer_file = self.files / "pgbouncer/pgbouncer.ini"
        text = self.bouncer_file.read_text().replace("6432", str(self.ports["bouncer"]))
        for place in ("/etc/pgbouncer", "/var/log/postgresql", "/run/postgresql"):
            text = text.replace(place, str(self.files / "pgbouncer"))
        self.bouncer_file.write_text(text)
        text = (self.files / "nginx/stratum.conf").read_text().replace("    listen [::]:80;\n", "")
        text = text.replace("listen 80;", f"listen 127.0.0.1:{self.ports['nginx']};")
        for place in ("/var/log/nginx", "/var/cache"):
            text = text.replace(place, str(self.files / "nginx"))
        (self.files / "nginx/stratum.conf").write_text(text)
        user = "user root; " if os.geteuid() == 0 else ""
        (self.files / "nginx/nginx.conf").write_text(
            f"{user}daemon off; pid nginx.pid; error_log error.log; events {{}} http {{ include stratum.conf; }}"
        )
        account = self.primary.account
        if account.drops:
            subprocess.run(
                ["chown", "-R", f"{account.uid}:{account.gid}", self.files / "pgbouncer"], check=True
            )
        self.files.chmod(0o755)

    def _start(self) -> None:
        account = self.primary.account
        self.pooler = self.add(
            Process(
                self.folder, "pgbouncer", [self.bouncer, self.bouncer_file], **as_account(account), cwd="/"
            )
        )
        self.pooler.start()
        self.manage("migrate", "--verbosity=0", env=self.env)
        self.a, self.b = (self.add(Node(self.folder, n, self.unit, self.env, self.ports[n])) for n in "ab")
        self.a.start(wait=False)
        self.b.start(wait=False)
        place = self.files / "nginx"
        self.proxy = self.add(
            Process(self.folder, "nginx", [self.nginx, "-p", place, "-c", place / "nginx.conf"])
        )
        self.proxy.start()
        self.a.wait()
        self.b.wait()
        wait_until(lambda: self.get("/")[0] == 200, 30, "the site answers through nginx")
        self.editor = Editor(self.env)

    def add(self, one):
        self.started.append(one)
        return one

    def url(self, port: int) -> str:
        return f"postgres://stratum:PASSWORD@127.0.0.1:{port}/stratum"

    def get(self, path: str):
        return fetch(self.ports["nginx"], path)

    def manage(self, *words: object, env: dict[str, str]) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, words)], cwd=ROOT, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def point_to(self, server: Server) -> None:
        """PgBouncer sends everybody to another server from now on."""
        text = re.sub(r"(?m)^(stratum = .* port=)\d+", rf"\g<1>{server.port}", self.bouncer_file.read_text())
        self.bouncer_file.write_text(text)
        self.pooler.signal(signal.SIGHUP)

    def said(self) -> str:
        """The last that the nodes have written to their logs of what broke."""
        kept = []
        for node in (self.a, self.b):
            lines = [line for line in node.log.read_text().splitlines() if "/media/" not in line]
            kept += [f"{node.log.name}:", *lines[-60:]]
        return "\n".join(kept)

    def close(self) -> None:
        if self.editor:
            self.editor.process.kill()
            self.editor.process.wait()
            self.editor.process.stdin.close()
            self.editor.process.stdout.close()
        for one in self.started:
            one.kill()
        for one in self.servers:
            if children_in(one.folder):
                one.kill()
        self.ground.clear()
