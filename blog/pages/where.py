"""Where things are for readers who are not on a page of ours: whole addresses, and those of the Markdown."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from django.conf import settings

MARKDOWN = ".md"
INDEX = "/index.md"


def absolute(address: str) -> str:
    """The address as it is anywhere: `settings.SITE_URL` before a path."""
    return urljoin(f"{settings.SITE_URL}/", address)


def resolver(page: str) -> Callable[[str], str]:
    """What makes an address that stands on `page` absolute; one that is none stays as it is."""

    def resolve(address: str) -> str:
        try:
            return urljoin(page, address)
        except ValueError:  # such as http://[
            return address

    return resolve


def markdown_of(url: str) -> str:
    """The address of a page's Markdown, its query kept: `/posts/x/` has `/posts/x.md`, `/` has `/index.md`. Works on
    paths and on whole addresses of pages, which end in a slash."""
    parts = urlsplit(url)
    path = f"{parts.path.removesuffix('/')}{MARKDOWN}" if parts.path != "/" else INDEX
    return parts._replace(path=path).geturl()


def page_of(path: str) -> str | None:
    """The path of the page whose Markdown is at `path`; None when no Markdown can be there."""
    if path == INDEX:
        return "/"
    bare = path.removesuffix(MARKDOWN)
    return (
        f"{bare}/" if bare != path and bare.strip("/") and not bare.endswith("/") and path != INDEX else None
    )
