"""The site's real server, with two worker processes, and connections that reach them both."""

from __future__ import annotations

import contextlib
import http.client
import os
import time
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from tests.bench import server

PAUSE = 0.01
"""Seconds between two looks; asking without a pause would keep a core from the workers that are asked."""


def within(seconds: float) -> float:
    """So many, and more on a machine that is busy with other things: then everything takes longer."""
    return seconds * max(1.0, os.getloadavg()[0] / (2 * (os.cpu_count() or 1)))


def database_url() -> str:
    """That of the database in which the tests make their rows."""
    told = connection.settings_dict
    params = connection.get_connection_params()
    port = params.get("port") or told["PORT"] or 5432
    password = f":{quote(told['PASSWORD'], safe='')}" if told["PASSWORD"] else ""
    return f"postgres://{told['USER']}{password}@{quote(told['HOST'], safe='')}:{port}/{told['NAME']}"


class Page:
    """An answer, and when it was asked for and there (time.time())."""

    def __init__(self, asked: float, answer: http.client.HTTPResponse) -> None:
        self.asked, self.status = asked, answer.status
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        self.cookies = SimpleCookie("; ".join(answer.headers.get_all("set-cookie") or []))
        self.text = answer.read().decode(errors="replace")
        self.there = time.time()

    @property
    def how(self) -> str:
        return self.headers.get("cache-status", "")


class Served:
    """A running site. `get` goes over connections that are kept, more than there are workers, one after the other."""

    connections = 6

    def __init__(self, port: int, pid: int) -> None:
        self.port, self.pid = port, pid
        self.kept = [self._connect() for _ in range(self.connections)]
        self.turn = 0

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def get(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Page:
        self.turn = (self.turn + 1) % self.connections
        asked = time.time()
        kept = self.kept[self.turn]
        for last in (False, True):
            try:
                kept.request(method, path, body, headers={k.replace("_", "-"): v for k, v in headers.items()})
                return Page(asked, kept.getresponse())
            except (OSError, http.client.HTTPException):
                kept.close()
                if last:
                    raise
        raise AssertionError

    def everywhere(self, path: str, **headers: str) -> list[Page]:
        """The page over each connection, and so from each worker."""
        return [self.get(path, **headers) for _ in range(self.connections)]

    def warm(self, path: str, seconds: float = 20.0) -> None:
        """Until every connection answers from memory."""
        until = time.time() + seconds
        while not all(page.how.startswith("Stratum; hit") for page in self.everywhere(path)):
            assert time.time() < until, [page.how for page in self.everywhere(path)]
            time.sleep(PAUSE)

    def seconds_until(self, words: str, path: str, most: float = 5.0) -> float:
        """Seconds from now until every worker shows these words."""
        began = time.time()
        while not all(words in page.text for page in self.everywhere(path)):
            assert time.time() - began < within(most), f"“{words}” is not on {path} after {most} s"
            time.sleep(PAUSE)
        return time.time() - began

    def close(self) -> None:
        for one in self.kept:
            one.close()


@contextlib.contextmanager
def served(folder: Path, url: str, **more: str):
    """The site, on this database, with its data in `folder`."""
    env = server.environment(folder, url, server.free_port())
    env |= {"PAGE_CACHE_MB": "48", "DJANGO_SETTINGS_MODULE": "tests.pages.cache.settings", **more}
    with server.serving(env, folder / "server.log") as (port, pid):
        site = Served(port, pid)
        try:
            yield site
        finally:
            site.close()
