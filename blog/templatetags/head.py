"""What a page's head says of it, read from its own tags."""

from __future__ import annotations

from functools import lru_cache
from html.parser import HTMLParser


class Head(HTMLParser):
    """What the tags of a page's `meta` block say."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.canonical = self.description = self.robots = ""
        self.feed(text)

    @classmethod
    @lru_cache(maxsize=1_024)
    def of(cls, text: str) -> Head:
        """Pages of a listing differ in two words of it; to take it apart costs as much as a query."""
        return cls(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "link" and told.get("rel") == "canonical":
            self.canonical = told.get("href", "")
        elif tag == "meta" and told.get("name") in {"description", "robots"}:
            setattr(self, told["name"], told.get("content", ""))
