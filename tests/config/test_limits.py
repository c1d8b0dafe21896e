"""What the real server makes of requests that no browser sends: an answer below 500, soon, and in bounded memory. No
database is there, and none is asked."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.servers import ROOT, environment, wait_until

from .test_run import free_port

pytestmark = pytest.mark.kills

GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
POST = b"POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
REQUESTS = {
    "plain": (GET + b"\r\n", {200}),
    "many headers": (GET + b"".join(b"X-%d: y\r\n" % n for n in range(1_000)) + b"\r\n", {431}),
    "1 MB header": (GET + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n", {431}),
    "100 kB user agent": (GET + b"User-Agent: " + b"y" * 100_000 + b"\r\n\r\n", {200, 431}),
    "70 kB address": (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {414}),
    "no host": (b"GET /admin/login/ HTTP/1.1\r\nConnection: close\r\n\r\n", {400}),
    "two hosts": (POST + b"Host: evil.example\r\n\r\n", {400}),
    "no version": (b"GET /\r\n\r\n", {400}),
    "garbage": (bytes(range(256)) * 8 + b"\r\n\r\n", {400}),
    "NUL in a header's name": (GET + b"X\0Y: a\r\n\r\n", {400}),
    "bytes of no charset": (GET + b"User-Agent: \xff\xfe\r\nIf-None-Match: \xff\r\nAccept: \xff\r\n\r\n", {200}),
    "odd dates and ranges": (GET + b"If-Modified-Since: Thu, 99 Foo 99:99\r\nRange: bytes=9-1,-,x\r\n\r\n", {200}),
    "blank before a colon": (GET + b"Content-Length : 5\r\n\r\nhello", {400}),
    "folded header": (GET + b"X: a\r\n b\r\n\r\n", {400}),
    "two lengths": (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", {400}),
    "negative length": (POST + b"Content-Length: -5\r\n\r\nhello", {400}),
    "endless length": (POST + b"Content-Length: 99999999999999999999\r\n\r\nhello", {400}),
    "length and chunks": (POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX", {400, 403}),
    "unknown encoding": (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", {400, 501}),
    "bad chunk": (POST + FORM + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", {400, 403}),
    "endless chunk": (POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello", {400, 403}),
    "body cut short": (POST + FORM + b"Content-Length: 500\r\n\r\na=b", {400, 403}),
    "3 MB field": (POST + FORM + b"Content-Length: 3000002\r\n\r\na=" + b"b" * 3_000_000, {400, 403, 413}),
}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    port, data = free_port(), tmp_path_factory.mktemp("limits")
    env = environment(
        DJANGO_SETTINGS_MODULE="tests.settings",
        DATABASE_URL="postgres://u:p@127.0.0.1:1/x",
        SECRET_KEY="k" * 50,
        STRATUM_DATA=str(data),
        STRATUM_STOP_SECONDS="10",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "config.serving", "serve", str(port)],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: status_of(port, REQUESTS["plain"][0]) == 200, 60, "the server answers")
        yield port, process
    finally:
        process.terminate()
        process.wait(20)


def status_of(port: int, request: bytes) -> int | None:
    """The status of the answer; 0 where the connection was ended without one, None where nobody listens."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=15) as peer:
            heard = b""
            try:
                peer.sendall(request)
                while b"\r\n" not in heard and (more := peer.recv(65_536)):
                    heard += more
            except TimeoutError:
                raise
            except OSError:  # it has heard enough, and answered before all was sent
                return int(heard.split()[1]) if heard else 0
            return int(heard.split()[1]) if heard else 0
    except ConnectionRefusedError:
        return None


@pytest.mark.parametrize("name", REQUESTS)
def test_it_answers_soon_and_below_500(server, name):
    request, fine = REQUESTS[name]
    assert status_of(server[0], request) in fine | {0}


def test_nothing_after_the_chunks_is_taken_for_a_request(server):
    """Two readers that disagree where a request ends: https://portswigger.net/web-security/request-smuggling."""
    hidden = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    smuggled = b"%x\r\n%s\r\n0\r\n\r\n" % (len(hidden), hidden)
    head = (
        POST.replace(b"Connection: close\r\n", b"")
        + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server[0]), timeout=3) as peer:
        peer.sendall(head + smuggled)
        heard = b""
        try:
            while more := peer.recv(65_536):
                heard += more
        except TimeoutError:
            pass
    assert heard.count(b"HTTP/1.1 ") == 1 and b"HTTP/1.1 200" not in heard


def test_hundreds_of_slow_heads_keep_nobody_waiting(server):
    port, _process = server
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
    try:
        for peer in slow:
            peer.sendall(b"GET / HTTP/1.1\r\nX: ")
        assert status_of(port, REQUESTS["plain"][0]) == 200
    finally:
        for peer in slow:
            peer.close()


def test_its_memory_stays_bounded(server):
    port, process = server
    for _ in range(30):
        status_of(port, REQUESTS["3 MB field"][0])
        status_of(port, REQUESTS["1 MB header"][0])
    assert resident(process.pid) < 400_000_000


def resident(pid: int) -> int:
    """Bytes in memory of the process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        pytest.skip("this system does not tell a process's memory in /proc")
    pages = [
        int(Path(f"/proc/{one}/statm").read_text().split()[1])
        for one in [str(pid), *children.read_text().split()]
    ]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")
