"""`make run`: everything a site needs, started in order, watched, and stopped together.

Knows no Django, so that it stays small while the site runs. Environment: PORT (8000), STRATUM_DATA (var),
DATABASE_URL (else the embedded server), STRATUM_PG_BIN, and what `config/settings.py` reads.
"""

import contextlib
import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from config import local_postgres, secret
from config.embedded.places import make_data
from config.serving import follow_parent

ROOT = Path(__file__).resolve().parent.parent
PAUSE = 2.0
"""Seconds before a worker that ended is started again."""
GRACE = 10.0
"""Seconds all processes together have to end when asked."""


class CannotRun(Exception):
    """The site cannot be started or go on; the message is for the operator."""


class Told(BaseException):
    """A signal told us to stop."""

    def __init__(self, number: int) -> None:
        self.number = number


def chosen_port() -> int:
    """The port from $PORT. Raises CannotRun when it is no port or somebody listens there."""
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise CannotRun(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    port = int(text)
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotRun(
                    f"Port {port} is in use, perhaps by another `make run`. "
                    f"Stop that, or choose another: PORT={port + 1 if port < 65535 else 8000} make run"
                ) from None
            raise CannotRun(
                f"Port {port} cannot be used: {error.strerror}. Choose another with PORT."
            ) from None
    return port


class Supervisor:
    """Starts the site's processes and stops them all, whatever happens."""

    def __init__(self, port: int, data: Path) -> None:
        self.port = port
        self.began = time.monotonic()
        self.children: dict[str, subprocess.Popen] = {}
        # Whoever presses Ctrl-C does not wait for slow readers.
        told = {"PORT": str(port), "STRATUM_DATA": str(data), "STRATUM_STOP_SECONDS": "3"}
        self.env = {**os.environ, **told, "PYTHONUNBUFFERED": "1"}

    def spawn(self, verb: str, *words: str, keep: tuple[int, ...] = ()) -> subprocess.Popen:
        """Start one of `config.serving`'s processes in a group of its own: the terminal's Ctrl-C is ours
        alone.
        """
        child = subprocess.Popen(
            [sys.executable, "-m", "config.serving", verb, *words],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            pass_fds=keep,
            process_group=0,
        )
        self.children[verb] = child
        return child

    def prepare(self) -> dict[str, str]:
        """Bring database and files up to date; returns the new administrator, or nothing if there was one."""
        read, write = os.pipe()
        try:
            child = self.spawn("prepare", str(write), keep=(write,))
            os.close(write)
            with os.fdopen(read, "rb", closefd=False) as told:
                words = told.read()
            code = child.wait()
        finally:
            os.close(read)
        del self.children["prepare"]
        if code:
            raise CannotRun("The site could not be prepared; see above.")
        return json.loads(words)

    def answers(self) -> bool:
        """Whether the site answers a request, with whatever status."""
        try:
            asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            with contextlib.closing(asked):
                asked.request("GET", "/healthz")
                return asked.getresponse().status > 0
        except (OSError, http.client.HTTPException):
            return False

    def run(self) -> None:
        """Prepare, serve, and watch until a signal or until the web server ends (CannotRun)."""
        administrator = self.prepare()
        # Once more, for preparing takes seconds and the server would share the port with a newcomer.
        chosen_port()
        web = self.spawn("serve", str(self.port))
        self.spawn("work")
        while not self.answers():
            if web.poll() is not None:
                self.greet(administrator)  # the password exists nowhere else
                raise CannotRun("The web server ended before it answered; see above.")
            time.sleep(0.05)
        self.greet(administrator)
        worked_until = 0.0
        while web.poll() is None:
            time.sleep(0.2)
            if self.children["work"].poll() is None:
                worked_until = 0.0
            elif not worked_until:
                print("The task worker ended; starting it again.", file=sys.stderr, flush=True)
                worked_until = time.monotonic()
            elif time.monotonic() - worked_until > PAUSE:
                self.spawn("work")
        raise CannotRun(f"The web server ended (exit code {web.returncode}); stopping everything else.")

    def greet(self, administrator: dict[str, str]) -> None:
        """Print where the site is; the first time, also the administrator's password, kept nowhere."""
        site = f"http://127.0.0.1:{self.port}/"
        lines = [
            f"Ready after {time.monotonic() - self.began:.1f} s.",
            "",
            f"  Site   {site}",
            f"  Admin  {site}admin/",
        ]
        if administrator:
            lines += [
                "",
                f"  Administrator  {administrator['user']}",
                f"  Password       {administrator['password']}",
                "",
                "This password is shown only now. A lost one is set anew by",
                f"  .venv/bin/python manage.py changepassword {administrator['user']}",
            ]
        print("\n".join([*lines, "", "Ctrl-C stops it."]), flush=True)

    def stop(self) -> None:
        """End all processes we started: asked first, killed after the grace."""
        for child in self.children.values():
            if child.poll() is None:
                _signal(child, signal.SIGTERM)
        until = time.monotonic() + GRACE
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, until - time.monotonic()))
            # The group too: workers whose main process was killed.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _signal(child: subprocess.Popen, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child.pid, number)


def _listen_to_signals() -> None:
    def told(number: int, _frame: object) -> None:
        # Once is enough; a second Ctrl-C must not interrupt the stopping.
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Told(number)

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # `nohup` asks for the terminal's end to be ignored.
        if each != signal.SIGHUP or signal.getsignal(each) != signal.SIG_IGN:
            signal.signal(each, told)
    # make, when killed, cannot pass it on.
    if os.environ.get("STRATUM_FOLLOW_PARENT"):
        follow_parent(os.getppid(), grace=GRACE + 4)


def main() -> int:
    """Run the site until told to stop. Returns 0 after Ctrl-C or a signal, 1 when it cannot run."""
    _listen_to_signals()
    supervisor = None
    try:
        port = chosen_port()
        data = Path(os.environ.get("STRATUM_DATA") or ROOT / "var").absolute()
        make_data(data)
        secret.secret_key(data, create=True)
        print(f"Stratum starts, with its data in {data}", flush=True)
        if os.environ.get("DATABASE_URL"):
            print("  Using the server in DATABASE_URL", flush=True)
        else:
            began = time.monotonic()
            local_postgres.ensure(data)
            print(f"  PostgreSQL runs ({time.monotonic() - began:.1f} s)", flush=True)
        supervisor = Supervisor(port, data)
        supervisor.run()
    except Told as told:
        if told.number == signal.SIGINT:
            print(flush=True)
        return 0
    except (CannotRun, local_postgres.LocalPostgresError) as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        print(
            f"{error.filename or 'The site'} cannot be used: {error.strerror}.", file=sys.stderr, flush=True
        )
        return 1
    finally:
        if supervisor:
            supervisor.stop()
            print("Stopped.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
