"""What is behind the door: the copies, what is known of the present, and how pages are made, once for all who ask."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from blog.models.standby import STANDBY

from ..standby import SEEN
from . import numbers
from .copies import Copy, Headers, may_be_kept
from .disk import Disk
from .flights import Flights
from .freshness import Era, Freshness
from .keys import FORMS, HTML, MARKDOWN, Unreadable, path_of, query_of
from .limits import Limits
from .making import AWAY, FAILED, Application, Environ, Start, example, is_secure, plain, read
from .outage import Outage, renew_pool
from .policies import Policy, policy_of
from .sending import send, send_stale
from .store import Store
from .watch import Watch, connect

FIRST_WORD, A_WORD = 1.0, 0.3
"""Seconds that a request waits for what the thread is about to learn: the first time, and ever after."""
MARK = " "
"""Before the key of a page's Markdown; no path begins like that."""


def is_signed_in(environ: Environ) -> bool:
    """Whether it may be an editor's: the session is asked for by its name alone."""
    return f"{settings.SESSION_COOKIE_NAME}=" in environ.get("HTTP_COOKIE", "")


class PageCache:
    """`most` bytes of copies in memory; `disk`, if given, for those that outlive the process."""

    def __init__(
        self, django: Application, *, most: int, watch: Watch | None = None, disk: Disk | None = None
    ) -> None:
        self.django = django
        self.store = Store(most)
        self.disk = disk or Disk(Path("/nonexistent"), 0)
        self.watch = watch or Watch(Freshness())
        self.freshness = self.watch.freshness
        self.flights: Flights[Copy] = Flights()
        self.limits = self.watch.limits = Limits(
            lambda: self.outage.away or self.freshness.lost or self.watch.is_in_doubt()
        )
        self.outage = Outage(self.attempt)
        self.watch.on_loss = self.outage.begin
        # Where one connection was lost, all were: a pool tries them one after the other.
        self.watch.on_return = renew_pool
        self.hosts: set[str] = set()

    def answer(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Whatever is no plain hit."""
        if not self.is_for_all(environ):
            if self.outage.away and is_signed_in(environ):
                return self.django(environ | {AWAY: True}, start)
            return self.pass_on(environ, start, firm=False)
        path = path_of(environ["PATH_INFO"])
        found = policy_of(path) if path else None
        try:
            query = query_of(environ["QUERY_STRING"], found[1]) if found else ""
        except Unreadable:
            found = None
        if found is None:
            return self.pass_on(environ, start, firm=True)
        return self.answer_page(environ, start, query, found[1])

    def pass_on(self, environ: Environ, start: Start, *, firm: bool) -> Iterable[bytes]:
        """Have Django answer for itself."""
        numbers.bypassed.add()

        def notice(status: str, headers: Headers, exc_info: object = None) -> object:
            if environ.get(FAILED):
                if waiting.broken:
                    self.outage.was_slow()
                else:
                    self.outage.begin("A request found none.")
            return start(status, headers, exc_info)

        with self.limits.kept(firm=firm) as waiting:
            return self.django(environ, notice)

    def is_for_all(self, environ: Environ) -> bool:
        """Whether the request is one that everybody may share the answer to."""
        return (
            environ["REQUEST_METHOD"] in {"GET", "HEAD"}
            and "HTTP_AUTHORIZATION" not in environ
            and not is_signed_in(environ)
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
        asked = plain(environ, query, form)
        if self.outage.away:
            return self.answer_anyhow(environ, start, key, query, asked)
        at = timezone.now()
        era = self.freshness.present(at=at, patience=A_WORD if self.freshness.era else FIRST_WORD)
        copy = self.store.shelf(query).copies.get(key)
        if copy is not None and copy.era is era is not None:
            copy.used = True
            numbers.hits.add()
            return send(copy, environ, start)
        if self.outage.away:  # it was found out meanwhile
            return self.answer_anyhow(environ, start, key, query, asked)
        numbers.misses.add()
        asked[SEEN] = era.stamp if era is not None else ""
        forwarded = "uri-miss" if copy is None else "stale"
        flight, leads = self.flights.board(key, era)
        if not leads:
            shared = flight.wait()
            if shared is not None:
                return send(shared, environ, start, f"fwd={forwarded}; collapsed")
            if self.outage.away or not flight.over.is_set():
                return self.answer_anyhow(environ, start, key, query, asked)
            return self.pass_on(environ, start, firm=True)
        made: Copy | None = None
        try:
            status, headers, body = self.make(asked, self.store.shelf(query).largest)
            if FAILED in asked:
                return self.answer_anyhow(environ, start, key, query, asked)
            if not isinstance(body, bytes) or not may_be_kept(status, headers):
                self.forget(key, query, copy)
                start(status, headers)
                return body if not isinstance(body, bytes) else [body]
            numbers.renders.add()
            made = Copy(body, headers, made_at=time.time())
            self.keep(key, query, made, era, at=at)
        finally:
            self.flights.land(key, flight, made)
        stored = "; stored" if made.era is not None else ""
        return send(made, environ, start, f"fwd={forwarded}{stored}")

    def make(self, asked: Environ, most: int) -> tuple[str, Headers, bytes | Iterable[bytes]]:
        """Django's answer; `asked` says FAILED if the database gave none, or none in time; False if it refused."""
        with self.limits.kept() as waiting:
            status, headers, body = read(self.django, asked, most)
        if FAILED not in asked:
            self.outage.succeeded()
        elif waiting.broken:
            self.outage.was_slow()
        elif asked[FAILED]:
            self.outage.begin("A page could not be made.")
        return status, headers, body

    def keep(self, key: str, query: str, copy: Copy, era: Era | None, *, at: datetime) -> None:
        """Put a copy, begun at `at` in this era, where others find it; it is true only if nothing moved meanwhile."""
        if era is not None and self.freshness.is_present(era) and at >= era.since:
            copy.era = era
        else:
            numbers.discarded.add()
        self.store.shelf(query).put(key, copy)
        self.disk.put(key, copy)

    def forget(self, key: str, query: str, copy: Copy | None) -> None:
        """What is no page any more must not come back while the database is away."""
        if copy is not None:
            self.store.shelf(query).remove(key)
        self.disk.put(key, None)

    def answer_anyhow(
        self, environ: Environ, start: Start, key: str, query: str, asked: Environ
    ) -> Iterable[bytes]:
        """Without the database: from a standby, with the last good copy, or by saying that there is none and when to
        come back."""
        if settings.DATABASE_REPLICA_URL and STANDBY.answers():
            anyhow = {name: value for name, value in asked.items() if name != FAILED} | {SEEN: ""}
            with self.limits.kept():
                status, headers, body = read(self.django, anyhow, 10_000_000)
            if FAILED not in anyhow:
                # It may be older than what others have seen: nobody is to keep it.
                kept = [pair for pair in headers if pair[0] != "Cache-Control"]
                start(status, [*kept, ("Cache-Control", "no-store")])
                if environ["REQUEST_METHOD"] == "HEAD":
                    return []
                return [body] if isinstance(body, bytes) else body
        shelf = self.store.shelf(query)
        copy = shelf.copies.get(key)
        if copy is None:
            copy = self.disk.get(key)
            if copy is not None:
                shelf.put(key, copy)
        if copy is not None:
            copy.used = True
            numbers.stale.add()
            return send_stale(copy, environ, start)
        numbers.refused.add()
        return self.django(environ | {AWAY: True}, start)

    def attempt(self) -> bool:
        """Whether the front page can be made, and so any: once the server answers at all, over new connections."""
        connection = connect(pooler=True)
        try:
            with self.limits.kept(connection=lambda: connection):
                connection.execute("SELECT FROM blog_move LIMIT 1")
        finally:
            connection.close()
        renew_pool()
        with self.limits.kept():
            status, _, _ = read(self.django, example(next(iter(self.hosts), "localhost")), 10_000_000)
        return status.startswith("200")
