"""All feeds as one file that feed readers import: OPML 2.0 (https://opml.org/spec2.opml)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from io import StringIO
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from blog.models import (
    Author,
    Category,
    LearningLevel,
    LearningPath,
    Listing,
    Post,
    Series,
    Tag,
    read_publication,
)
from blog.models.live import within

from ..where import absolute
from .conditional import date_of, etag_of, is_known
from .content import legal
from .sources import feed_url

Line = tuple[str, str]
"""A title and the path of a page."""


@require_safe
def opml(request: HttpRequest) -> HttpResponse:
    """The site's feed and that of every category, level, tag, author, series and path with a live post: six queries."""
    groups = read_feeds(timezone.now())
    founded_at = read_publication().founded_at
    etag = etag_of(1, settings.SITE_URL, settings.BLOG_NAME, settings.LANGUAGE_CODE, groups)
    response: HttpResponse
    if is_known(request, etag=etag, changed_at=None):
        response = HttpResponseNotModified()
    else:
        content = write_opml(groups, founded_at)
        response = HttpResponse(content, content_type="text/x-opml; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def read_feeds(at: datetime) -> list[tuple[str, list[Line]]]:
    """The feeds by kind; only of what has a live post."""
    rows = Listing.objects.filter(within(at))
    live = Post.objects.live(at)
    of_site = rows.filter(category=None, tag=None, author=None)

    def lines(things: Iterable[Any], name: str = "name") -> list[Line]:
        return [(legal(str(getattr(one, name))), one.get_absolute_url()) for one in things]

    categories = Category.objects.filter(Exists(rows.filter(category=OuterRef("pk")))).only("name", "path")
    tags = Tag.objects.filter(Exists(rows.filter(tag=OuterRef("pk")))).order_by("name", "pk")
    authors = Author.objects.filter(Exists(rows.filter(author=OuterRef("pk")))).only("name", "slug")
    levels = LearningLevel.objects.filter(Exists(of_site.filter(level=OuterRef("pk"))))
    series = Series.objects.filter(Exists(live.filter(series_parts__series=OuterRef("pk"))))
    paths = LearningPath.objects.filter(Exists(live.filter(path_steps__learning_path=OuterRef("pk"))))
    return [
        (gettext("Categories"), lines(categories)),
        (gettext("Learning levels"), [(str(level), level.get_absolute_url()) for level in levels]),
        (gettext("Learning paths"), lines(paths, "title")),
        (gettext("Series"), lines(series, "title")),
        (gettext("Authors"), lines(authors)),
        (gettext("Tags"), lines(tags)),
    ]


def write_opml(groups: list[tuple[str, list[Line]]], founded_at: datetime) -> bytes:
    out = StringIO()
    xml = SimplerXMLGenerator(out, "utf-8", short_empty_elements=True)
    xml.startDocument()
    xml.startElement("opml", AttributesImpl({"version": "2.0"}))
    xml.startElement("head", AttributesImpl({}))
    xml.addQuickElement("title", legal(settings.BLOG_NAME))
    xml.addQuickElement("dateCreated", date_of(founded_at))
    xml.addQuickElement("docs", "https://opml.org/spec2.opml")
    xml.endElement("head")
    xml.startElement("body", AttributesImpl({}))
    _outline(xml, settings.BLOG_NAME, reverse("home"))
    for title, lines in groups:
        if lines:
            xml.startElement("outline", AttributesImpl({"text": title}))
            for text, page in lines:
                _outline(xml, text, page)
            xml.endElement("outline")
    xml.endElement("body")
    xml.endElement("opml")
    xml.endDocument()
    return out.getvalue().encode()


def _outline(xml: SimplerXMLGenerator, text: str, page: str) -> None:
    attributes = {"type": "rss", "version": "RSS2", "text": text, "title": text}
    xml.addQuickElement(
        "outline", None, attributes | {"xmlUrl": absolute(feed_url(page, "rss")), "htmlUrl": absolute(page)}
    )
