"""The WSGI application that stands before Django's: answers from memory what is there and true, and has Django make the
rest, once."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from ..standby import SEEN
from . import numbers
from .copies import Coded, Copy, Headers, labelled, may_be_kept
from .flights import Flights
from .freshness import Era, Freshness
from .keys import CODINGS, FORMS, HTML, MARKDOWN, Unreadable, is_question, path_of, query_of
from .policies import Policy, policy_of
from .store import Store
from .watch import Watch

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

FIRST_WORD = 1.0
"""Seconds that a request waits for what the thread is about to learn."""
MARK = " "
"""Before the key of a page's Markdown; no path begins like that."""


class PageCache:
    """What is behind the door: the store, what is known of the present, and how pages are made."""

    def __init__(self, django: Application, *, most: int, watch: Watch | None = None) -> None:
        self.django = django
        self.store = Store(most)
        self.watch = watch or Watch(Freshness())
        self.freshness = self.watch.freshness
        self.flights: Flights[Copy] = Flights()
        self.hosts: set[str] = set()

    def answer(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Whatever is no plain hit."""
        if not self.is_for_all(environ):
            numbers.bypassed.add()
            return self.django(environ, start)
        path = path_of(environ["PATH_INFO"])
        found = policy_of(path) if path else None
        try:
            query = query_of(environ["QUERY_STRING"], found[1]) if found else ""
        except Unreadable:
            found = None
        if found is None:
            numbers.bypassed.add()
            return self.django(environ, start)
        return self.answer_page(environ, start, query, found[1])

    def is_for_all(self, environ: Environ) -> bool:
        """Whether the request is one that everybody may share the answer to."""
        return (
            environ["REQUEST_METHOD"] in {"GET", "HEAD"}
            and "HTTP_AUTHORIZATION" not in environ
            and f"{settings.SESSION_COOKIE_NAME}=" not in environ.get("HTTP_COOKIE", "")
            and self.is_ours(environ.get("HTTP_HOST", ""))
            and (not settings.SECURE_SSL_REDIRECT or is_secure(environ))
        )

    def is_ours(self, host: str) -> bool:
        """Whether Django would serve this host; no part of a key, for pages name the site by SITE_URL."""
        if host in self.hosts:
            return True
        domain, _ = split_domain_port(host)
        if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
            return False
        if len(self.hosts) < 100:
            self.hosts.add(host)
        return True

    def answer_page(self, environ: Environ, start: Start, query: str, policy: Policy) -> Iterable[bytes]:
        self.watch.begin()
        path = environ["PATH_INFO"]
        form = FORMS[environ.get("HTTP_ACCEPT")]
        if not policy.alternates or path.endswith(".md"):
            form = HTML
        key = f"{path}?{query}" if query else path
        if form == MARKDOWN:
            key = MARK + key
        at = timezone.now()
        patience = FIRST_WORD if self.watch.works is not False else 0
        era = self.freshness.present(at=at, patience=patience)
        copy = self.store.shelf(query).copies.get(key)
        if copy is not None and copy.era is era is not None:
            copy.used = True
            numbers.hits.add()
            return send(copy, environ, start)
        numbers.misses.add()
        environ = {**environ, SEEN: era.stamp if era is not None else ""}
        forwarded = "uri-miss" if copy is None else "stale"
        flight, leads = self.flights.board(key, era)
        if not leads:
            shared = flight.wait()
            if shared is not None:
                return send(shared, environ, start, f"fwd={forwarded}; collapsed")
            return self.django(environ, start)
        made: Copy | None = None
        try:
            asked = plain(environ, query, form)
            status, headers, body = read(self.django, asked, self.store.shelf(query).largest)
            if not isinstance(body, bytes) or not may_be_kept(status, headers):
                start(status, headers)
                return body if not isinstance(body, bytes) else [body]
            numbers.renders.add()
            made = Copy(body, headers, made_at=time.time())
            self.keep(key, query, made, era, at=at)
        finally:
            self.flights.land(key, flight, made)
        stored = "; stored" if made.era is not None else ""
        return send(made, environ, start, f"fwd={forwarded}{stored}")

    def keep(self, key: str, query: str, copy: Copy, era: Era | None, *, at: Any) -> None:
        """Put a copy, begun at `at` in this era, where others find it; it is true only if nothing moved meanwhile."""
        if era is not None and self.freshness.is_present(era) and at >= era.since:
            copy.era = era
        else:
            numbers.discarded.add()
        self.store.shelf(query).put(key, copy)


def door(cache: PageCache) -> Application:
    """The application. A hit runs through these lines alone, which therefore ask for nothing twice: no lock, no object
    of Django's, and no header that is not there already."""
    freshness, answer = cache.freshness, cache.answer
    pages, questions, hosts = cache.store.pages.copies, cache.store.questions.copies, cache.hosts
    session = f"{settings.SESSION_COOKIE_NAME}="
    must_be_secure = settings.SECURE_SSL_REDIRECT
    now, hit, unchanged = time.monotonic, numbers.hits.add, numbers.unchanged.add

    def application(environ: Environ, start_response: Start) -> Iterable[bytes]:
        get = environ.get
        key, query, cookies = environ["PATH_INFO"], environ["QUERY_STRING"], get("HTTP_COOKIE")
        if (
            environ["REQUEST_METHOD"] != "GET"
            or get("HTTP_HOST") not in hosts
            or "HTTP_AUTHORIZATION" in environ
            or (cookies is not None and session in cookies)
            or (must_be_secure and not is_secure(environ))
        ):
            return answer(environ, start_response)
        shelf = pages
        if query:
            key = f"{key}?{query}"
            if is_question(query):
                shelf = questions
        if FORMS[get("HTTP_ACCEPT")]:
            key = MARK + key
        copy = shelf.get(key)
        if copy is None or copy.era is not freshness.era or now() >= freshness.until:
            return answer(environ, start_response)
        hit()
        copy.used = True
        coding = CODINGS[get("HTTP_ACCEPT_ENCODING")]
        coded = copy.codings[coding] or copy.coded(coding)
        known = get("HTTP_IF_NONE_MATCH")
        if known is None:
            since = get("HTTP_IF_MODIFIED_SINCE")
            if since is None or since != copy.last_modified:
                start_response("200 OK", coded.headers)
                return coded.body
        elif coded.tag not in known and known != "*":
            start_response("200 OK", coded.headers)
            return coded.body
        unchanged()
        start_response("304 Not Modified", coded.unchanged)
        return []

    return application


def send(
    copy: Copy, environ: Environ, start: Start, status: str = "hit", *more: tuple[str, str]
) -> list[bytes]:
    """Answer with a copy, in the client's coding, as what `status` says (RFC 9211)."""
    coded = copy.coded(CODINGS[environ.get("HTTP_ACCEPT_ENCODING")])
    if is_known(copy, coded, environ):
        numbers.unchanged.add()
        start("304 Not Modified", labelled(coded.unchanged, status, *more))
        return []
    start("200 OK", labelled(coded.headers, status, *more))
    return coded.body if environ["REQUEST_METHOD"] == "GET" else []


def is_known(copy: Copy, coded: Coded, environ: Environ) -> bool:
    """Whether the client has the page already (RFC 9110, section 13.2.2). The tags may be weak or many: ours is found
    in them by its text, which nothing else contains. Dates are compared for equality, as in `feeds.conditional`."""
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known is not None:
        return coded.tag in known or known.strip() == "*"
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    return since is not None and since == copy.last_modified


def is_secure(environ: Environ) -> bool:
    header = settings.SECURE_PROXY_SSL_HEADER
    if header and header[0] in environ:
        return bool(environ[header[0]].split(",")[0].strip() == header[1])
    return bool(environ["wsgi.url_scheme"] == "https")


def plain(environ: Environ, query: str, form: int) -> Environ:
    """The request that anybody could have made for the page: nothing of this client is in it but the number by which
    the log names it."""
    header = settings.SECURE_PROXY_SSL_HEADER
    kept = {"HTTP_HOST", "HTTP_X_REQUEST_ID", *(header[:1] if header else ())}
    asked = {name: value for name, value in environ.items() if not name.startswith("HTTP_") or name in kept}
    return asked | {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": query,
        "HTTP_ACCEPT": "text/markdown" if form == MARKDOWN else "text/html",
        "CONTENT_LENGTH": "",
        "wsgi.input": io.BytesIO(),
    }


def read(django: Application, environ: Environ, most: int) -> tuple[str, Headers, bytes | Iterable[bytes]]:
    """Django's answer, its body whole if it has at most so many bytes; a longer one is to be sent as it comes."""
    told: list[tuple[str, Headers]] = []
    answer = django(environ, lambda status, headers, exc_info=None: told.append((status, headers)))
    pieces: list[bytes] = []
    size = 0
    parts = iter(answer)
    for part in parts:
        pieces.append(part)
        size += len(part)
        if size > most:
            return *told[0], Rest(pieces, parts, answer)
    if hasattr(answer, "close"):
        answer.close()
    return *told[0], b"".join(pieces)


class Rest:
    """A body of which the first pieces were read already."""

    def __init__(self, pieces: list[bytes], parts: Any, answer: Any) -> None:
        self.pieces, self.parts, self.answer = pieces, parts, answer

    def __iter__(self) -> Any:
        yield from self.pieces
        yield from self.parts

    def close(self) -> None:
        if hasattr(self.answer, "close"):
            self.answer.close()
