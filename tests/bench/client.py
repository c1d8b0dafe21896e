"""Two readers: one who asks again and again and times each answer, and eight who ask as fast as they are answered."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
CONNECTIONS = 8
HEADERS = {"Accept": "text/html", "Accept-Encoding": "gzip, br", "User-Agent": "stratum-bench"}


class WrongAnswer(Exception):
    """The server answered with something else than the page: timing it would measure nothing."""


class Reader:
    """One connection that is kept open."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = HEADERS | (headers or {})

    def get(self, path: str, also: tuple[int, ...] = ()) -> tuple[float, int]:
        """Asks for a page; returns the milliseconds it took to its last byte, and its bytes as sent.

        Raises:
            WrongAnswer: the status is neither 200 nor one of `also`.
        """
        began = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - began) * 1_000
        if answer.status != 200 and answer.status not in also:
            raise WrongAnswer(f"{path} answered {answer.status}")
        return took, len(body)

    def close(self) -> None:
        self.connection.close()


def generator() -> str:
    """Which load generator measures the requests per second."""
    return "wrk" if shutil.which("wrk") else "asyncio"


def requests_per_second(port: int, path: str, seconds: float, headers: dict[str, str] | None = None) -> float:
    """The rate at which eight kept connections are answered, from a process of its own.

    Raises:
        WrongAnswer: an answer was not 200, or the generator failed.
    """
    url, sent = f"http://127.0.0.1:{port}{path}", HEADERS | (headers or {})
    if generator() == "wrk":
        argv = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"]
        argv += [word for name, value in sent.items() for word in ("-H", f"{name}: {value}")]
        done = subprocess.run([*argv, url], capture_output=True, text=True, timeout=seconds + 60, check=False)
        return read_wrk(done.stdout + done.stderr)
    order = json.dumps({"port": port, "path": path, "seconds": seconds, "headers": sent})
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.client"],
        input=order,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=seconds + 60,
        check=False,
    )
    if done.returncode:
        raise WrongAnswer(f"{path}: {done.stderr.strip()[-500:]}")
    return float(done.stdout)


def read_wrk(report: str) -> float:
    """The rate in wrk's report. Raises WrongAnswer when it has none or tells of errors."""
    rate = re.search(r"^Requests/sec:\s+([\d.]+)", report, re.MULTILINE)
    if not rate or re.search(r"Non-2xx or 3xx responses|Socket errors", report):
        raise WrongAnswer(report[-500:])
    return float(rate[1])


async def load(port: int, path: str, seconds: float, headers: dict[str, str]) -> float:
    """Asks over `CONNECTIONS` connections until `seconds` have passed; returns answers per second."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    began = time.perf_counter()
    until = began + seconds
    counts = await asyncio.gather(*(_ask(port, request, until) for _ in range(CONNECTIONS)))
    return sum(counts) / (time.perf_counter() - began)


async def _ask(port: int, request: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = 0
    try:
        while time.perf_counter() < until:
            writer.write(request)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
            length = re.search(rb"\r\ncontent-length: *(\d+)\r\n", head, re.IGNORECASE)
            if not head.startswith(b"HTTP/1.1 200 ") or not length:
                raise WrongAnswer(head.decode("latin-1")[:300])
            await reader.readexactly(int(length[1]))
            answered += 1
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return answered


if __name__ == "__main__":
    try:
        sys.stdout.write(str(asyncio.run(load(**json.load(sys.stdin)))))
    except (WrongAnswer, OSError, asyncio.IncompleteReadError, TimeoutError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
