"""`/llms.txt`, the table of contents for programs that read (https://llmstxt.org), and all texts in one file.

Both are complete at any size: posts are read in batches by keyset and sent as they are read, in constant memory.
Between two batches no connection is held: a slow reader, or one that goes away, keeps none busy.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from blog.markup.alternate import escape, link
from blog.models import Cursor, Shelf, levels_with_counts, paths_with_counts, read_shelves, series_with_counts
from blog.models.full_text import read_full_texts
from blog.models.listing import page_rows

from ..where import absolute, markdown_of
from .document import Document
from .listings import posts_count
from .posts import write_post

PLAIN = "text/plain; charset=utf-8"
LINKS = 1_000
"""Posts a batch of the contents: a query of some ten milliseconds, some hundred kilobytes."""
TEXTS = 40
"""Posts a batch of the texts."""


@require_safe
def llms(request: HttpRequest) -> HttpResponseBase:
    """The contents: what the site is, its subjects, levels, series and paths, and every live post with its Markdown."""
    return _stream(request, _contents(timezone.now()))


@require_safe
def llms_full(request: HttpRequest) -> HttpResponseBase:
    """Every live post whole, the newest first."""
    return _stream(request, _texts(timezone.now()))


def _stream(request: HttpRequest, pieces: Iterator[str]) -> HttpResponseBase:
    response: HttpResponseBase
    # A HEAD has no body to send; no post is read for it.
    response = (
        HttpResponse(content_type=PLAIN) if request.method == "HEAD" else StreamingHttpResponse(pieces, PLAIN)
    )
    response["Cache-Control"] = "public, no-cache"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _contents(at: datetime) -> Iterator[str]:
    yield str(_introduction(at))
    yield "\n## " + gettext("Posts") + "\n\n"
    names = ("post__title", "post__slug", "post__summary", "level__name", "level__number")
    for rows in _batches(at, LINKS, names):
        yield "".join(
            _line(title, slug, summary, f"{name} ({number})") for title, slug, summary, name, number in rows
        )


def _line(title: str, slug: str, summary: str, level: str) -> str:
    url = absolute(markdown_of(reverse("post", args=[slug])))
    about = f". {escape(summary)}" if summary else ""
    return f"- {link(escape(title), url)}: {escape(level)}{about}\n"


def _introduction(at: datetime) -> Document:
    document = Document(settings.BLOG_NAME)
    if settings.BLOG_TAGLINE:
        document.quote(settings.BLOG_TAGLINE)
    document.text(
        gettext(
            "Engineering posts with numbered figures, filed by subject and by learning level. Every page of this site "
            "is also Markdown: at its address with .md in the place of the last slash, or with “Accept: text/markdown”."
        )
    )
    _section(document, gettext("Subjects"), _shelves(read_shelves(at=at)))
    levels = [one for one in levels_with_counts(None, at=at) if one.posts_count]
    _section(
        document,
        gettext("Learning levels"),
        [
            _entry(str(one), one.get_absolute_url(), f"{posts_count(one.posts_count)}. {one.description}")
            for one in levels
        ],
    )
    for title, things, about in (
        (gettext("Learning paths"), paths_with_counts(at), "introduction"),
        (gettext("Series"), series_with_counts(at), "description"),
    ):
        lines = [
            _entry(
                one.title, one.get_absolute_url(), f"{posts_count(one.posts_count)}. {getattr(one, about)}"
            )
            for one in things
        ]
        _section(document, title, lines)
    _release()
    files = [
        f"- {link(escape(words), absolute(url))}"
        for words, url in (
            (gettext("All posts whole, in one file"), reverse("llms-full")),
            (gettext("All feeds"), reverse("opml")),
        )
    ]
    pages = {"figures": gettext("All figures"), "archives": gettext("Archive"), "search": gettext("Search")}
    files += [_entry(words, reverse(name), "") for name, words in pages.items()]
    _section(document, gettext("More"), files)
    return document


def _section(document: Document, title: str, lines: list[str]) -> None:
    if lines:
        document.heading(2, title)
        document.raw("\n".join(lines))


def _entry(words: str, url: str, about: str) -> str:
    line = f"- {link(escape(words), absolute(markdown_of(url)))}"
    return f"{line}: {escape(about)}" if about.strip() else line


def _shelves(shelves: list[Shelf]) -> list[str]:
    lines = []
    for shelf in shelves:
        if shelf.posts:
            one = shelf.category
            about = f"{posts_count(shelf.posts)}. {one.description}"
            lines += [_entry(one.name, one.get_absolute_url(), about), *_shelves(shelf.below)]
    return lines


def _texts(at: datetime) -> Iterator[str]:
    yield f"# {escape(settings.BLOG_NAME)}\n"
    for rows in _batches(at, TEXTS, ("post_id",)):
        texts = read_full_texts([pk for (pk,) in rows], at=at, of="body")
        _release()
        yield "".join(f"\n{write_post(text)}" for text in texts)


def _batches(at: datetime, size: int, names: tuple[str, ...]) -> Iterator[list[tuple]]:
    """The live posts of the site, newest first: one short range of the listing index a batch, however deep."""
    before: Cursor | None = None
    while True:
        rows = list(
            page_rows(None, at=at, before=before).values_list("published_at", "post_id", *names)[:size]
        )
        _release()
        if rows:
            before = Cursor(rows[-1][0], rows[-1][1])
            yield [row[2:] for row in rows]
        if len(rows) < size:
            return


def _release() -> None:
    """Gives the connection back to its pool until the next batch."""
    if not connection.in_atomic_block:
        connection.close()
