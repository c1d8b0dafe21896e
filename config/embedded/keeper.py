"""The keeper: a small process that is the parent of one PostgreSQL server and stops it with its last user.

Run as a script, with a plan (JSON) on standard input, detached from whoever started it. Every user of the
server holds a shared lock on one file; the keeper waits for the exclusive one. The kernel gives locks back
however a process ends, so even `kill -9` of all users stops the server. No import but the standard library's,
and none of ours: this process lives as long as the site and is started without site-packages.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

QUICK = 3.0
"""A server that ends within so many seconds has failed, not crashed."""
TRIES = 5
PATIENCE = 60.0
"""Seconds a fast shutdown may take before an immediate one."""

PR_SET_PDEATHSIG = 1
_prctl = getattr(ctypes.CDLL(None), "prctl", None)
"""Only Linux has it; looked up here because between fork and exec nothing may be imported or locked."""


def lock_file(path: Path) -> int:
    """Open a lock file, closed on exec, owned as its folder is; returns the descriptor."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    folder = path.parent.stat()
    if os.geteuid() == 0 and folder.st_uid != 0:
        os.fchown(fd, folder.st_uid, folder.st_gid)
    return fd


def serves_cluster(pid: int, cluster: Path) -> bool:
    """Whether a process is a PostgreSQL server of this cluster and not a stranger who was given an old
    server's number.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False  # another account's; ours would let itself be signalled
    try:
        return Path(f"/proc/{pid}/cwd").samefile(cluster)
    except OSError:
        if Path("/proc/self").exists():
            return False
    asked = ["/bin/ps", "-p", str(pid), "-o", "comm="]
    name = subprocess.run(asked, capture_output=True, text=True, check=False)
    return "postgres" in name.stdout


def clear_stale_pid(cluster: Path) -> None:
    """Remove a dead server's postmaster.pid. PostgreSQL refuses to start when the number in it is in use by
    anybody.

    Safe because the caller holds the server lock, which every process of a former server of ours held too; a
    server that somebody else runs on this cluster is recognised, and its file left for PostgreSQL to complain
    about.
    """
    file = cluster / "postmaster.pid"
    try:
        pid = abs(int(file.read_text().split("\n", 1)[0]))
    except (OSError, ValueError):
        pid = 0
    if not pid or not serves_cluster(pid, cluster):
        file.unlink(missing_ok=True)


class Keeper:
    """Runs the planned server until nobody holds the users' lock; starts it again when it is killed."""

    def __init__(self, plan: dict) -> None:
        self.plan = plan
        self.base = Path(plan["base"])
        self.cluster = Path(plan["cluster"])
        self.stopping = threading.Event()
        self.server: subprocess.Popen | None = None
        self.turn = threading.Lock()

    def run(self) -> int:
        """Keep the server; returns this process's exit code."""
        # Held to the end, so that there is one keeper; its number serves `stop`.
        keeping = lock_file(self.base / "keeper.lock")
        fcntl.flock(keeping, fcntl.LOCK_EX)
        os.ftruncate(keeping, 0)
        os.write(keeping, b"%d\n" % os.getpid())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stop())
        threading.Thread(target=self.wait_for_the_last, daemon=True).start()
        failures = 0
        while failures < TRIES:
            began = time.monotonic()
            code = self.serve_once()
            if self.stopping.is_set():
                self.tidy()
                return 0
            failures = failures + 1 if time.monotonic() - began < QUICK else 1
            say(f"the server ended (exit code {code}); starting it again")
            time.sleep(0.3)
        say("the server ends again and again; giving up")
        return 1

    def serve_once(self) -> int | None:
        """One life of the server; returns its exit code."""
        # Each server inherits the lock, and its children inherit it from it: once we have it, all of them are
        # gone.
        running = lock_file(self.base / "server.lock")
        fcntl.flock(running, fcntl.LOCK_EX)
        clear_stale_pid(self.cluster)
        self.clear_sockets()
        drop = self.plan["drop"]
        account = {"user": drop[0], "group": drop[1], "extra_groups": []} if drop else {}
        with self.turn:
            if self.stopping.is_set():
                return None
            self.server = subprocess.Popen(
                self.plan["argv"],
                stdin=subprocess.DEVNULL,
                pass_fds=(running,),
                preexec_fn=follow(os.getpid()),
                umask=0o077,
                env=self.plan["env"],
                cwd="/",
                **account,
            )
        os.close(running)
        return self.server.wait()

    def wait_for_the_last(self) -> None:
        """Block until no process uses the server. The lock is kept to the end: a newcomer waits until all is
        down.
        """
        using = lock_file(self.base / "users.lock")
        fcntl.flock(using, fcntl.LOCK_EX)
        self.stop()

    def stop(self) -> None:
        """Stop the server: in good order, and at once when that takes too long."""
        self.stopping.set()
        threading.Thread(target=self._stop, daemon=True).start()

    def _stop(self) -> None:
        with self.turn:
            server = self.server
        if server is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(server.pid, number)
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until:
                if server.returncode is not None:
                    return
                time.sleep(0.1)

    def clear_sockets(self) -> None:
        """Remove a dead server's socket and its lock file. PostgreSQL refuses to start while the number in that is in
        use, as by a stranger or by a killed process that nobody has collected yet.

        Safe because the folder is ours alone and no server of ours lives.
        """
        for leftover in Path(self.plan["sockets"]).glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove the socket folder, unless something unknown is in it."""
        self.clear_sockets()
        with contextlib.suppress(OSError):
            Path(self.plan["sockets"]).rmdir()


def follow(parent: int):
    """A function for the child, between fork and exec: it asks Linux to stop the server when the keeper is
    killed.
    """

    def ask() -> None:
        if _prctl is not None:
            _prctl(PR_SET_PDEATHSIG, signal.SIGINT)
            if os.getppid() != parent:
                os._exit(1)

    return ask


def say(words: str) -> None:
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} keeper: {words}\n")
    sys.stderr.flush()


def main() -> int:
    plan = json.load(sys.stdin)
    # Our starter waits for this first process, so that it never has a dead child of ours to bury.
    if os.fork():
        os._exit(0)
    os.chdir("/")
    return Keeper(plan).run()


if __name__ == "__main__":
    sys.exit(main())
