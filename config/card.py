"""The social card of pages that have none of their own, as a static file: drawn from the publication's name and tagline
when static files are collected, not kept in the repository."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage, Storage

from blog.imaging import CardWords, draw_card

NAME = "img/card.png"
VERSION = 1
"""Raised when cards are drawn otherwise."""


class SiteCard(BaseFinder):
    """Finds the card below the data folder, drawn anew when the publication is called otherwise."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.DATA / "card")

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The card's absolute path, or an empty list."""
        if path != NAME:
            return []
        found = self._drawn()
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        self._drawn()
        yield NAME, self.storage

    def _drawn(self) -> str:
        target, stamp = Path(self.storage.path(NAME)), Path(self.storage.path("drawn-from"))
        words = CardWords(site=settings.BLOG_NAME, title=settings.BLOG_TAGLINE)
        drawn_from = hashlib.sha256(repr((VERSION, words)).encode()).hexdigest()
        if not (target.exists() and stamp.exists() and stamp.read_text() == drawn_from):
            target.parent.mkdir(parents=True, exist_ok=True)
            for path, data in ((target, draw_card(words).data), (stamp, drawn_from.encode())):
                # Two processes may do so at once: whole files change places.
                fresh = path.with_suffix(f".{id(self):x}.tmp")
                fresh.write_bytes(data)
                fresh.replace(path)
        return str(target)
