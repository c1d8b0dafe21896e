"""Stylesheets are written one cascade layer a file and served as few files: each request before the first paint costs a
reader on a phone a round trip. A staticfiles finder joins them, so that every way of serving knows the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage, Storage

SOURCES = Path(__file__).resolve().parent.parent / "static"

# What every reader's page needs, and what an article needs beside it; in the order of the layers.
BUNDLES = {
    "css/site.css": ["css/tokens.css", "css/base.css", "css/layout.css", "css/parts.css", "css/print.css"],
    "css/article.css": ["css/prose.css", "css/code.css", "css/figures.css", "css/post.css"],
    "css/gallery.css": ["css/figures.css", "css/wall.css"],
}


class Bundles(BaseFinder):
    """Finds each bundle as a file below the data folder, written anew when one of its parts has changed."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.DATA / "bundles")

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The bundle's absolute path, or an empty list."""
        if path not in BUNDLES:
            return []
        found = self._joined(path)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for path in BUNDLES:
            self._joined(path)
            yield path, self.storage

    def _joined(self, path: str) -> str:
        text = "\n".join((SOURCES / part).read_text("utf-8") for part in BUNDLES[path])
        target = Path(self.storage.path(path))
        if not target.exists() or target.read_text("utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            # Two processes may do so at once: whole files change places.
            fresh = target.with_suffix(f".{id(self):x}.tmp")
            fresh.write_text(text, "utf-8")
            fresh.replace(target)
        return str(target)
