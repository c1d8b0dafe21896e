"""What Prometheus asks for (https://prometheus.io/docs/instrumenting/exposition_formats/), summed over all processes of
this machine. Optional: without prometheus-client, or without a MONITOR_TOKEN, nothing is measured."""

from __future__ import annotations

import functools
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse

from . import gauges, page_cache
from .readiness import may_monitor

log = logging.getLogger("stratum.metrics")

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds, from a page out of memory to one that is given up."""
FILES = {"histogram": 1 << 20, "gauge_livesum": 1 << 16, "gauge_sum": 1 << 16}
"""Bytes of each process's files. They are memory that lies on the disk: a part that has no room there when it is first
written to ends the process. So all of them are taken at the beginning, and no set of views and answers needs more."""
METHODS = frozenset({"GET", "HEAD", "POST"})
"""Others are counted together: a stranger may send any word."""


def wanted() -> bool:
    return bool(settings.MONITOR_TOKEN) and find_spec("prometheus_client") is not None


class Meters:
    """The instruments of a process. Their values lie in files, one set a process, from which any process adds up."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError: the folder can't be written, or the disk is full."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, size in FILES.items():
            _take_room(folder / f"{name}_{os.getpid()}.db", size)
        # Read by the package when it is imported, and never after.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        import prometheus_client as prometheus

        registry = (
            prometheus.CollectorRegistry()
        )  # of no use but to keep the default one, and its Python internals, out
        self.folder = folder
        self.seconds = prometheus.Histogram(
            "stratum_request_seconds", "Time to answer, without the server's own.",
            ["view", "method", "status"], buckets=BUCKETS, registry=registry,
        )  # fmt: skip
        self.pool = prometheus.Gauge(
            "stratum_database_connections", "Connections of the pools, by what they do.",
            ["state"], multiprocess_mode="livesum", registry=registry,
        )  # fmt: skip
        # As gauges, for each is set to what the process has counted by itself; those that are gone keep their share.
        self.cache = prometheus.Gauge(
            "stratum_page_cache_total", "Requests to the page cache, by what became of them.",
            ["result"], multiprocess_mode="sum", registry=registry,
        )  # fmt: skip
        self.waited = prometheus.Gauge(
            "stratum_database_waits", "Requests that had to wait for a connection since the process began.",
            multiprocess_mode="livesum", registry=registry,
        )  # fmt: skip

    def exposition(self) -> bytes:
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(self.folder))
        registry.register(_Live())
        return generate_latest(registry)


def _take_room(file: Path, size: int) -> None:
    if file.exists() and file.stat().st_size >= size:
        return
    try:
        file.write_bytes(bytes(size))
    except OSError:
        with suppress(OSError):
            file.unlink()
        raise


def meters() -> Meters | None:
    """None where nothing is wanted, or where this process can't keep it."""
    return opened() if wanted() else None


@functools.cache
def opened() -> Meters | None:
    try:
        return Meters(Path(settings.DATA) / "metrics")
    except OSError as error:
        log.warning("Nothing is measured: %s: %s.", error.filename, error.strerror)
        return None


class _Live:
    """What is read when it is asked for, the same from whichever process."""

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        for name, words, labels, values in gauges.read():
            family = GaugeMetricFamily(f"stratum_{name}", words, labels=labels)
            for label_values, value in values:
                family.add_metric(label_values, value)
            yield family


class Meter:
    """Measures every request by the view that answered it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        kept = meters()
        self.seconds = kept.seconds if kept else None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.seconds is None:
            return self.get_response(request)
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        self.seconds.labels(
            match.view_name or "unnamed" if match else "none",
            request.method if request.method in METHODS else "other",
            str(response.status_code),
        ).observe(time.perf_counter() - began)
        return response


def note_process() -> None:
    """Writes down what only this process knows; its watch calls it from time to time."""
    kept = meters()
    if kept is None:
        return
    for result, number in page_cache.totals().items():
        kept.cache.labels(result).set(number)
    pool = getattr(connection, "pool", None)
    if pool is not None:
        found = pool.get_stats()
        idle, size = found.get("pool_available", 0), found.get("pool_size", 0)
        kept.pool.labels("idle").set(idle)
        kept.pool.labels("busy").set(size - idle)
        kept.waited.set(found.get("requests_queued", 0))


def metrics(request: HttpRequest) -> HttpResponse:
    """Raises Http404 for whoever does not name the token, whether there are metrics or not."""
    if not may_monitor(request):
        raise Http404
    if not wanted():
        return HttpResponse(
            "prometheus-client is not installed: add the extra `metrics`.\n",
            status=501,
            content_type="text/plain",
        )
    kept = meters()
    if kept is None:
        return HttpResponse(
            "Its files can't be written; see the log.\n", status=503, content_type="text/plain"
        )
    from prometheus_client import CONTENT_TYPE_LATEST

    note_process()
    return HttpResponse(
        kept.exposition(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )
