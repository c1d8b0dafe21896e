"""Which addresses a link may have: http, https, mailto, and places on this site."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
WEB = re.compile(r"https?://[^\s/?#\\]", re.IGNORECASE)
MAIL = re.compile(r"mailto:[^\s@]+@[^\s@]", re.IGNORECASE)
INVISIBLE = re.compile(
    r"[\x00-\x20\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\uffff]"
)


def tidy(address: str) -> str:
    """The address as a browser should get it: entities resolved, outer space gone, inner spaces written as
    %20.
    """
    return html.unescape(address).strip(" \n").replace(" ", "%20")


def is_safe(address: str) -> bool:
    """Whether a link may lead there.

    A colon before the first slash makes a scheme, whatever stands before it, so an unknown or disguised scheme is
    refused. So is a backslash, which browsers read as a slash, and `//host`, which leaves the site.
    """
    if INVISIBLE.search(address) or "\\" in address or address.startswith("//"):
        return False
    if WEB.match(address) or MAIL.match(address):
        return True
    return ":" not in re.split(r"[/?#]", address, maxsplit=1)[0]


def scheme_of(address: str) -> str:
    """The scheme in lower case, or an empty string."""
    found = SCHEME.match(address)
    return found[1].lower() if found else ""


def is_relative_path(address: str) -> bool:
    """Whether the address depends on the page it stands on, which feeds and listings show elsewhere."""
    return not scheme_of(address) and not address.startswith(("/", "#", "?"))


def for_message(address: str) -> str:
    """The address shortened and made visible for a message."""
    shown = (
        quote(address, safe=":/?#[]@!$&'()*+,;=%<> ", errors="replace")
        if INVISIBLE.search(address)
        else address
    )
    return shown if len(shown) <= 80 else f"{shown[:77]}…"
