"""Tags of the reader's templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from blog import markup
from blog.keeping.shelf import parts
from blog.models import Figure, Post, PostPage, Rendition
from blog.models.crossings import referring

register = template.Library()

# CSS pixels that a picture may take, per place; what `sizes` says to the browser.
SIZES = {
    "card": "(min-width: 64rem) 21rem, (min-width: 40rem) 30vw, 92vw",
    "lead": "(min-width: 75rem) 30rem, (min-width: 64rem) 21rem, (min-width: 40rem) 30vw, 92vw",
    "body": "(min-width: 80rem) 60rem, (min-width: 64rem) 74vw, 92vw",
    "hung": "(min-width: 75rem) 18rem, (min-width: 40rem) 30vw, 92vw",
    "page": "(min-width: 80rem) 76rem, 92vw",
    "portrait": "4.5rem",
}
# The widest rendition worth offering per place, in device pixels.
WIDEST = {"card": 720, "lead": 1280, "body": 10_000, "hung": 720, "page": 10_000, "portrait": 320}
MODERN = ("avif", "webp")
DARK = "(prefers-color-scheme: dark)"


@register.inclusion_tag("blog/_picture.html")
def picture(figure: Figure, place: str, *, eager: bool = False, alt: str | None = None) -> dict[str, Any]:
    """A `<picture>` of the figure's renditions (prefetched), or of the full image while they are being made.

    `place` is a key of SIZES. `alt` overrides the figure's own where the text beside it says the same.
    """
    # Renditions hold an animation's first frame, and a drawing's pixels: enough for a thumbnail, not for the text.
    small = place not in {"body", "page"}
    made = list(figure.renditions.all()) if small or not (figure.animated or figure.vector) else []
    if figure.rendered_at is None:
        # Those of a picture that was just replaced stay until the new ones are made, where they have its shape.
        made = [one for one in made if one.fits(figure)]
    sources, fallbacks = offers([one for one in made if not one.dark], place)
    if figure.dark_image:
        dark, plain = offers([one for one in made if one.dark], place)
        dark.append({"type": "image/png", "srcset": srcset(plain) or figure.dark_image.url})
        sources = [one | {"media": DARK} for one in dark] + sources
    return {
        "sources": sources,
        "src": fallbacks[-1].url if fallbacks else figure.image.url,
        "srcset": srcset(fallbacks) if len(fallbacks) > 1 else "",
        "sizes": SIZES[place],
        "width": figure.width // figure.scale,
        "height": figure.height // figure.scale,
        "alt": figure.alt if alt is None else alt,
        "focus": figure.focus if small else "",
        "eager": eager,
    }


def offers(renditions: list[Rendition], place: str) -> tuple[list[dict[str, str]], list[Rendition]]:
    """The sources of modern formats that a place offers, and the renditions of the format that every browser knows."""
    kept = {}
    for kind in dict.fromkeys(one.format for one in renditions):
        rows = sorted((one for one in renditions if one.format == kind), key=lambda one: one.width)
        kept[kind] = [one for one in rows if one.width <= WIDEST[place]] or rows[:1]
    sources = [{"type": f"image/{kind}", "srcset": srcset(kept[kind])} for kind in MODERN if kept.get(kind)]
    return sources, [one for kind, rows in kept.items() if kind not in MODERN for one in rows]


def srcset(renditions: list[Rendition]) -> str:
    return ", ".join(f"{one.url} {one.width}w" for one in renditions)


@register.simple_tag
def body(page: PostPage) -> SafeString:
    """The post's text with its figures and its references to other posts filled in. The stored HTML has been through
    the gate; what is filled in comes from a template or from `format_html`, which escape. It is worded in the language
    of the text, as the stored HTML is."""
    return filled(page, page.post.body_html)


@register.simple_tag
def filled(page: PostPage, html: str) -> SafeString:
    """As `body`, of a part of the stored HTML."""
    shape, code = get_template("blog/_figure.html"), get_template("blog/_diagram.html")
    diagrams = {one["key"]: one for one in page.post.facts.get("diagrams", [])}
    # What a post shows that is not published has no page yet: then its picture leads to the file.
    linked = page.post.status == Post.Status.PUBLISHED
    language = page.post.language
    spoken = markup.spoken(language)
    said_in = spoken if spoken != language.lower().partition("-")[0] else ""

    def draw(key: str, number: int) -> str:
        figure, diagram = page.figures.get(key), diagrams.get(key)
        if diagram and (figure is None or figure.source != diagram["source"]):
            return code.render({"diagram": diagram, "number": number, "said_in": said_in})
        shown = {"figure": figure, "key": key, "number": number, "eager": number == 1, "linked": linked}
        shown["said_in"] = said_in
        return parts.keep("blog/_figure.html", shown, lambda: shape.render(shown))

    refer = referring(page.crossings, language=language)
    with override(spoken):
        return mark_safe(markup.fill(html, draw, refer))  # noqa: S308 - see `body`


@register.simple_tag
def direction(language: str) -> str:
    """`dir="rtl"` for a text in `ar`, `he-IL` or another language that is written from right to left, on a site whose
    own is not, and the other way round; nothing where both run alike."""
    leftwards, sites = is_leftwards(language), is_leftwards(settings.LANGUAGE_CODE)
    return format_html(' dir="{}"', "rtl" if leftwards else "ltr") if leftwards != sites else ""


def is_leftwards(language: str) -> bool:
    return language.lower().partition("-")[0] in settings.LANGUAGES_BIDI
