"""A Markdown document, put together so that no author's text can be taken for markup."""

from __future__ import annotations

from collections.abc import Iterable

from blog.markup.alternate import escape, link
from blog.models import Post

from ..where import absolute, markdown_of


class Document:
    """Grows block by block. What is handed over as text is plain and gets escaped; `raw` is Markdown already."""

    def __init__(self, title: str) -> None:
        self._blocks: list[str] = []
        self.heading(1, title)

    def __str__(self) -> str:
        return "\n\n".join(self._blocks) + "\n"

    def raw(self, markdown: str) -> None:
        if markdown.strip():
            self._blocks.append(markdown.strip("\n"))

    def heading(self, level: int, text: str) -> None:
        self.raw(f"{'#' * level} {escape(text)}")

    def text(self, text: str) -> None:
        """Plain text, its empty lines kept as the ends of paragraphs."""
        self.raw("\n\n".join(paragraphs(text)))

    def quote(self, text: str) -> None:
        self.raw(quoted(text))

    def facts(self, *facts: str) -> None:
        """Short Markdown phrases on one line; empty ones are left out."""
        self.raw(" · ".join(fact for fact in facts if fact))

    def items(self, items: Iterable[str], *, numbered: bool = False) -> None:
        """A list of Markdown items; further lines of one stand below its first."""
        lines = []
        for number, item in enumerate(items, start=1):
            mark = f"{number}. " if numbered else "- "
            lines.append(mark + item.replace("\n", "\n" + " " * len(mark)))
        self.raw("\n".join(lines))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of plain text, each as Markdown on one line."""
    parts = text.replace("\r\n", "\n").split("\n\n")
    return [escape(part) for part in parts if part.strip()]


def quoted(text: str) -> str:
    """Plain text as a block quotation."""
    return "\n>\n".join(f"> {part}" for part in paragraphs(text))


def to(words: str, url: str, more: str = "") -> str:
    """A link to a page of the site, its words plain."""
    return link(escape(words), absolute(url)) + (f" {more}" if more else "")


def to_page(words: str, url: str) -> str:
    """The same with the way to the page's Markdown behind it."""
    return f"{to(words, url)} ({link('Markdown', absolute(markdown_of(url)))})"


def entry_of(post: Post, *, names: Iterable[str] = (), note: str = "", summary: str | None = None) -> str:
    """A post in a list: title with both addresses, date, level, authors; below them what it is about."""
    facts = [
        to_page(post.title, post.get_absolute_url()),
        post.published_at.date().isoformat() if post.published_at else "",
        escape(str(post.learning_level)) if post.learning_level else "",
        escape(", ".join(names)),
    ]
    about = escape(post.summary if summary is None else summary)
    return "\n".join(line for line in (" · ".join(f for f in facts if f), escape(note), about) if line)
