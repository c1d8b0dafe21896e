"""`make run`, with the real site, real signals and real kills."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from config import local_postgres, secret
from tests.config.servers import ROOT, Ground, environment, keeper_of, processes, query, server_of, wait_until

pytestmark = pytest.mark.kills
SECONDS = 15.0
"""What "within seconds" means at most, on a machine busy with other tests; alone it takes one or two."""


def free_port() -> int:
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        return plug.getsockname()[1]


class Site:
    """A started `python -m config.run`, its output in a file."""

    def __init__(self, data: Path, *, through: tuple[str, ...] = (), **env: str) -> None:
        self.data = data
        self.port = int(env.pop("PORT", 0)) or free_port()
        self.log = data.parent / f"{data.name}-{os.urandom(4).hex()}.log"
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [*through, sys.executable, "-m", "config.run"],
                cwd=ROOT,
                env=environment(STRATUM_DATA=str(data), PORT=str(self.port), **env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Where the tests themselves run under nohup, a site would rightly ignore the terminal's end.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def ready(self) -> "Site":
        wait_until(
            lambda: "Ctrl-C stops it." in self.output or self.process.poll() is not None,
            300,
            "the site starts",
        )
        assert self.process.poll() is None, self.output
        return self

    def get(self, path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def answers(self) -> bool:
        """Whether a page that needs the database is served."""
        try:
            return self.get("/").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def of(self, verb: str) -> list[int]:
        """The processes of one kind, oldest first."""
        own = processes(self.data).items()
        return sorted(
            p for p, words in own if f"config.{verb}" in words and f"PORT={self.port}" in environ(p)
        )

    def stopped(self) -> int:
        """Wait for the end of everything; the exit code."""
        code = self.process.wait(SECONDS + 5)
        wait_until(lambda: not processes(self.data), SECONDS, f"nothing is left of {processes(self.data)}")
        return code


def environ(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    return []


@pytest.fixture(scope="module")
def ground():
    ground = Ground()
    yield ground
    for pid in processes(ground.path):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    ground.clear()


@pytest.fixture(scope="module")
def prepared(ground):
    """A data folder after its first start, and what that start printed."""
    site = Site(ground.path / "the data").ready()
    assert site.answers()
    # The pictures of the edition keep a core busy for minutes; here it is needed for starting and stopping.
    query(site.data, "DELETE FROM django_tasks_database_dbtaskresult")
    site.process.send_signal(signal.SIGINT)
    assert site.stopped() == 0
    return site


@pytest.fixture(scope="module")
def sites():
    """The sites started so far, the last of which may run: a start takes seconds, so the tests hand it on."""
    return []


@pytest.fixture
def site(prepared, sites):
    """The site on the prepared folder, running; a test may end it."""
    if not sites or sites[-1].process.poll() is not None:
        sites.append(Site(prepared.data).ready())
    return sites[-1]


@pytest.fixture
def nobody(prepared, sites):
    """The prepared folder, with no site running on it."""
    if sites and sites[-1].process.poll() is None:
        sites[-1].process.send_signal(signal.SIGTERM)
        sites[-1].stopped()
    return prepared


def test_it_prints_addresses_and_the_password_at_the_first_start_only(prepared, site):
    address = f"http://127.0.0.1:{prepared.port}/"
    assert address in prepared.output and f"{address}admin/" in prepared.output
    password = re.search(r"Password +(\S{20})\n", prepared.output)[1]
    assert "Password" not in site.output
    stored = query(site.data, "SELECT count(*), min(password) FROM auth_user WHERE is_superuser")
    assert stored[0] == 1 and password not in stored[1]
    for file in (p for p in site.data.rglob("*") if p.is_file()):
        assert password.encode() not in file.read_bytes(), file


def test_it_serves_the_demo_edition_with_debug_off_and_a_strict_policy(site):
    answer = site.get("/category/learning-levels/")
    assert answer.status == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert site.get("/no/such/page/").status == 404
    assert query(site.data, "SELECT count(*) FROM blog_post WHERE status = 'published'")[0] >= 9
    assert oct((site.data / "secret_key").stat().st_mode & 0o777) == "0o600"


def test_it_goes_on_when_a_worker_is_killed(site):
    main, *workers = site.of("serving serve")
    assert workers
    os.kill(workers[0], signal.SIGKILL)
    wait_until(lambda: site.of("serving serve")[-1] > workers[-1], SECONDS, "the worker is replaced")
    wait_until(site.answers, SECONDS, "the site answers")
    assert site.of("serving serve")[0] == main
    (task_worker,) = site.of("serving work")
    os.kill(task_worker, signal.SIGKILL)
    wait_until(
        lambda: site.of("serving work") not in ([], [task_worker]), SECONDS, "the task worker is replaced"
    )
    assert site.process.poll() is None


@pytest.mark.parametrize("whom", [server_of, keeper_of], ids=["server", "keeper"])
def test_it_goes_on_when_postgresql_is_killed(site, whom):
    killed = whom(site.data)
    os.kill(killed, signal.SIGKILL)
    wait_until(
        lambda: all(site.answers() for _ in range(8)), 2 * SECONDS, "the site answers, again and again"
    )
    # Readers may be answered from memory: what learns of changes brings both back, whether anybody asks or not.
    wait_until(
        lambda: {"keeper.py", "/postgres -D"} <= {
            part for part in ("keeper.py", "/postgres -D") for pid, words in processes(site.data).items()
            if part in words and pid != killed
        },
        SECONDS, "keeper and server run again",
    )  # fmt: skip


def test_it_shares_the_server_with_a_second_one_on_the_same_data(site):
    keeper = keeper_of(site.data)
    second = Site(site.data).ready()
    assert keeper_of(site.data) == keeper
    assert second.answers()
    same = Site(site.data, PORT=str(site.port))
    assert same.process.wait(10) == 1 and "in use" in same.output
    second.process.send_signal(signal.SIGINT)
    assert second.process.wait(SECONDS) == 0
    assert site.answers()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_stops_all_it_started_quietly(site, number):
    before = len(site.output)
    site.process.send_signal(number)
    assert site.stopped() == 0
    assert site.output[before:].strip() == "Stopped."


def test_it_leaves_nothing_when_the_supervisor_is_killed(site):
    site.process.kill()
    assert site.stopped() == -signal.SIGKILL


def test_it_leaves_nothing_when_all_serving_processes_are_killed(site):
    # Neither the workers, which nothing but their parent's end tells, nor the task worker.
    for pid in [site.process.pid, site.of("serving serve")[0]]:
        os.kill(pid, signal.SIGKILL)
    site.stopped()


def test_it_stops_with_a_sentence_when_the_web_server_is_killed(site):
    os.kill(site.of("serving serve")[0], signal.SIGKILL)
    assert site.stopped() == 1
    assert "The web server ended" in site.output
    assert "Traceback" not in site.output


def test_it_stops_when_what_started_it_is_killed(nobody):
    """make cannot pass on a `kill -9`."""
    shell = ("/bin/sh", "-c", '"$@"; exit $?', "sh")
    site = Site(nobody.data, through=shell, STRATUM_FOLLOW_PARENT="1").ready()
    site.process.kill()
    site.stopped()


def test_it_refuses_a_port_in_use_before_it_starts_anything(ground):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        site = Site(ground.path / "untouched", PORT=str(port))
        assert site.process.wait(10) == 1
    assert f"Port {port} is in use" in site.output and "PORT=" in site.output
    assert not site.data.exists()


@pytest.mark.parametrize("port", ["eighty", "70000", "-1", "٨٠"])
def test_it_refuses_a_port_that_is_none(port, ground):
    done = subprocess.run(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env=environment(STRATUM_DATA=str(ground.path / "untouched"), PORT=port),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "PORT" in done.stderr


def test_it_says_so_when_the_data_folder_cannot_be_used(ground):
    (ground.path / "a file").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env=environment(STRATUM_DATA=str(ground.path / "a file" / "data"), PORT=str(free_port())),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "cannot be used" in done.stderr and "Traceback" not in done.stderr


def test_it_never_touches_the_embedded_server_when_a_database_is_named(nobody, prepared, ground):
    other = ground.path / "other"
    other.mkdir()
    # Collected once is enough for a test; what matters is the database.
    for name in ("static", "bundles", "card"):
        shutil.copytree(prepared.data / name, other / name)
    shutil.copy(prepared.data / "static.collected", other)
    user = ground.user(prepared.data).ready()
    url = f"postgres://{local_postgres.APP_ROLE}@{quote(str(local_postgres.socket_dir(prepared.data)), safe='')}/stratum"
    site = Site(other, DATABASE_URL=url).ready()
    assert site.answers()
    assert not (other / "postgres").exists()
    assert not any("keeper.py" in words for words in processes(other).values())
    site.process.send_signal(signal.SIGINT)
    assert site.stopped() == 0
    user.leave()
    wait_until(lambda: not processes(prepared.data), SECONDS, "the named server stops with its own user")


def test_it_starts_the_server_for_a_command_and_stops_it_after(nobody, prepared):
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=ROOT,
        env=environment(STRATUM_DATA=str(prepared.data)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    wait_until(lambda: not processes(prepared.data), SECONDS, "the server stops")


def test_a_command_says_in_a_sentence_why_there_is_no_server(ground):
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=ROOT,
        env=environment(STRATUM_DATA=str(ground.path / "none"), STRATUM_PG_BIN="/nonexistent"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("STRATUM_PG_BIN names /nonexistent") and done.stderr.count("\n") == 1


def test_it_makes_one_secret_key_and_prefers_the_environments(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    data = tmp_path / "data"
    assert secret.secret_key(data, create=False) is None
    key = secret.secret_key(data, create=True)
    assert len(key) >= 50
    assert secret.secret_key(data, create=True) == key == secret.secret_key(data, create=False)
    assert [p.name for p in data.iterdir()] == ["secret_key"]
    monkeypatch.setenv("SECRET_KEY", "given")
    assert secret.secret_key(data, create=True) == "given"
