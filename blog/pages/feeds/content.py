"""An entry of a feed, in plain values: what the three formats have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, override

from blog import markup
from blog.markup.portable import portable
from blog.models import Figure, Rendition
from blog.models.crossings import referring
from blog.models.full_text import FullText

from ..where import absolute, resolver

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can't hold at all (https://www.w3.org/TR/xml/#charsets)."""
WIDEST = 1280
"""Device pixels: the widest picture that is handed to feed readers, most of which draw a narrow column."""
TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif",
         "avif": "image/avif", "svg": "image/svg+xml"}  # fmt: skip
MODERN = frozenset({"avif", "webp"})


@dataclass(frozen=True)
class Person:
    name: str
    url: str


@dataclass(frozen=True)
class Term:
    """Something a post is filed under; `scheme` is the address of the list of its kind, `url` its own."""

    name: str
    url: str
    scheme: str


@dataclass(frozen=True)
class Picture:
    """A file that every reader can draw. `size` is in bytes, 0 where it is not known."""

    url: str
    type: str
    size: int
    alt: str


@dataclass(frozen=True)
class Item:
    """All texts are free of characters that XML can't hold; `title` and `summary` are plain, `html` is HTML."""

    id: str
    url: str
    title: str
    summary: str
    html: str
    language: str
    published_at: datetime
    changed_at: datetime
    authors: list[Person]
    level: Term | None
    level_number: int
    categories: list[Term]
    tags: list[Term]
    picture: Picture | None
    minutes: int


def legal(text: str) -> str:
    return ILLEGAL.sub("", text)


def item_of(text: FullText) -> Item:
    post = text.post
    level = post.learning_level
    return Item(
        id=f"urn:uuid:{post.uid}",
        url=absolute(post.get_absolute_url()),
        title=legal(post.title),
        summary=legal(post.summary),
        html=legal(body_of(text)),
        language=post.language,
        published_at=post.published_at,  # type: ignore[arg-type] # a live post has one
        changed_at=max(post.published_at, post.changed_at or post.published_at),  # type: ignore[type-var,arg-type]
        authors=[Person(legal(who.name), absolute(who.get_absolute_url())) for who in text.authors],
        level=_term(str(level), level.get_absolute_url(), "levels") if level else None,
        level_number=level.number if level else 0,
        categories=[_term(one.name, one.get_absolute_url(), "subjects") for one in text.categories],
        tags=[_term(one.name, one.url, "home") for one in text.tags],
        picture=picture_of(text.lead) if text.lead else None,
        minutes=post.reading_minutes,
    )


def body_of(text: FullText) -> str:
    """The post's body for a page that is not ours: figures drawn simply, every address absolute."""
    page = absolute(text.post.get_absolute_url())

    def draw(key: str, number: int) -> str:
        return figure_html(text.figures[key], number) if key in text.figures else ""

    refer = referring(text.crossings, language=text.post.language)
    # In the language of the text, as what is stored.
    with override(markup.spoken(text.post.language)):
        html = markup.fill(text.post.body_html, draw, refer)
    return portable(html, resolver(page))


def figure_html(figure: Figure, number: int) -> str:
    """The figure with its number and caption, its long description folded below it."""
    drawable = _drawable(figure)
    shown = drawable[-1].url if drawable else figure.image.url
    candidates = ", ".join(f"{one.url} {one.width}w" for one in drawable) if len(drawable) > 1 else ""
    srcset = format_html(' srcset="{}"', candidates) if candidates else ""
    label = gettext("Figure {number}").format(number=number)
    caption = f"{label}: {figure.caption}" if figure.caption else label
    facts = format_html_join(
        "", " <small>{}</small>", ((fact,) for fact in (figure.credit, figure.licence) if fact)
    )
    words = ""
    if figure.long_description:
        title = gettext("Figure {number} in words").format(number=number)
        words = format_html(
            "<details><summary>{}</summary><p>{}</p></details>", title, figure.long_description
        )
    return format_html(
        '<figure><img src="{}"{} width="{}" height="{}" alt="{}"><figcaption>{}{}{}</figcaption></figure>',
        shown, srcset, figure.width, figure.height, figure.alt, caption, facts, words,
    )  # fmt: skip


def picture_of(figure: Figure) -> Picture:
    drawable = _drawable(figure)
    if drawable:
        return _picture(drawable[-1].url, drawable[-1].size, figure)
    return _picture(figure.image.url, 0, figure)


def _drawable(figure: Figure) -> list[Rendition]:
    """The renditions that every feed reader can draw, narrow ones first; none of an animation, whose renditions stand
    still."""
    if figure.animated:
        return []
    kept = [
        one
        for one in figure.renditions.all()
        if one.format not in MODERN and one.width <= WIDEST and not getattr(one, "dark", False)
    ]
    return sorted(kept, key=lambda one: one.width)


def _picture(url: str, size: int, figure: Figure) -> Picture:
    ending = url.rpartition(".")[2].lower()
    return Picture(absolute(url), TYPES.get(ending, "application/octet-stream"), size, legal(figure.alt))


def _term(name: str, url: str, kind: str) -> Term:
    return Term(legal(name), absolute(url), absolute(reverse(kind)))
