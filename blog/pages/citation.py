"""How a figure is cited: a line for people and an entry for BibTeX."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.dateformat import format as format_date
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from blog.models import Byline
from blog.models.gallery import FigurePage

# What TeX would take for its own: https://www.ctan.org/pkg/latex2e-help-texinfo, “Reserved characters”.
FOR_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "{}$&#_%"},
    }
)


@dataclass(frozen=True)
class Citation:
    """`line` to be pasted into a text, `bibtex` into a bibliography, `url` where both lead."""

    line: str
    bibtex: str
    url: str


def cite(page: FigurePage, *, blog: str, site: str) -> Citation:
    """The figure as it stands in the oldest live post that places it; where none does, at its own address. `site` is
    the scheme and host before every path."""
    post, number, figure = page.first.post, page.first.number, page.figure
    url = site + (f"{post.get_absolute_url()}#fig-{figure.slug}" if number else figure.get_absolute_url())
    when = localtime(page.first.published_at)
    what = figure.title.rstrip(".")
    if number:
        what = gettext("Figure %(number)s: %(caption)s") % {"number": number, "caption": what}
    given = {
        "what": what,
        "authors": named(page.bylines),
        "title": post.title,
        "blog": blog,
        "date": date_format(when, "DATE_FORMAT"),
        "url": url,
    }
    line = (
        gettext("%(what)s. In: %(authors)s, “%(title)s”, %(blog)s, %(date)s, %(url)s.")
        if given["authors"]
        else gettext("%(what)s. In: “%(title)s”, %(blog)s, %(date)s, %(url)s.")
    )
    fields = {
        "author": " and ".join(f"{{{line.author.name.translate(FOR_TEX)}}}" for line in page.bylines),
        "title": f"{{{what.translate(FOR_TEX)}}}",
        "howpublished": f"In: {post.title.translate(FOR_TEX)}, {blog.translate(FOR_TEX)}",
        "year": f"{when:%Y}",
        "month": format_date(when, "m"),
        "url": url,
    }
    rows = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return Citation(line % given, f"@misc{{{figure.slug},\n{rows}}}", url)


def named(bylines: list[Byline]) -> str:
    """“A”, “A and B”, “A, B and C”; empty without authors."""
    names = [line.author.name for line in bylines]
    if len(names) < 2:
        return "".join(names)
    return gettext("%(others)s and %(last)s") % {"others": ", ".join(names[:-1]), "last": names[-1]}
