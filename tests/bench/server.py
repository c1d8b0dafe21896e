"""The site's real server on a benchmark database, on a free port of this machine's loopback."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0
"""Seconds for the server to answer its first request, and no more."""
GRACE = 8.0


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(data: Path, url: str, port: int) -> dict[str, str]:
    """The environment of a production site on the database `url`; nothing of the operator's own site reaches it."""
    own = {
        "DEBUG",
        "SITE_URL",
        "ALLOWED_HOSTS",
        "BEHIND_PROXY",
        "DATABASE_POOL",
        "DJANGO_SETTINGS_MODULE",
        "LOG_LEVEL",
    }
    kept = {name: value for name, value in os.environ.items() if name not in own}
    return kept | {
        "DATABASE_URL": url,
        "STRATUM_DATA": str(data),
        "PAGE_CACHE_MB": "0",  # pages are measured as they are made
        "PORT": str(port),
        "SECRET_KEY": os.environ.get("SECRET_KEY") or secrets.token_urlsafe(50),
    }


@contextlib.contextmanager
def serving(env: dict[str, str], log: Path, *, workers: int = 0) -> Iterator[tuple[int, int]]:
    """Serves as `make run` does (granian, the same number of workers unless another is named) while the block runs;
    gives the port, and the group of the processes.

    Raises:
        RuntimeError: the server ended or did not answer in time; the log says why.
    """
    port = int(env["PORT"])
    argv = ["config.serving", "serve", str(port)]
    if workers:
        argv = [
            "granian",
            "--interface",
            "wsgi",
            "--http",
            "1",
            "--workers",
            str(workers),
            "--blocking-threads",
            "4",
        ]
        argv += [
            "--log-level",
            "warning",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "config.wsgi:application",
        ]
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", *argv],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            process_group=0,
        )
        try:
            _await(server, port, log)
            yield port, server.pid
        finally:
            _stop(server)


def _await(server: subprocess.Popen, port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError, http.client.HTTPException):
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            with contextlib.closing(asked):
                asked.request("GET", "/")
                if asked.getresponse().status:
                    return
        time.sleep(0.1)
    raise RuntimeError(f"The server does not answer; see {log}:\n{log.read_text(errors='replace')[-2000:]}")


def _stop(server: subprocess.Popen) -> None:
    """Asks it to end, then ends its whole group: workers never outlive the benchmark."""
    with contextlib.suppress(ProcessLookupError):
        server.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(GRACE)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
