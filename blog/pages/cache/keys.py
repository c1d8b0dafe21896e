"""What of a request tells one page from another, and which of its codings a client takes.

Whatever a stranger may write at will (a host, a header, a parameter that no page reads) is no part of a key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar
from urllib.parse import quote, quote_plus, unquote_to_bytes

from django.http import HttpRequest

from .policies import Policy

LONGEST = 1_000  # characters of a query; longer ones are no page's
HTML, MARKDOWN = 0, 1
IDENTITY, GZIP, BROTLI = 0, 1, 2

Value = TypeVar("Value")


class Memo(dict[str | None, Value], Generic[Value]):
    """A function of a header, remembered for the few hundred texts that browsers really send."""

    most = 512
    longest = 400

    def __init__(self, work: Callable[[str | None], Value]) -> None:
        super().__init__()
        self.work = work

    def __missing__(self, text: str | None) -> Value:
        value = self.work(text)
        if len(self) < self.most and len(text or "") <= self.longest:
            self[text] = value
        return value


def coding_of(accepted: str | None) -> int:
    """The best coding that an Accept-Encoding header allows (RFC 9110, section 12.5.3): Brotli where it is liked no
    less than gzip."""
    weights = {}
    for part in (accepted or "").lower().split(","):
        name, _, weight = part.partition(";")
        value = weight.strip().removeprefix("q=").strip() if weight else "1"
        try:
            weights[name.strip()] = float(value)
        except ValueError:
            weights[name.strip()] = 0.0
    rest = weights.get("*", 0.0)
    brotli, gzip = weights.get("br", rest), weights.get("gzip", weights.get("x-gzip", rest))
    plain = weights.get("identity", 0.0)
    if brotli > 0 and brotli >= max(gzip, plain):
        return BROTLI
    return GZIP if gzip > 0 and gzip >= plain else IDENTITY


def form_of(accepted: str | None) -> int:
    """Whether a client prefers Markdown, by the very words by which the pages decide it."""
    request = HttpRequest()
    if accepted is not None:
        request.META["HTTP_ACCEPT"] = accepted
    preferred = request.get_preferred_type(["text/html", "text/markdown"])
    return MARKDOWN if preferred == "text/markdown" else HTML


CODINGS: Memo[int] = Memo(coding_of)
FORMS: Memo[int] = Memo(form_of)


class Unreadable(ValueError):
    """A query that the page itself must judge."""


def query_of(text: str, policy: Policy) -> str:
    """The query (as it stands in the address) in the one way in which it is part of a key: what the page reads of it.

    The parameters of listings stay in their order, for another one leads to the canonical address.

    Raises:
        Unreadable: it is too long, or no text.
    """
    if not text:
        return ""
    if len(text) > LONGEST:
        raise Unreadable
    pairs = []
    for part in text.split("&"):
        name, mark, value = part.partition("=")
        if (known := _plain(name)) in policy.asks:
            pairs.append((known, mark, _plain(value)))
    if policy.form:
        last = {name: (name, "=", value) for name, _, value in pairs}
        pairs = [last[name] for name in policy.asks if name in last and last[name][2]]
    return "&".join(f"{name}{mark}{quote_plus(value)}" for name, mark, value in pairs)


def _plain(text: str) -> str:
    try:
        plain = unquote_to_bytes(text.replace("+", " ")).decode()
    except UnicodeError:
        raise Unreadable from None
    if "\0" in plain:
        raise Unreadable
    return plain


def is_question(query: str) -> bool:
    """Whether the query asks something that readers put together at will: anything but a level. Such pages share a
    smaller part of the memory."""
    return bool(query) and not (query.startswith("level=") and "&" not in query)


def path_of(path_info: str) -> str | None:
    """The path as text; None where it is none. WSGI hands bytes over as Latin-1 (PEP 3333)."""
    try:
        return path_info.encode("latin-1").decode()
    except UnicodeError:
        return None


def address_of(path: str, query: str) -> str:
    return f"{quote(path)}?{query}" if query else quote(path)
