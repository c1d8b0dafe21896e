"""Real servers on this machine; nothing asks the network."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from blog.publishing.asking import Guard, Refused, ask, is_public

AGENT = "Stratum link check (+https://blog.example.org/)"


class Page(BaseHTTPRequestHandler):
    """Answers what its path says: /200, /404, /to?path, /loop, /only-get, /slow, /drip."""

    asked: list[tuple[str, str, str]]

    def do_HEAD(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers["User-Agent"]))  # type: ignore[attr-defined]
        path, _, target = self.path.partition("?")
        if path == "/slow":
            self.server.closing.wait(5)  # type: ignore[attr-defined]
        elif path == "/drip":
            self._drip()
        elif path in {"/to", "/loop"}:
            self._answer(302, target or "/loop")
        elif path == "/only-get":
            self._answer(200 if self.command == "GET" else 405)
        else:
            self._answer(int(path.strip("/") or 200))

    do_GET = do_HEAD

    def _answer(self, status: int, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _drip(self) -> None:
        while not self.server.closing.wait(0.05):  # type: ignore[attr-defined]
            try:
                self.wfile.write(b"H")
            except OSError:
                return

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as served:
        served.asked, served.closing, served.daemon_threads = [], threading.Event(), True
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield served
        served.closing.set()
        served.shutdown()


@pytest.fixture
def question(server):
    """Asks the local server for a path; the guard lets this one server through."""
    server.asked.clear()
    port = server.server_port

    def put(path: str, timeout: float = 5.0):
        return ask(
            f"http://127.0.0.1:{port}{path}",
            agent=AGENT,
            guard=Guard(also=frozenset({("127.0.0.1", port)})),
            timeout=timeout,
        )

    return put


def test_it_asks_for_the_head_alone_and_says_who_asks(question, server):
    assert question("/200").status == 200
    assert server.asked == [("HEAD", "/200", AGENT)]


@pytest.mark.parametrize("status", [404, 410, 500])
def test_it_tells_what_was_answered(question, status):
    answer = question(f"/{status}")
    assert answer.status == status
    assert answer.note.startswith(f"it answers {status} (")


def test_it_asks_for_the_page_where_a_server_knows_no_head(question, server):
    assert question("/only-get").status == 200
    assert [method for method, *_ in server.asked] == ["HEAD", "GET"]


def test_it_follows_five_redirects_and_no_more(question, server):
    assert question("/to?/to?/200").status == 200
    server.asked.clear()
    answer = question("/loop")
    assert answer.status is None
    assert "redirected too often" in answer.note
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/", "http://10.0.0.1/x", "http://[::1]/", "http://169.254.169.254/"]
)
def test_it_follows_no_redirect_into_a_private_network(question, target):
    answer = question(f"/to?{target}")
    assert answer.status is None
    assert "private network" in answer.note


def test_it_follows_no_redirect_to_another_scheme(question):
    assert "only http and https" in question("/to?file:///etc/passwd").note


@pytest.mark.parametrize("path", ["/slow", "/drip"])
def test_it_waits_no_longer_than_it_was_told(question, path):
    answer = question(path, timeout=0.4)
    assert answer.status is None
    assert "nothing came within" in answer.note


def test_it_tells_of_a_server_that_is_not_there(question, server):
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as gone:
        port = gone.server_port
    answer = ask(f"http://127.0.0.1:{port}/", agent=AGENT, guard=Guard(also=frozenset({("127.0.0.1", port)})))
    assert answer.status is None
    assert "no connection" in answer.note


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "::", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
     "ff02::1", "255.255.255.255", "240.0.0.1"],
)  # fmt: skip
def test_it_knows_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"]
)
def test_it_knows_addresses_that_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://localhost/", "private"),
        ("http://rebound.example/", "private"),
        ("ftp://example.org/", "http"),
        ("http://example.org:8080/", "ports"),
        ("http://user:word@example.org/", "password"),
        ("http://example.org:99999/", "read"),
        ("http://[::1/", "read"),
        ("http:///x", "http"),
    ],
)
def test_it_asks_nothing_of_an_address_that_might_lead_inside(url, why):
    found = {"localhost": ["127.0.0.1"], "rebound.example": ["93.184.215.14", "10.0.0.1"]}
    guard = Guard(resolve=lambda host, port: found.get(host, ["93.184.215.14"]))
    with pytest.raises(Refused, match=why):
        guard.admit(url)


def test_it_writes_letters_of_any_script_as_a_server_reads_them():
    guard = Guard(resolve=lambda host, port: ["93.184.215.14"])
    scheme, host, port, target, _ = guard.admit("https://bücher.example/größe x?q=ä#part")
    assert (scheme, host, port) == ("https", "xn--bcher-kva.example", 443)
    assert target == "/gr%C3%B6%C3%9Fe%20x?q=%C3%A4"


def test_no_line_break_of_an_address_reaches_the_request():
    guard = Guard(resolve=lambda host, port: ["93.184.215.14"])
    assert "\n" not in guard.admit("http://example.org/a\r\nX-Bad: 1")[3]
