"""A post as Markdown: what is known of it as front matter, then its source with figures, numbers, whole addresses."""

from __future__ import annotations

from html import unescape
from typing import Any

import frontmatter
from django.utils.html import strip_tags
from django.utils.translation import gettext, override

from blog import markup
from blog.markup.alternate import Surroundings, alternate, escape, link
from blog.models import Figure, PostPage
from blog.models.full_text import FullText, TagLink

from ..where import absolute, resolver
from .document import Document, quoted


def write_page(context: dict[str, Any]) -> str:
    """A post's page. The source is fetched: one query."""
    return write_post(text_of(context["page"]))


def text_of(page: PostPage) -> FullText:
    post = page.post
    return FullText(
        post=post,
        authors=[line.author for line in page.bylines],
        categories=list(post.categories.all()),
        tags=[TagLink(tag["name"], tag["url"]) for tag in page.tags],
        figures=page.figures,
        numbers={
            key: number for number, key in enumerate(post.facts.get("figures", []), 1) if key in page.figures
        },
        crossings=page.crossings,
    )


def write_post(text: FullText) -> str:
    """The whole document, worded in the language of the text."""
    with override(markup.spoken(text.post.language)):
        return _write_post(text)


def _write_post(text: FullText) -> str:
    post = text.post
    document = Document(post.title)
    document.text(post.summary)
    if post.editors_note:
        dated = f" ({post.editors_note_at.date().isoformat()})" if post.editors_note_at else ""
        note = gettext("Note")
        document.quote(f"{note}{dated}: {post.editors_note}")
    document.raw(alternate(post.body, _surroundings(text)))
    return (
        frontmatter.dumps(frontmatter.Post(str(document), **facts_of(text)), sort_keys=False, width=1_000)
        + "\n"
    )


def facts_of(text: FullText) -> dict[str, Any]:
    """What stands in the front matter; what is empty is left out."""
    post = text.post
    licences = {
        figure.licence for figure in text.figures.values() if figure.licence and figure.slug in text.numbers
    }
    facts = {
        "title": post.title,
        "authors": [who.name for who in text.authors],
        "date": post.published_at.isoformat() if post.published_at else None,
        "updated": post.changed_at.isoformat() if post.changed_at else None,
        "level": post.learning_level.number if post.learning_level else None,
        "level_name": post.learning_level.name if post.learning_level else None,
        "categories": [category.path for category in text.categories],
        "tags": [tag.name for tag in text.tags],
        "language": post.language,
        "reading_minutes": post.reading_minutes,
        "figures": len(text.numbers),
        "figure_licences": sorted(licences),
        "canonical": post.canonical_url or absolute(post.get_absolute_url()),
        "id": f"urn:uuid:{post.uid}",
    }
    return {name: value for name, value in facts.items() if value}


def _surroundings(text: FullText) -> Surroundings:
    page = absolute(text.post.get_absolute_url())
    resolve = resolver(page)
    headings = {heading["id"] for heading in text.post.outline}

    def find(address: str) -> str:
        # `#setup` is the heading `s-setup`, as in the page.
        if address.startswith("#") and f"s-{address[1:]}" in headings:
            address = f"#s-{address[1:]}"
        return resolve(address)

    def draw(key: str, number: int) -> list[str]:
        return figure_paragraphs(text.figures[key], number)

    def refer(slug: str, key: str) -> tuple[str, str]:
        found = text.crossings.get((slug, key))
        if found is None:
            return "", gettext("a post that is not public")
        # The words are made as HTML, for a page; here they are plain.
        return absolute(found.url), _plain(str(found.words(found.language)))

    return Surroundings(
        numbers={key: number for key, number in text.numbers.items() if key in text.figures},
        draw=draw,
        label=label_of,
        refer=refer,
        resolve=find,
    )


def label_of(number: int) -> str:
    return gettext("Figure {number}").format(number=number)


def figure_paragraphs(figure: Figure, number: int) -> list[str]:
    """The picture, its number and caption, and its long description."""
    caption = f"{label_of(number)}: {figure.caption}" if figure.caption else label_of(number)
    facts = " · ".join(fact for fact in (figure.credit, figure.licence) if fact)
    blocks = [
        "!" + link(escape(figure.alt), absolute(figure.image.url)),
        f"*{escape(caption)}*" + (f" ({escape(facts)})" if facts else ""),
    ]
    return [*blocks, quoted(figure.long_description)] if figure.long_description else blocks


def _plain(html: str) -> str:
    return unescape(strip_tags(html))
