"""The doors for crawlers: the index of sitemaps, its parts, and robots.txt.

https://www.sitemaps.org/protocol.html · pictures:
https://developers.google.com/search/docs/crawling-indexing/sitemaps/image-sitemaps · translations:
https://developers.google.com/search/docs/specialty/international/localized-versions
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from urllib.parse import urljoin
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone

from blog.models import sitemap as maps

SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
IMAGES = "http://www.google.com/schemas/sitemap-image/1.1"
XHTML = "http://www.w3.org/1999/xhtml"
LARGEST = 10**15  # of a part's number: more is no id

XML = "application/xml; charset=utf-8"
# Lists for machines are no search results.
HEADERS = {"X-Robots-Tag": "noindex"}


def index(request: HttpRequest) -> HttpResponse:
    """Every part that holds something. Seven queries, whatever there is."""
    at = timezone.now()
    parts: list[tuple[str, datetime | None]] = [("sitemap-pages.xml", None), ("sitemap-archives.xml", None)]
    posts = maps.read_post_parts(at=at)
    parts += [(f"sitemap-posts-{part}.xml", changed) for part, changed in posts]
    for kind in maps.SCOPES:
        parts += [(f"sitemap-{kind}-{part}.xml", last) for part, last in maps.read_scope_parts(kind, at=at)]
    parts += [(f"sitemap-figures-{part}.xml", None) for part, _ in maps.read_figure_parts(at=at)]
    if not posts:
        parts.remove(("sitemap-archives.xml", None))
    site = escape(absolute("/"))
    rows = "".join(
        f"<sitemap><loc>{site}{name}</loc>{lastmod(changed)}</sitemap>\n" for name, changed in parts
    )
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{SITEMAPS}">\n{rows}</sitemapindex>\n'
    )
    return HttpResponse(text, content_type=XML, headers=HEADERS)


def part(request: HttpRequest, kind: str, number: int = 0) -> StreamingHttpResponse:
    """One part, written while it is read. Raises Http404 for one that holds nothing: a sitemap is never empty."""
    at = timezone.now()
    if number > LARGEST:
        raise Http404("There is no such part.")
    if kind == "posts":
        places = maps.read_posts(number, at=at)
    elif kind == "figures":
        places = maps.read_figures(number, at=at)
    elif kind == "pages":
        places = maps.read_pages(at=at)
    elif kind == "archives":
        places = maps.read_archives(at=at)
    else:
        places = maps.read_scope(kind, number, at=at)
    first = next(places, None)
    if first is None:
        raise Http404("There is nothing in this part.")
    return StreamingHttpResponse(written(chain([first], places)), content_type=XML, headers=HEADERS)


def written(places: Iterator[maps.Place]) -> Iterator[str]:
    """The sitemap, piece by piece."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="{SITEMAPS}" xmlns:image="{IMAGES}" xmlns:xhtml="{XHTML}">\n'
    )
    batch: list[str] = []
    for place in places:
        batch.append(entry(place))
        if len(batch) == 100:
            yield "".join(batch)
            batch.clear()
    yield "".join([*batch, "</urlset>\n"])


def entry(place: maps.Place) -> str:
    """One address with all that is told of it."""
    links = list(place.translations)
    if links and place.original:
        links.append(("x-default", place.original))
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang={quoteattr(language)} href={quoteattr(absolute(path))}/>'
        for language, path in links
    )
    images = "".join(
        f"<image:image><image:loc>{escape(absolute(url))}</image:loc></image:image>" for url in place.images
    )
    return (
        f"<url><loc>{escape(absolute(place.path))}</loc>{lastmod(place.changed_at)}{others}{images}</url>\n"
    )


def lastmod(changed: datetime | None) -> str:
    """When it changed, as W3C datetime in UTC; nothing where that is not known."""
    return f"<lastmod>{changed.astimezone(UTC).isoformat(timespec='seconds')}</lastmod>" if changed else ""


def absolute(path: str) -> str:
    return urljoin(f"{settings.SITE_URL}/", path)


def robots(request: HttpRequest) -> HttpResponse:
    """Everything may be fetched but the editors' door. Search results too: they say `noindex`, which a crawler that is
    kept out would never read, and would list their bare addresses instead."""
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('admin:index')}",
        "",
        f"Sitemap: {absolute(reverse('sitemap'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8", headers=HEADERS)
