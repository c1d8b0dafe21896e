"""What a selection is called: on its page, in the browser's tab, in a search engine's list and on a chip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from blog.models import Selection
from blog.models.narrowing import Choice


@dataclass(frozen=True)
class Filter:
    """A facet that is chosen, in words, and the address without it."""

    words: str
    url: str


def when(selection: Selection) -> str:
    """“2026” or “February 2026”; empty without a year."""
    if selection.year is None:
        return ""
    if selection.month is None:
        return str(selection.year)
    return date_format(date(selection.year, selection.month, 1), "YEAR_MONTH_FORMAT")


def kind_of(selection: Selection) -> str:
    """What stands before the name in a heading: that of the facet which the address's path names."""
    if selection.category:
        return gettext("Category:")
    if selection.tag:
        return gettext("Tag:")
    if selection.author:
        return gettext("Author:")
    if selection.year:
        return gettext("Archive:")
    return gettext("Level:") if selection.level else ""


def name_of(selection: Selection) -> str:
    """“Storage at Advanced (300), tagged s3, 2026”: everything that is chosen, in the order of the address."""
    dated = when(selection)
    rest = [
        (
            pgettext("narrowed by a level", "{what} at {level}"),
            "level",
            selection.level and str(selection.level),
        ),
        (pgettext("narrowed by a tag", "{what}, tagged {tag}"), "tag", selection.tag and selection.tag.name),
        (
            pgettext("narrowed by an author", "{what}, by {author}"),
            "author",
            selection.author and selection.author.name,
        ),
        (pgettext("narrowed by a year or month", "{what}, {when}"), "when", dated),
    ]
    if selection.scopes:
        what, first = selection.scopes[0].name, selection.scopes[0]._meta.model_name
    elif dated:
        what, first = dated, "when"
    else:
        what, first = (str(selection.level), "level") if selection.level else ("", None)
    for sentence, name, words in rest:
        if words and name != first:
            what = sentence.format(what=what, **{name: words})
    return what


def description_of(selection: Selection, posts: int) -> str:
    """A sentence or two for search engines."""
    if len(selection.chosen) == 1:
        if selection.category:
            about = gettext("Posts about {name} and all that belongs to it, newest first.")
            return selection.category.description or about.format(name=selection.category.name)
        if selection.tag:
            return gettext("Posts tagged “{name}” on {site}, newest first.").format(
                name=selection.tag.name, site=settings.BLOG_NAME
            )
        if selection.author:
            one = selection.author
            by = gettext("Posts by {name}.").format(name=f"{one.name}, {one.role}" if one.role else one.name)
            return f"{by} {one.bio}" if one.bio else by
        if selection.level:
            return selection.level.description
    if not selection.chosen:
        about = gettext(
            "{site} publishes engineering posts with their diagrams, filed by subject and by learning level."
        )
        about = about.format(site=settings.BLOG_NAME)
        return f"{settings.BLOG_TAGLINE}. {about}" if settings.BLOG_TAGLINE else about
    return gettext("{name}: posts on {site}, newest first.").format(
        name=f"{kind_of(selection)} {name_of(selection)}", site=settings.BLOG_NAME
    )


def choice(kind: str, one: Choice) -> str:
    """What a step further is called beside others of its kind."""
    if kind == "month":
        return MONTHS[one.value]
    return str(one.value) if kind == "year" else one.value.name


def filters_of(selection: Selection) -> list[Filter]:
    """What can be taken away again: nothing where only the path's own facet and a level are chosen."""
    if selection.indexable:
        return []
    words: dict[str, Any] = {
        "category": selection.category and gettext("subject: {name}").format(name=selection.category.name),
        "tag": selection.tag and gettext("tag: {name}").format(name=selection.tag.name),
        "author": selection.author and gettext("author: {name}").format(name=selection.author.name),
        "month" if selection.month else "year": when(selection),
    }
    return [Filter(text, selection.replace(**{name: None}).url()) for name, text in words.items() if text]
