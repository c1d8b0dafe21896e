"""What the publish rules say of a post, each with a link to the place in its form where it is mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html, format_html_join

from blog.models import Post
from blog.publishing import rules

PLACES = {"bylines": "bylines-group", "review": "review"}


@dataclass(frozen=True)
class Remark:
    """A finding as the form shows it. `place` is the id of an element, `line` the line of the text."""

    message: str
    place: str
    line: int | None


def remark(finding: rules.Finding) -> Remark:
    return Remark(finding.message, PLACES.get(finding.field, f"id_{finding.field}"), finding.line)


def remarks(post: Post, at: datetime | None = None) -> tuple[list[Remark], list[Remark]]:
    """What is missing for publishing, and what is only advised at the instant `at`, of a saved post."""
    found = rules.check(rules.Candidate.of(post), at=at)
    missing = rules.blocking(found)
    return [remark(f) for f in missing], [remark(f) for f in found if f not in missing]


def as_list(findings: Sequence[rules.Finding], form: str) -> str:
    """The findings as a list of links into the form at this address, as HTML."""
    shown = [(form, r.place, f"Line {r.line}: " if r.line else "", r.message) for r in map(remark, findings)]
    return format_html("<ul>{}</ul>", format_html_join("", '<li><a href="{}#{}">{}{}</a></li>', shown))
