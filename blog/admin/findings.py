"""What the publish rules say of a post, each with a link to the place in its form where it is mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

from blog.models import Post
from blog.publishing import rules

WAITING = "renditions-waiting"
PLACES = {"bylines": "bylines-group", "review": "review"}


@dataclass(frozen=True)
class Remark:
    """A finding as the form shows it. `place` is the id of an element, `line` the line of the text; `elsewhere` is the
    address of the form of the figure that it is about, empty where that is not in the library; `waits` is its key
    where it will be mended by itself."""

    message: str
    place: str
    line: int | None
    why: str = ""
    figure: str = ""
    elsewhere: str = ""
    waits: int | None = None


def remark(finding: rules.Finding, figures: dict[str, int] | None = None) -> Remark:
    known = rules.RULES.get(finding.code)
    row = (figures or {}).get(finding.figure or "")
    return Remark(
        finding.message,
        PLACES.get(finding.field, f"id_{finding.field}"),
        finding.line,
        why=str(known.why) if known else "",
        figure=finding.figure or "",
        elsewhere=reverse("admin:blog_figure_change", args=[row]) if row else "",
        waits=row if finding.code == WAITING else None,
    )


def remarks(post: Post, at: datetime | None = None) -> tuple[list[Remark], list[Remark]]:
    """What is missing for publishing, and what is only advised at the instant `at`, of a saved post."""
    candidate = rules.Candidate.of(post)
    known = rules.Known.of([candidate], at=at)
    found = rules.judge(candidate, known)
    missing = rules.blocking(found)
    figures = {key: row["pk"] for key, row in known.figures.items()}
    figures |= {key: row.pk for key, row in known.drawings.items()}
    return [remark(f, figures) for f in missing], [remark(f, figures) for f in found if f not in missing]


def as_list(findings: Sequence[rules.Finding], form: str) -> str:
    """The findings as a list of links into the form at this address, as HTML."""
    shown = [
        (form, r.place, gettext("Line {line}: ").format(line=r.line) if r.line else "", r.message)
        for r in map(remark, findings)
    ]
    return format_html("<ul>{}</ul>", format_html_join("", '<li><a href="{}#{}">{}{}</a></li>', shown))
