"""What a page says of itself to machines: Open Graph, Twitter cards, translations, and JSON-LD of schema.org.

Title, description and canonical address are those that the page's own head names, read from its blocks, so that no
network is told anything else than readers are. A page without a canonical address (an error, a preview) says nothing,
one that search engines should not keep has no JSON-LD. Everything comes from the page's context: no query.

https://ogp.me/ · https://schema.org/docs/full.html ·
https://developers.google.com/search/docs/appearance/structured-data/search-gallery
"""

from __future__ import annotations

import html
import json
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from django import template
from django.conf import settings
from django.template import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.urls import NoReverseMatch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, to_locale

from blog.models import Author, Figure, Page, PostPage, Selection
from blog.models.routes import route

from .head import Head

register = template.Library()

Thing = dict[str, Any]

# As json_script escapes: nothing in a data block can end it, and old parsers read U+2028 as the end of a line.
ESCAPES = {ord(c): f"\\u{ord(c):04X}" for c in "<>&\u2028\u2029"}

# The territory that networks expect with a language named without one.
TERRITORIES = {
    "ar": "AR", "cs": "CZ", "da": "DK", "de": "DE", "en": "US", "es": "ES", "fi": "FI", "fr": "FR", "he": "IL",
    "hi": "IN", "it": "IT", "ja": "JP", "ko": "KR", "nb": "NO", "nl": "NL", "pl": "PL", "pt": "PT", "ru": "RU",
    "sv": "SE", "tr": "TR", "uk": "UA", "zh": "CN",
}  # fmt: skip
CARD = (1200, 630)
MOST_TAGS = 20


@register.simple_tag(takes_context=True)
def machines(context: Context) -> SafeString:
    """All of it, for the `machines` block of the page's head."""
    head = Head.of(block(context, "meta"))
    if not head.canonical or context.get("preview"):
        return SafeString("")
    title = " ".join(unescaped(block(context, "title")).split()).removesuffix(f" · {settings.BLOG_NAME}")
    page = context.get("page")
    parts = [social(context, head, title)]
    if isinstance(page, PostPage):
        parts.append(translations(page))
    if "noindex" not in head.robots:
        parts.append(data_block(facts(context, head, title)))
    return format_html_join("\n", "{}", ((part,) for part in parts if part))


def block(context: Context, name: str) -> str:
    """What a block of the page's template renders to, "" where it has none."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    found = blocks.get_block(name) if blocks else None
    return found.render(context) if found else ""


def unescaped(escaped: str) -> str:
    """The text that stands escaped in a title."""
    return html.unescape(escaped)


def data_block(thing: Thing) -> SafeString:
    """JSON-LD as a data block. No script: a browser executes nothing of it, so the policy allows it."""
    text = json.dumps(thing, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - escaped above


def absolute(url: str) -> str:
    return _absolute(settings.SITE_URL, url)


@lru_cache(maxsize=8_192)
def _absolute(site: str, url: str) -> str:
    return urljoin(f"{site}/", url)


# --- Networks and messengers ----------------------------------------------------------------------------------------


def social(context: Context, head: Head, title: str) -> SafeString:
    """Open Graph, and of Twitter's own tags the one that has no twin there."""
    page = context.get("page")
    language = page.post.language if isinstance(page, PostPage) else str(context.get("site_language"))
    told: list[tuple[str, Any]] = [
        ("og:title", page.post.title if isinstance(page, PostPage) else title or settings.BLOG_NAME),
        ("og:type", "article" if isinstance(page, PostPage) else "website"),
        ("og:url", head.canonical),
        ("og:site_name", settings.BLOG_NAME),
        ("og:locale", locale(language)),
    ]
    if head.description:
        told.insert(1, ("og:description", head.description))
    if isinstance(page, PostPage):
        told += [("og:locale:alternate", locale(one.language)) for one in page.translations]
        told += of_article(page)
    elif isinstance(author := subject(context), Author):
        told[told.index(("og:type", "website"))] = ("og:type", "profile")
        told.append(("profile:username", author.slug))
    url, width, height, alt = picture(context)
    told += [("og:image", url), ("og:image:width", width), ("og:image:height", height)]
    if alt:
        told.append(("og:image:alt", alt))
    tags = format_html_join("\n", '<meta property="{}" content="{}">', told)
    return format_html('{}\n<meta name="twitter:card" content="summary_large_image">', tags)


def of_article(page: PostPage) -> list[tuple[str, str]]:
    post = page.post
    told = [("article:published_time", post.published_at.isoformat())] if post.published_at else []
    if modified := changed_at(page):
        told.append(("article:modified_time", modified))
    told += [("article:author", absolute(line.author.get_absolute_url())) for line in page.bylines]
    told += [("article:section", one.name) for one in list(post.categories.all())[:1]]
    return told + [("article:tag", tag["name"]) for tag in page.tags[:MOST_TAGS]]


def picture(context: Context) -> tuple[str, int, int, str]:
    """The picture of a link to the page: address, width, height, alternative text."""
    page, figure = context.get("page"), context.get("figure")
    if isinstance(page, PostPage) and page.post.social_card:
        lead = page.post.lead_figure
        alt = f"{page.post.title}. {lead.alt}" if lead and lead.alt else page.post.title
        return absolute(page.post.social_card.url), *CARD, alt
    if isinstance(figure, Figure):
        url, width, height = raster(figure)
        return absolute(url), width, height, figure.alt
    return absolute(static("img/card.png")), *CARD, settings.BLOG_NAME


def raster(figure: Figure) -> tuple[str, int, int]:
    """Address, width and height of the picture for those who show no SVG: its widest rendition, where there is one."""
    made = [one for one in figure.renditions.all() if one.format == "png"] if figure.vector else []
    best = max(made, key=lambda one: one.width, default=None)
    return (best.url, best.width, best.height) if best else (figure.image.url, figure.width, figure.height)


def locale(language: str) -> str:
    """`de` as `de_DE`, `pt-br` as `pt_BR`: the form that Open Graph has."""
    name = to_locale(language)
    return name if "_" in name or name not in TERRITORIES else f"{name}_{TERRITORIES[name]}"


def translations(page: PostPage) -> SafeString:
    """`hreflang` of the post and its live translations; what fits no reader's language leads to the original."""
    if not page.translations:
        return SafeString("")
    here = page.post.get_absolute_url()
    links = [(page.post.language, here), *((one.language, one.url) for one in page.translations)]
    original = next((one.url for one in page.translations if getattr(one, "original", False)), None)
    if original is None and page.post.translation_of_id is None:
        original = here
    if original:
        links.append(("x-default", original))
    rows = ((language, absolute(url)) for language, url in links)
    return format_html_join("\n", '<link rel="alternate" hreflang="{}" href="{}">', rows)


# --- schema.org -----------------------------------------------------------------------------------------------------


def facts(context: Context, head: Head, title: str) -> Thing:
    """The page as a graph: what it is, and the way to it."""
    page = context.get("page")
    things: list[Thing] = []
    if isinstance(page, PostPage):
        things.append(article(page, head))
    elif isinstance(context.get("figure"), Figure):
        things.append(image(context["figure"]) | {"representativeOfPage": True})
    else:
        things.append(collection(context, head, title))
    if context.get("here") == "home":
        things.append(website())
    if len(steps := way(context, head, title)) > 1:
        things.append(breadcrumbs(steps))
    return {"@context": "https://schema.org", "@graph": things}


def article(page: PostPage, head: Head) -> Thing:
    """https://schema.org/TechArticle with what Google asks of an Article."""
    post = page.post
    url = absolute(post.get_absolute_url())
    figures = [page.figures[key] for key in post.facts.get("figures", []) if key in page.figures]
    pictures: list[Thing | str] = [absolute(post.social_card.url)] if post.social_card else []
    pictures += [image(one, within=url) for one in figures]
    if post.lead_figure_id and post.lead_figure not in figures and post.lead_figure:
        pictures.append(absolute(post.lead_figure.image.url))
    series: list[Thing] = [
        {"@type": "CreativeWorkSeries", "name": one.title, "url": absolute(one.url)} for one in page.series
    ]
    series += [{"@type": "Collection", "name": one.title, "url": absolute(one.url)} for one in page.paths]
    original = next((one for one in page.translations if getattr(one, "original", False)), None)
    told: Thing = {
        "@type": "TechArticle",
        "@id": f"{url}#article",
        "url": url,
        "mainEntityOfPage": head.canonical,
        "headline": post.title,
        "description": post.summary,
        "inLanguage": post.language,
        "datePublished": post.published_at.isoformat() if post.published_at else None,
        "dateModified": changed_at(page) or (post.published_at.isoformat() if post.published_at else None),
        "author": [person(line.author) for line in page.bylines],
        "publisher": publisher(),
        "image": pictures,
        "articleSection": [one.name for one in post.categories.all()],
        "keywords": [tag["name"] for tag in page.tags],
        "proficiencyLevel": str(post.learning_level) if post.learning_level else None,
        "wordCount": post.word_count,
        "timeRequired": f"PT{post.reading_minutes}M" if post.reading_minutes else None,
        "isPartOf": series,
        "isBasedOn": post.canonical_url,
        "translationOfWork": {"@type": "TechArticle", "@id": f"{absolute(original.url)}#article"}
        if original
        else None,
        "workTranslation": [
            {"@type": "TechArticle", "@id": f"{absolute(one.url)}#article", "inLanguage": one.language}
            for one in page.translations
            if one is not original
        ]
        if not original
        else None,
        "isAccessibleForFree": True,
    }
    return known(told)


def changed_at(page: PostPage) -> str | None:
    """When its words last changed after readers had seen them, as ISO 8601."""
    post = page.post
    if post.changed_at and post.published_at and post.changed_at > post.published_at:
        return post.changed_at.isoformat()
    return None


def image(figure: Figure, *, within: str = "") -> Thing:
    """https://schema.org/ImageObject. A licence is told only as the address that machines expect."""
    return known(
        {
            "@type": "ImageObject",
            "@id": f"{within}#fig-{figure.slug}" if within else None,
            "contentUrl": absolute(figure.image.url),
            "url": page_of(figure),
            "width": figure.width,
            "height": figure.height,
            "caption": figure.caption,
            "description": figure.alt if not within else "",
            "creditText": figure.credit,
            "license": figure.licence if figure.licence.startswith(("https://", "http://")) else "",
        }
    )


def page_of(figure: Figure) -> str:
    """The figure's own page; a decorative one has none."""
    if figure.decorative:
        return ""
    try:
        return absolute(route("figure", figure.slug))
    except NoReverseMatch:
        return ""


def person(author: Author) -> Thing:
    return known(
        {
            "@type": "Person",
            "name": author.name,
            "url": absolute(author.get_absolute_url()),
            "jobTitle": author.role,
            "sameAs": [link["url"] for link in author.links],
        }
    )


def publisher() -> Thing:
    return {
        "@type": "Organization",
        "name": settings.BLOG_NAME,
        "url": absolute("/"),
        "logo": {"@type": "ImageObject", "url": absolute(static("img/favicon.svg"))},
    }


def website() -> Thing:
    """https://schema.org/WebSite: by it search engines know the site's name."""
    search = f"{absolute(route('search'))}?q={{q}}"
    return known(
        {
            "@type": "WebSite",
            "name": settings.BLOG_NAME,
            "url": absolute(route("home")),
            "description": settings.BLOG_TAGLINE,
            "potentialAction": {
                "@type": "SearchAction",
                "target": {"@type": "EntryPoint", "urlTemplate": search},
                "query-input": "required name=q",
            },
        }
    )


def collection(context: Context, head: Head, title: str) -> Thing:
    """A listing with the addresses on it, an author's with who that is. No more than that: it is fetched by phones."""
    about = subject(context)
    told: Thing = {"@type": "CollectionPage", "url": head.canonical, "name": title or settings.BLOG_NAME}
    if isinstance(about, Author):
        told |= {"@type": "ProfilePage", "mainEntity": person(about)}
    urls = listed(context)
    if urls:
        items = [
            {"@type": "ListItem", "position": number, "url": url} for number, url in enumerate(urls, start=1)
        ]
        told["hasPart" if "mainEntity" in told else "mainEntity"] = {
            "@type": "ItemList",
            "itemListElement": items,
        }
    return told


def subject(context: Context) -> Author | None:
    """The author whose own page it is, not narrowed by anything else."""
    selection = context.get("selection")
    if isinstance(selection, Selection) and selection.author and len(selection.chosen) == 1:
        return selection.author
    return None


def listed(context: Context) -> list[str]:
    """The addresses of the posts that a listing, series or path shows, in order."""
    page = context.get("page")
    sequence = context.get("parts") or context.get("steps")
    posts = page.posts if isinstance(page, Page) else getattr(sequence, "posts", [])
    return [absolute(post.get_absolute_url()) for post in posts]


def way(context: Context, head: Head, title: str) -> list[tuple[str, str]]:
    """The steps from the top to the page, as names and addresses."""
    page, figure = context.get("page"), context.get("figure")
    if isinstance(page, PostPage):
        above = [(one.name, one.get_absolute_url()) for one in list(page.post.categories.all())[:1]]
        return [(gettext("Subjects"), route("subjects")), *above, (page.post.title, head.canonical)]
    if isinstance(figure, Figure):
        return [
            (gettext("Figures"), route("figures")),
            (figure.caption or figure.alt or figure.slug, head.canonical),
        ]
    crumbs = [(str(name), url) for name, url in context.get("crumbs") or []]
    if context.get("series"):
        crumbs = [(gettext("Series"), route("all-series"))]
    elif context.get("steps"):
        crumbs = [(gettext("Learning paths"), route("learning-paths"))]
    return [*crumbs, (str(context.get("name") or title), head.canonical)]


def breadcrumbs(steps: list[tuple[str, str]]) -> Thing:
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": absolute(url)}
            for number, (name, url) in enumerate(steps, start=1)
        ],
    }


def known(told: Thing) -> Thing:
    """Without what is not known: a machine takes an empty value for a fact."""
    return {name: value for name, value in told.items() if value not in (None, "", [])}
