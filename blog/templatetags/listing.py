"""Tags of listings."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from blog.models import Byline

register = template.Library()


@register.simple_tag
def by(bylines: Iterable[Byline]) -> SafeString | str:
    """“by A, B and C”, each name a link to its author's posts; empty without names."""
    links = [
        format_html('<bdi><a href="{}">{}</a></bdi>', line.author.get_absolute_url(), line.author.name)
        for line in bylines
    ]
    if not links:
        return ""
    names, *rest = links
    for number, link in enumerate(rest, start=1):
        pair = (
            pgettext("names", "{names} and {next}")
            if number == len(rest)
            else pgettext("names", "{names}, {next}")
        )
        names = format_html(pair, names=names, next=link)
    return format_html(gettext("by {names}"), names=names)
