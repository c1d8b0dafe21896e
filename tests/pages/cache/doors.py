"""A door with an application behind it that needs no database, and requests to it."""

import gzip
import io
import threading
import time
from datetime import UTC, datetime

from blog.models.move import Stamp
from blog.pages.cache.door import door
from blog.pages.cache.freshness import Freshness
from blog.pages.cache.page_cache import PageCache
from blog.pages.cache.watch import Watch


class ByHand(Watch):
    """Learns what a test tells it."""

    def __init__(self):
        super().__init__(Freshness(lease=3_600.0))
        self.works = True
        self.number = 0
        self.move()

    def begin(self):
        pass

    def move(self, *instants):
        """Something was committed."""
        self.number += 1
        stamp = Stamp(f"1.{self.number}", instants)
        self.freshness.learn(stamp, asked=time.monotonic(), at=datetime.now(UTC))


class Behind:
    """What stands behind the door: counts what it is asked, and answers as it is told to."""

    def __init__(self):
        self.asked = []
        self.body = b"<p>A page with its words, and words, and words, and words.</p>" * 20
        self.status = "200 OK"
        self.headers = [("Content-Type", "text/html"), ("Vary", "Accept")]
        self.before = lambda: None
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        with self.lock:
            self.asked.append(environ)
        self.before()
        start_response(self.status, self.headers)
        return [self.body]


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.raw = int(status[:3]), dict(headers), body
        assert len(headers) == len({name.lower() for name, _ in headers}), headers

    @property
    def body(self):
        return gzip.decompress(self.raw) if self.headers.get("Content-Encoding") == "gzip" else self.raw

    @property
    def how(self):
        return self.headers.get("Cache-Status")


class Site:
    def __init__(self, most=10_000_000):
        self.behind, self.watch = Behind(), ByHand()
        self.cache = PageCache(self.behind, most=most, watch=self.watch)
        self.application = door(self.cache)

    def get(self, path="/posts/x/", query="", method="GET", **headers):
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "HTTP_HOST": headers.pop("host", "localhost"),
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        told = []
        body = self.application(
            environ, lambda status, headers, exc_info=None: told.append((status, headers))
        )
        return Answer(*told[-1], b"".join(body))
