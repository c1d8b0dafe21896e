"""Answering with a copy: whole, or by saying that the client has it."""

from __future__ import annotations

import time

from . import numbers
from .copies import Coded, Copy, labelled
from .keys import CODINGS
from .making import Environ, Start


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


def send_stale(copy: Copy, environ: Environ, start: Start) -> list[bytes]:
    """Answer with a copy of which nobody knows whether it is still true. 110 is what older caches understand (RFC 7234,
    section 5.5.1)."""
    age = str(max(0, round(time.time() - copy.made_at)))
    return send(
        copy, environ, start, f'hit; ttl=-{age}; detail="database away"',
        ("Age", age), ("Warning", '110 - "Response is Stale"'),
    )  # fmt: skip
