"""A page as it is sent: everything put together once, so that a hit only hands it over."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import brotli

from .keys import BROTLI, GZIP, IDENTITY

Headers = list[tuple[str, str]]

NAMES = {IDENTITY: "", GZIP: "gzip", BROTLI: "br"}
# Both take about as long as sending the page does; more would be spent on a body that the next publication voids.
GZIP_LEVEL, BROTLI_QUALITY = 6, 5
WORTHWHILE = 200  # bytes; shorter bodies are not compressed
OVERHEAD = 2_000
"""Bytes that a copy takes beside its bodies, about."""

HIT = "Stratum; hit"
# Written by us for each answer, or true of one connection only.
OURS = frozenset(
    {
        "content-length",
        "content-encoding",
        "etag",
        "age",
        "cache-status",
        "warning",
        "connection",
        "date",
        "vary",
    }
)
# What a 304 repeats (RFC 9110, section 15.4.5), besides what is ours. A client takes over the rest from its copy.
REPEATED = frozenset(
    {
        "cache-control",
        "cache-tag",
        "cloudflare-cdn-cache-control",
        "content-location",
        "expires",
        "last-modified",
        "link",
        "surrogate-control",
        "surrogate-key",
        "xkey",
    }
)


FOR_CDN = frozenset({"Surrogate-Control", "Cloudflare-CDN-Cache-Control"})


@dataclass(frozen=True, slots=True)
class Coded:
    """A page in one coding, ready to be sent."""

    tag: str
    """Strong, for the bytes of one coding are always the same: that is why each coding has its own."""
    headers: Headers
    unchanged: Headers
    body: list[bytes]


@dataclass(slots=True)
class Copy:
    """A page that Django has made. `era` is the state of the site that it shows, see `freshness`; `made_at` in seconds
    since 1970."""

    body: bytes
    headers: Headers
    made_at: float
    era: object = None
    used: bool = False
    digest: str = ""
    last_modified: str = ""
    vary: str = ""
    codings: list[Coded | None] = field(default_factory=lambda: [None, None, None])

    def __post_init__(self) -> None:
        kind = next((value for name, value in self.headers if name.lower() == "content-type"), "")
        self.digest = hashlib.sha256(f"{kind}\n".encode() + self.body).hexdigest()[:24]
        self.last_modified = next((v for n, v in self.headers if n.lower() == "last-modified"), "")
        self.vary = ", ".join(value for name, value in self.headers if name.lower() == "vary")
        self.headers = [pair for pair in self.headers if pair[0].lower() not in OURS]

    @property
    def size(self) -> int:
        """Bytes it takes in memory, about, once it is there in all codings: the compressed ones take a fifth each."""
        return len(self.body) * 3 // 2 + OVERHEAD

    def coded(self, coding: int) -> Coded:
        """Made at the first request that wants this coding."""
        found = self.codings[coding]
        if found is None:
            found = self.codings[coding] = self._code(coding)
        return found

    def _code(self, coding: int) -> Coded:
        body, name = self.body, NAMES[coding]
        if coding and len(body) >= WORTHWHILE:
            body = compress(body, coding)
        else:
            name = ""
        if coding and not name:
            return self.coded(IDENTITY)
        tag = f'"{self.digest}{"-" if name else ""}{name}"'
        told = [("ETag", tag), ("Vary", self.vary), ("Age", "0"), ("Cache-Status", HIT)]
        sent = [*self.headers, *told, ("Content-Length", str(len(body)))]
        if name:
            sent.append(("Content-Encoding", name))
        unchanged = [*(pair for pair in self.headers if pair[0].lower() in REPEATED), *told]
        return Coded(tag, sent, unchanged, [body])


def compress(body: bytes, coding: int) -> bytes:
    if coding == BROTLI:
        return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY))
    return gzip.compress(body, GZIP_LEVEL, mtime=0)


def labelled(headers: Headers, status: str, *more: tuple[str, str]) -> Headers:
    """The headers with another Cache-Status (RFC 9211), and what is named beside it in the place of the same."""
    told = [("Cache-Status", f"Stratum; {status}"), *more]
    names = {name for name, _ in told}
    if "Warning" in names:  # a CDN must not keep what is perhaps untrue: it was told to forget it already
        names |= FOR_CDN
    return [*(pair for pair in headers if pair[0] not in names), *told]


def may_be_kept(status: str, headers: Iterable[tuple[str, str]]) -> bool:
    """Whether an answer is a page for everybody."""
    if not status.startswith("200"):
        return False
    for name, value in headers:
        lower = name.lower()
        if lower in {"set-cookie", "content-encoding", "content-range"}:
            return False
        if lower == "cache-control" and ("no-store" in value or "private" in value):
            return False
        if lower == "vary" and "*" in value:
            return False
    return True
