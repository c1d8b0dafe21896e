"""The three formats: RSS 2.0 (https://www.rssboard.org/rss-specification) with whole texts, Atom (RFC 4287) and
JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, rfc3339_date
from django.utils.html import escape
from django.utils.xmlutils import SimplerXMLGenerator

from .content import Item, Term

GENERATOR = "Stratum"


@dataclass(frozen=True)
class Document:
    """A whole feed in plain values; every address is absolute."""

    id: str
    title: str
    description: str
    page_url: str
    feed_url: str
    next_url: str | None
    language: str
    publisher: str
    updated_at: datetime
    items: list[Item]


class Rss(Rss201rev2Feed):
    """Django's RSS with whole texts, all authors, and where each category belongs."""

    def rss_attributes(self) -> dict[str, str]:
        return super().rss_attributes() | {
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def latest_post_date(self) -> datetime:
        return self.feed["updated_at"]

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("generator", GENERATOR)
        if self.feed["next_url"]:
            handler.addQuickElement("atom:link", None, {"rel": "next", "href": self.feed["next_url"]})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        whole: Item = item["whole"]
        for who in whole.authors:
            handler.addQuickElement("dc:creator", who.name)
        handler.addQuickElement("dc:language", whole.language)
        for term in terms(whole):
            handler.addQuickElement("category", term.name, {"domain": term.scheme})
        if picture := whole.picture:
            attributes = {"url": picture.url, "length": str(picture.size), "type": picture.type}
            handler.addQuickElement("enclosure", None, attributes)
        handler.addQuickElement("content:encoded", whole.html)


class Atom(Atom1Feed):
    """Django's Atom with whole texts, all authors, and terms with their schemes."""

    def latest_post_date(self) -> datetime:
        return self.feed["updated_at"]

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("generator", GENERATOR)
        if self.feed["next_url"]:
            # RFC 5005: a reader that wants everything finds it page by page.
            handler.addQuickElement("link", None, {"rel": "next", "href": self.feed["next_url"]})

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["whole"].language}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item | {"description": None})
        whole: Item = item["whole"]
        for who in whole.authors:
            handler.startElement("author", AttributesImpl({}))
            handler.addQuickElement("name", who.name)
            handler.addQuickElement("uri", who.url)
            handler.endElement("author")
        for term in terms(whole):
            attributes = {"term": term.name, "scheme": term.scheme, "label": term.name}
            handler.addQuickElement("category", None, attributes)
        if picture := whole.picture:
            attributes = {"rel": "enclosure", "href": picture.url, "type": picture.type}
            if picture.size:
                attributes["length"] = str(picture.size)
            handler.addQuickElement("link", None, attributes)
        if whole.summary:
            handler.addQuickElement("summary", whole.summary)
        handler.addQuickElement("content", whole.html, {"type": "html"})


def terms(item: Item) -> list[Term]:
    """All that an item is filed under; a name that is both a tag's and a category's once."""
    found: dict[str, Term] = {}
    for term in [*item.tags, *item.categories, *([item.level] if item.level else [])]:
        found.setdefault(term.name.casefold(), term)
    return list(found.values())


def write_rss(document: Document) -> bytes:
    return _write_xml(Rss, document)


def write_atom(document: Document) -> bytes:
    return _write_xml(Atom, document)


def write_json(document: Document) -> bytes:
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": document.title,
        "description": document.description,
        "home_page_url": document.page_url,
        "feed_url": document.feed_url,
        "next_url": document.next_url,
        "language": document.language,
        "_stratum": {"id": document.id},
        "items": [_json_item(item) for item in document.items],
    }
    told = {name: value for name, value in feed.items() if value is not None}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _json_item(item: Item) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "summary": item.summary,
        "content_html": item.html,
        "date_published": rfc3339_date(item.published_at),
        "date_modified": rfc3339_date(item.changed_at),
        "authors": [{"name": who.name, "url": who.url} for who in item.authors],
        "tags": [term.name for term in terms(item)],
        "language": item.language,
        "_stratum": {
            "level": item.level_number,
            "categories": [term.url for term in item.categories],
            "reading_minutes": item.minutes,
        },
    }
    if picture := item.picture:
        told["image"] = picture.url
        size = {"size_in_bytes": picture.size} if picture.size else {}
        told["attachments"] = [{"url": picture.url, "mime_type": picture.type} | size]
    return told


def _write_xml(form: type[Rss] | type[Atom], document: Document) -> bytes:
    feed = form(
        title=document.title,
        link=document.page_url,
        description=document.description,
        subtitle=document.description,
        language=document.language,
        feed_url=document.feed_url,
        feed_guid=document.id,
        author_name=document.publisher,
        updated_at=document.updated_at,
        next_url=document.next_url,
    )
    for item in document.items:
        feed.add_item(
            title=item.title,
            link=item.url,
            description=escape(item.summary),
            pubdate=item.published_at,
            updateddate=item.changed_at,
            unique_id=item.id,
            unique_id_is_permalink=False,
            whole=item,
        )
    return feed.writeString("utf-8").encode()


TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
WRITERS = {"rss": write_rss, "atom": write_atom, "json": write_json}
