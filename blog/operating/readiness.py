"""What this process knows of the site's soundness, for probes and for the log."""

from __future__ import annotations

import logging
import threading
import time

from django.conf import settings
from django.core.signals import request_started
from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from . import page_cache
from .soundness import Finding, State, readiness

log = logging.getLogger("stratum.readiness")

PATIENCE = 2.0
"""Seconds that a probe waits for an answer. What takes longer is itself the finding."""
FRESH = 1.0
"""Seconds for which an answer is given again, however many ask."""
UNFIT = frozenset({"migrations"})
"""Checks whose failure means that another process may be better. What all of them share, such as the database, is no
reason to send readers away: they still get the pages that were kept."""
SLOW = Finding(
    "checks",
    State.FAILURE,
    f"They have taken more than {PATIENCE:.0f} s.",
    "Look at the database, then at the disk.",
)


class Watch:
    """Looks at what runs, in a thread of its own, so that nobody who asks is kept waiting by what hangs."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._looked_at = float("-inf")
        self._states: dict[str, State] = {}
        self._lock = threading.Lock()
        self._looking: threading.Event | None = None
        self._begun = False

    def ask(self) -> list[Finding]:
        """What was found within the last second, else anew. Takes PATIENCE seconds at most."""
        with self._lock:
            if time.monotonic() - self._looked_at < FRESH:
                return self.findings
            if self._looking is None:
                self._looking = threading.Event()
                threading.Thread(
                    target=self._look, args=[self._looking], name="readiness", daemon=True
                ).start()
            looking = self._looking
        return self.findings if looking.wait(PATIENCE) else [SLOW]

    def _look(self, done: threading.Event) -> None:
        try:
            found = [*readiness(), *page_cache.cache()]
            self._tell(found)
            self.findings = found
        finally:
            close_old_connections()
            connection.close()
            with self._lock:
                self._looked_at, self._looking = time.monotonic(), None
            done.set()

    def _tell(self, found: list[Finding]) -> None:
        """Writes to the log what has changed: one line when something fails, one when it is well again."""
        for one in found:
            before = self._states.get(one.name, State.OK)
            if one.state == before:
                continue
            if one.state == State.OK:
                log.warning("%s is well again: %s", one.name, one.words, extra={"check": one.name})
            else:
                level = logging.ERROR if one.state == State.FAILURE else logging.WARNING
                log.log(level, "%s: %s %s", one.name, one.words, one.mend, extra={"check": one.name})
        self._states = {one.name: one.state for one in found}

    def begin(self, **told: object) -> None:
        """Looks every WATCH_EVERY seconds from now on. Called when a process answers its first request, and not
        before: threads do not survive a fork."""
        if self._begun or not settings.WATCH_EVERY:
            return
        self._begun = True
        threading.Thread(target=self._look_on, name="watch", daemon=True).start()

    def _look_on(self) -> None:
        from .metrics import note_process

        while True:
            note_process()
            if self.ask() == [SLOW]:
                self._tell([SLOW, *(one for one in self.findings if one.name != SLOW.name)])
            time.sleep(settings.WATCH_EVERY)


WATCH = Watch()


def listen() -> None:
    """From the first request on, this process watches."""
    request_started.connect(WATCH.begin, dispatch_uid="readiness")


def readyz(request: HttpRequest) -> HttpResponse:
    """Whether readers should be sent to this process: 200, or 503 where another may be fit and this one is not. With
    `?all`, 503 as soon as anything fails, for those who are to be woken.

    Names and states are for everybody, the details for those who know MONITOR_TOKEN.
    """
    found = WATCH.ask()
    details = may_monitor(request)
    failing = {one.name for one in found if one.state == State.FAILURE}
    unfit = failing if "all" in request.GET else failing & UNFIT
    lines = [
        f"{one.state:7} {one.name}{f': {one.words} {one.mend}'.rstrip() if details else ''}\n"
        for one in found
    ]
    return HttpResponse(
        "".join(["unfit\n" if unfit else "ready\n", *dict.fromkeys(lines)]),
        status=503 if unfit else 200,
        content_type="text/plain; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


def may_monitor(request: HttpRequest) -> bool:
    """Whether the request bears MONITOR_TOKEN, as `Authorization: Bearer …`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    known = settings.MONITOR_TOKEN
    return bool(known) and scheme.lower() == "bearer" and constant_time_compare(token.strip(), known)
