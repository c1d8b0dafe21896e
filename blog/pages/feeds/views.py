"""The doors to the feeds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponsePermanentRedirect
from django.utils import timezone
from django.views.generic import View

from blog.models import Cursor, Publication, read_publication
from blog.models.crossings import read_crossings
from blog.models.feed_heads import Head, read_heads
from blog.models.full_text import read_full_texts

from ..selecting import is_at
from ..where import absolute
from .conditional import date_of, etag_of, is_known
from .content import item_of, legal
from .formats import TYPES, WRITERS, Document
from .sources import Reader, Source, feed_url

SIZE = 20
FORMAT = 1
"""Raised whenever the same rows are written otherwise, so that readers fetch them anew."""


class Feed(View):
    """The newest posts of a source, whole.

    One query says which posts and in which state (besides those for what the address names: one, with a level two); a
    reader that knows them is told so. The texts cost five more, and one when they refer to other posts.
    """

    read: Reader | None = None

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        at = timezone.now()
        kind = kwargs.pop("kind")
        assert self.read
        source = self.read(request, kwargs, at)
        if source.has_one_address and not is_at(request, source.url(kind)):
            return HttpResponsePermanentRedirect(source.url(kind))
        publication = read_publication()
        heads = read_heads(source.rows, size=SIZE + 1, prefix=source.prefix)
        if not heads:
            source.demand()
        older = _place(heads[SIZE - 1]) if len(heads) > SIZE and source.more else None
        heads = heads[:SIZE]
        crossings = read_crossings(sorted({pair for head in heads for pair in head.crossings}), at)
        identity = (
            FORMAT,
            kind,
            settings.SITE_URL,
            settings.BLOG_NAME,
            settings.LANGUAGE_CODE,
            publication.uid,
        )
        told = (source.what, source.title, source.description, source.page, str(older))
        states = [(head.post_id, head.state) for head in heads]
        etag = etag_of(identity, told, states, sorted(crossings.items()))
        changed_at = max((head.touched_at for head in heads), default=publication.founded_at)
        response: HttpResponse
        if is_known(request, etag=etag, changed_at=changed_at):
            response = HttpResponseNotModified()
        else:
            texts = read_full_texts(
                [head.post_id for head in heads], at=at, of="body_html", crossings=crossings
            )
            document = _document(source, kind, publication, heads, older)
            document.items.extend(item_of(text) for text in texts)
            response = HttpResponse(WRITERS[kind](document), content_type=f"{TYPES[kind]}; charset=utf-8")
        return _labelled(response, etag=etag, changed_at=changed_at, indexable=source.indexable)


def _document(
    source: Source, kind: str, publication: Publication, heads: list[Head], older: Cursor | None
) -> Document:
    return Document(
        id=publication.name_of(source.what),
        title=legal(source.title),
        # What has nothing to show yet says no more than its name, as its page does.
        description=legal(source.description if heads else source.title),
        page_url=absolute(source.page),
        feed_url=absolute(source.url(kind)),
        next_url=absolute(_next(source, kind, older)) if older else None,
        language=settings.LANGUAGE_CODE,
        publisher=settings.BLOG_NAME,
        updated_at=max((head.changed_at for head in heads), default=publication.founded_at),
        items=[],
    )


def _next(source: Source, kind: str, older: Cursor) -> str:
    assert source.more
    return feed_url(source.more(older), kind)


def _place(head: Head) -> Cursor:
    return Cursor(head.published_at, head.post_id)


def _labelled(response: HttpResponse, *, etag: str, changed_at: datetime, indexable: bool) -> HttpResponse:
    response["ETag"] = etag
    response["Last-Modified"] = date_of(changed_at)
    # Kept, but asked for each time: what goes live or is withdrawn does so to the second.
    response["Cache-Control"] = "public, no-cache"
    # Readers that run in a browser fetch from pages of their own.
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if not indexable:
        response["X-Robots-Tag"] = "noindex"
    return response
