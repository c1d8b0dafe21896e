"""Which pages are kept and what of their addresses they depend on: declared once, here, by the addresses' names."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import Resolver404, resolve

from ..alternates.registry import LISTINGS, WRITERS
from ..selecting import FACETS, PLACES
from ..where import page_of


@dataclass(frozen=True)
class Policy:
    """`asks` are the parameters of a query that the page reads; it is made without any other. Those of a `form` are
    read in any order, the last of several counts, and an empty one is none. Pages with `alternates` are Markdown to
    those who prefer that."""

    asks: tuple[str, ...] = ()
    form: bool = False
    alternates: bool = False


LISTING = Policy((*FACETS, *PLACES, "narrow"), alternates=True)
FEED = Policy((*FACETS, *PLACES))
PAGE = Policy(alternates=True)
FILE = Policy()

POLICIES: dict[str, Policy] = {
    **dict.fromkeys(WRITERS, PAGE),
    **dict.fromkeys(LISTINGS, LISTING),
    **dict.fromkeys((f"{name}-feed" for name in (*LISTINGS, "series", "learning-path")), FEED),
    "search": Policy(("q", "sort", "page"), form=True, alternates=True),
    "search-feed": Policy(("q", *FACETS, *PLACES)),
    "figures": Policy(("q", "level", "category", *PLACES), form=True, alternates=True),
    **dict.fromkeys(("opml", "robots", "sitemap", "sitemap-of", "sitemap-part", "llms", "llms-full"), FILE),
}
NEVER = frozenset({"healthz", "readyz", "metrics", "preview", "media"})
"""Besides all of the admin: what is answered by the process itself, shown to few, or kept by the name of the file."""


def policy_of(path: str) -> tuple[str, Policy] | None:
    """The name and policy of the page at `path` (decoded), or of the page whose Markdown it is; None for what is not
    kept."""
    page = page_of(path)
    try:
        name = resolve(page or path).view_name
    except (Resolver404, UnicodeError, ValueError):
        return None
    policy = POLICIES.get(name)
    if policy is None or (page and not policy.alternates):
        return None
    return name, policy
