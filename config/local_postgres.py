"""The embedded PostgreSQL server: started by its first user, stopped with its last, `kill -9` included.

`ensure(data)` is all a program needs: afterwards a server answers in `socket_dir(data)`, and it stays while
this process lives. As a command (`python -m config.local_postgres`): status, stop, psql, dump FILE, restore
FILE, the last two for moving rows to another major version (a backup is `manage.py backup`). Knows no Django.
The server listens on no network; only the account that runs it, and root, may connect.
"""

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from config import secret
from config.embedded import binaries, cluster, keeper, places
from config.embedded.places import (
    APP_ROLE,
    DATABASE,
    PORT,
    SUPERUSER,
    LocalPostgresError,
    Places,
    socket_dir,
)

__all__ = [
    "APP_ROLE",
    "DATABASE",
    "PORT",
    "LocalPostgresError",
    "ensure",
    "ping",
    "socket_dir",
    "socket_file",
]

DEADLINE = 120.0
"""Seconds to wait for a server: recovery after a crash may be long."""
TICK = 0.02

_guard = threading.RLock()
_held: dict[Path, int] = {}
_sockets: dict[Path, Path] = {}
"""Where the server of a data folder is met that this process holds, by the folder as it was named. Looked up for each
request of a site without a page cache."""


def _forget_holds() -> None:
    """A forked child shares its parent's locks and would keep the server alive after it; it takes its own if
    need be.
    """
    global _guard
    _guard = threading.RLock()
    for fd in _held.values():
        os.close(fd)
    _held.clear()
    _sockets.clear()


os.register_at_fork(after_in_child=_forget_holds)


def socket_file(data: Path) -> Path:
    """The path of the server's socket; at most 107 bytes whatever the data folder."""
    return socket_dir(data) / f".s.PGSQL.{PORT}"


def say_aloud(words: str) -> None:
    """The default progress: to standard error."""
    print(words, file=sys.stderr, flush=True)


def ensure(data: Path, *, check: bool = False, say: Callable[[str], None] = say_aloud) -> None:
    """See that the server of this data folder runs, and keep it running while this process lives.

    Cheap once this process holds the server, unless `check` asks to find out whether it still answers. `say`
    hears a word of progress when it takes longer than a few seconds. Raises LocalPostgresError when the
    server cannot run.
    """
    if not check and data in _sockets and _sockets[data].exists():
        return
    named, data = data, Path(os.path.realpath(data))
    with _guard:
        held = data in _held
        if held and not check and socket_file(data).exists():
            _sockets[named] = socket_file(data)
            return
        found = places.settle(data)
        if not held:
            fd = keeper.lock_file(found.base / "users.lock")
            try:
                # Refused only while a keeper is stopping the server; it gives way when all is down.
                _lock(fd, fcntl.LOCK_SH, "the server that is just stopping", say)
            except BaseException:
                os.close(fd)
                raise
            _held[data] = fd
        try:
            if _state(found) != "ready":
                _start(found, say)
        except BaseException:
            if not held:
                os.close(_held.pop(data))
            raise


def _state(found: Places) -> str:
    owners = {os.geteuid(), found.account.uid}
    return ping(found.data) if places.own_folder(socket_dir(found.data), owners) else "down"


def ping(data: Path) -> str:
    """`ready`, `starting` (also: stopping) or `down`; asks with the first message of PostgreSQL's protocol.

    Source: the message formats of the PostgreSQL manual, "Frontend/Backend Protocol"; 57P03 is
    cannot_connect_now.
    """
    words = b"".join(w.encode() + b"\0" for w in ("user", APP_ROLE, "database", DATABASE)) + b"\0"
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as plug:
        plug.settimeout(5)
        try:
            plug.connect(str(socket_file(data)))
            plug.sendall(struct.pack("!ii", len(words) + 8, 196608) + words)
            answer = plug.recv(4096)
            if answer[:1] == b"R":
                plug.sendall(b"X\0\0\0\4")
        except FileNotFoundError:
            return "down"
        except ConnectionError:
            return "down"
        except OSError:
            return "starting"
    if not answer:
        return "down"
    return "starting" if answer[:1] == b"E" and b"C57P03\0" in answer else "ready"


@contextlib.contextmanager
def _alone(found: Places, say: Callable[[str], None]) -> Iterator[None]:
    """One starter at a time."""
    fd = keeper.lock_file(found.base / "start.lock")
    try:
        _lock(fd, fcntl.LOCK_EX, "another process that is starting PostgreSQL", say)
        yield
    finally:
        os.close(fd)


def _lock(fd: int, kind: int, whom: str, say: Callable[[str], None]) -> None:
    wait = _Patience(f"Waiting for {whom} …", say)
    while True:
        try:
            return fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            wait.a_moment()


class _Patience:
    """Waiting in small steps, with a word after three seconds and an end after the deadline."""

    def __init__(self, words: str, say: Callable[[str], None]) -> None:
        self.words, self.say = words, say
        self.began = time.monotonic()
        self.spoke = False

    def a_moment(self) -> None:
        waited = time.monotonic() - self.began
        if waited > 3 and not self.spoke:
            self.say(self.words)
            self.spoke = True
        if waited > DEADLINE:
            raise LocalPostgresError(f"Gave up after {DEADLINE:.0f} seconds. {self.words}")
        time.sleep(TICK)


def _start(found: Places, say: Callable[[str], None]) -> None:
    with _alone(found, say):
        wait = _Patience("Waiting for PostgreSQL to answer …", say)
        while _is_kept(found):
            if _state(found) == "ready":
                return
            wait.a_moment()
        try:
            programs = binaries.reachable(binaries.find(), found.account, found.home)
            cluster.prepare(found, programs)
            secret.secret_key(found.data, create=True)
        except OSError as error:
            raise LocalPostgresError(
                f"PostgreSQL could not be prepared in {found.home}: {error.strerror}."
            ) from error
        sockets = socket_dir(found.data)
        places.own_folder(sockets, {found.account.uid}, create_for=found.account)
        plan = {
            "argv": cluster.command(found, programs, sockets),
            "env": places.CLEAN_ENV,
            "base": str(found.base),
            "cluster": str(found.cluster),
            "sockets": str(sockets),
            "drop": [found.account.uid, found.account.gid] if found.account.drops else None,
        }
        _launch(found, plan, wait)


def _is_kept(found: Places) -> bool:
    """Whether a keeper lives, whatever its server does."""
    fd = keeper.lock_file(found.base / "keeper.lock")
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _launch(found: Places, plan: dict, wait: _Patience) -> None:
    """Start a keeper, apart from our terminal, group and pipes, and wait until its server answers."""
    # The keeper holds `alive` and never writes to it: its end is the message.
    ended, alive = os.pipe()
    try:
        with _open_log(found) as log:
            start_of_ours = log.tell()
            starter = subprocess.Popen(
                [sys.executable, "-I", "-S", keeper.__file__, str(found.data)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(alive,),
                start_new_session=True,
                env=places.CLEAN_ENV,
            )
        os.close(alive)
        starter.communicate(json.dumps(plan).encode())
        while ping(found.data) != "ready":
            if select.select([ended], [], [], 0)[0]:
                raise LocalPostgresError(_why(found, start_of_ours))
            wait.a_moment()
    finally:
        os.close(ended)


def _open_log(found: Places):
    """The log, begun anew when it has grown beyond a megabyte; the former one is kept as `server.log.1`."""
    if found.log.exists() and found.log.stat().st_size > 1_000_000:
        found.log.replace(found.log.with_suffix(".log.1"))
    log = os.fdopen(keeper.lock_file(found.log), "ab")
    log.seek(0, os.SEEK_END)
    return log


def _why(found: Places, start: int) -> str:
    with found.log.open("rb") as log:
        log.seek(start)
        words = log.read().decode(errors="replace")
    if "No space left on device" in words:
        return f"The disk that holds {found.cluster} is full; PostgreSQL cannot start."
    if "postmaster.pid" in words and "already exists" in words:
        return (
            f"Another program runs a PostgreSQL server on {found.cluster}. Stop that server and start again."
        )
    telling = [line for line in words.splitlines() if "FATAL" in line or "HINT" in line or "ERROR" in line]
    tail = "\n".join(f"  {line}" for line in (telling or words.splitlines())[-4:])
    return f"PostgreSQL does not start. The end of {found.log}:\n{tail}"


def _keeper_pid(found: Places) -> int | None:
    if not _is_kept(found):
        return None
    return int((found.base / "keeper.lock").read_text() or 0) or None


def _stop(found: Places) -> None:
    pid = _keeper_pid(found)
    if pid is None:
        print("No server was running.")
        return
    os.kill(pid, signal.SIGTERM)
    wait = _Patience("Waiting for PostgreSQL to stop …", say_aloud)
    while _is_kept(found):
        wait.a_moment()
    print("Stopped. A program that still uses it starts it again with its next connection.")


def _tool(found: Places, name: str, role: str, *words: str) -> int:
    """Run one of the server's own client programs, while holding the server."""
    ensure(found.data)
    programs = binaries.find()
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    where = ["-h", str(socket_dir(found.data)), "-p", str(PORT), "-U", role, "-d", DATABASE]
    return subprocess.run([programs.program(name), *where, *words], env=env, check=False).returncode


def main(argv: list[str]) -> int:
    """The command: status, stop, psql [words], dump FILE, restore FILE. Returns an exit code."""
    root = Path(__file__).resolve().parent.parent
    data = Path(os.environ.get("STRATUM_DATA") or root / "var")
    verb, rest = (argv or ["status"])[0], argv[1:]
    try:
        found = places.settle(data)
        if verb == "status":
            state, pid = _state(found), _keeper_pid(found)
            print(
                f"{state}\ndata    {found.cluster}\nsocket  {socket_file(data)}\n"
                f"log     {found.log}\nkeeper  {pid or '-'}"
            )
            return 0 if state == "ready" else 3
        if verb == "stop":
            _stop(found)
            return 0
        if verb == "psql":
            return _tool(found, "psql", SUPERUSER, *rest)
        if verb == "dump" and len(rest) == 1:
            return _tool(found, "pg_dump", SUPERUSER, "-Fc", "-f", rest[0])
        if verb == "restore" and len(rest) == 1:
            return _tool(found, "pg_restore", APP_ROLE, "--no-owner", "--exit-on-error", rest[0])
    except LocalPostgresError as error:
        print(error, file=sys.stderr)
        return 1
    print(main.__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
