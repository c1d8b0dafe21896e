"""Pages that list things, as Markdown: each from the context that its template gets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from blog.markup.alternate import escape
from blog.models import Post, Shelf

from .. import wording
from .document import Document, entry_of, to, to_page
from .posts import figure_paragraphs, label_of

Context = dict[str, Any]


def posts_count(n: int) -> str:
    return ngettext("{n} post", "{n} posts", n).format(n=n)


def names_of(post: Post) -> list[str]:
    """The authors, where the page shows them: what its view has not fetched is not asked for here."""
    if "bylines" not in getattr(post, "_prefetched_objects_cache", {}):
        return []
    return [line.author.name for line in post.bylines.all()]


def write_listing(context: Context) -> str:
    """A page of a listing; or, where the reader asked for it, what it could be narrowed by."""
    name = " ".join(part for part in (context["kind"], context["name"]) if part) or settings.BLOG_NAME
    document = Document(name)
    document.text(context["description"])
    document.facts(posts_count(context["count"]))
    _write_ways(document, context)
    if "choices" in context:
        _write_choices(document, context["choices"])
        return str(document)
    if rows := context.get("coverage"):
        document.heading(2, gettext("Posts by subject and level"))
        document.items(
            to(row.category.name, row.category.get_absolute_url())
            + ": "
            + ", ".join(
                f"{to(str(cell.selection.level), cell.selection.url())} {cell.posts}"
                for cell in row.cells
                if cell.posts
            )
            for row in rows
        )
    document.heading(2, gettext("Posts"))
    document.items(entry_of(post, names=names_of(post)) for post in context["page"].posts)
    if not context["page"].posts:
        document.text(gettext("Nothing has been published here yet."))
    _write_pager(document, newer=context["newer_url"], older=context["older_url"])
    return str(document)


def _write_ways(document: Document, context: Context) -> None:
    """Up, down and sideways: ancestors, subcategories, levels, months."""
    above = [to_page(*step) for step in context.get("crumbs") or []]
    if above:
        document.facts(gettext("Above: {names}").format(names=" / ".join(above)))
    if below := context.get("children"):
        document.heading(2, gettext("Subcategories"))
        document.items(to_page(one.name, one.get_absolute_url()) for one in below)
    chips = [(level, url) for level, url in context.get("chips") or [] if level.posts_count]
    if chips:
        document.heading(2, gettext("Levels"))
        document.items(
            f"{to_page(str(level), url)}: {posts_count(level.posts_count)}" for level, url in chips
        )
    months = [one for one in context.get("months") or [] if one.posts]
    if months:
        document.heading(2, gettext("Months"))
        document.items(
            f"{to_page(wording.when(one.selection), one.selection.url())}: {posts_count(one.posts)}"
            for one in months
        )


def _write_choices(document: Document, choices: Iterable[Context]) -> None:
    titles = {
        "category": gettext("By subject"),
        "tag": gettext("By tag"),
        "author": gettext("By author"),
        "year": gettext("By year"),
        "month": gettext("By month"),
    }
    for one in choices:
        if one["values"]:
            document.heading(2, titles[one["kind"]])
            document.items(
                f"{to_page(str(words), choice.selection.url())}: {posts_count(choice.posts)}"
                for words, choice in one["values"]
            )
        if one["more"]:
            document.facts(to_page(gettext("All of them"), one["url"]))


def _write_pager(document: Document, *, newer: str | None, older: str | None) -> None:
    document.facts(
        to_page(gettext("Newer"), newer) if newer else "", to_page(gettext("Older"), older) if older else ""
    )


def write_subjects(context: Context) -> str:
    document = Document(gettext("Subjects"))
    document.text(gettext("A subject holds its own posts and those of all that lies below it."))
    document.raw("\n".join(_shelf_lines(context["shelves"], "")))
    return str(document)


def _shelf_lines(shelves: list[Shelf], indent: str) -> list[str]:
    lines = []
    for shelf in shelves:
        one = shelf.category
        about = f". {escape(one.description)}" if one.description else ""
        lines.append(
            f"{indent}- {to_page(one.name, one.get_absolute_url())}: {posts_count(shelf.posts)}{about}"
        )
        lines += _shelf_lines(shelf.below, f"{indent}  ")
    return lines


def write_archives(context: Context) -> str:
    document = Document(gettext("Archive"))
    document.facts(posts_count(context["posts"]))
    for year in context["years"]:
        document.heading(2, str(year.selection.year))
        document.facts(to_page(wording.when(year.selection), year.selection.url()), posts_count(year.posts))
        document.items(
            f"{to_page(wording.when(one.selection), one.selection.url())}: {posts_count(one.posts)}"
            for one in year.months
            if one.posts
        )
    return str(document)


def write_all_series(context: Context) -> str:
    return _write_ordered(gettext("Series"), context["all_series"], "description")


def write_all_paths(context: Context) -> str:
    return _write_ordered(gettext("Learning paths"), context["paths"], "introduction")


def _write_ordered(title: str, things: list[Any], about: str) -> str:
    document = Document(title)
    document.items(
        f"{to_page(one.title, one.get_absolute_url())}: {posts_count(one.posts_count)}, {minutes(one.minutes)}\n"
        f"{escape(getattr(one, about))}".rstrip()
        for one in things
    )
    return str(document)


def minutes(n: int) -> str:
    return ngettext("{n} minute of reading", "{n} minutes of reading", n).format(n=n)


def write_series(context: Context) -> str:
    one, parts = context["series"], context["parts"]
    title = gettext("Series: {name}").format(name=one.title)
    return _write_sequence(title, one.description, parts, gettext("Part {number}"))


def write_path(context: Context) -> str:
    one, steps = context["path"], context["steps"]
    title = gettext("Learning path: {name}").format(name=one.title)
    return _write_sequence(title, one.introduction, steps, gettext("Step {number}"))


def _write_sequence(title: str, about: str, sequence: Any, word: str) -> str:
    """A series or a path; before anything of it is live, its name alone."""
    document = Document(title)
    if not sequence.places:
        document.text(gettext("Nothing of it has been published yet."))
        return str(document)
    document.text(about)
    document.facts(minutes(sequence.minutes), *(escape(str(level)) for level in sequence.levels))
    document.items(
        f"{escape(word.format(number=place.number))}: "
        + entry_of(place.post, names=names_of(place.post), note=place.note)
        for place in sequence.places
    )
    return str(document)


def write_search(context: Context) -> str:
    """What a query finds; without one, where to begin."""
    query = context["query"]
    results = context.get("results")
    if results is None:
        document = Document(gettext("Search"))
        document.text(gettext("Put words after ?q= in the address of this document."))
        document.heading(2, gettext("Latest posts"))
        document.items(entry_of(post, names=names_of(post)) for post in context["newest"])
        return str(document)
    document = Document(gettext("Search: {query}").format(query=query.text))
    document.facts(posts_count(results.count))
    for sentence in results.sentences:
        document.text(sentence)
    document.items(
        entry_of(
            hit.post,
            names=[line.author.name for line in hit.bylines],
            summary="".join(piece.text for piece in hit.passage),
        )
        for hit in results.hits
    )
    if results.suggestions:
        document.heading(2, gettext("Did you mean"))
        document.items(
            f"{to_page(one.text, one.url)}: {posts_count(one.count)}" for one in results.suggestions
        )
    previous, following = context["previous"], context["next"]
    document.facts(
        to_page(gettext("Previous page"), previous) if previous else "",
        to_page(gettext("Next page"), following) if following else "",
    )
    return str(document)


def write_gallery(context: Context) -> str:
    document = Document(gettext("Figures"))
    document.facts(ngettext("{n} figure", "{n} figures", context["count"]).format(n=context["count"]))
    document.items(
        f"{to_page(hung.figure.title, hung.figure.get_absolute_url())} · "
        f"{to_page(hung.showing.post.title, hung.showing.post.get_absolute_url())}\n{escape(hung.figure.alt)}"
        for hung in context["wall"].hung
    )
    _write_pager(document, newer=context["newer"], older=context["older"])
    return str(document)


def write_figure(context: Context) -> str:
    page, citation = context["page"], context["citation"]
    figure = page.figure
    document = Document(figure.title)
    picture, _caption, *long = figure_paragraphs(figure, page.first.number or 1)
    document.raw(picture)
    document.text(figure.caption)
    for block in long:
        document.raw(block)
    document.facts(escape(figure.credit), escape(figure.licence), f"{figure.width} × {figure.height}")
    document.heading(2, gettext("Posts that show it"))
    document.items(
        (escape(label_of(use.number)) + ": " if use.number else "")
        + to_page(use.post.title, use.post.get_absolute_url())
        for use in page.uses
    )
    document.heading(2, gettext("To cite it"))
    document.quote(citation.line)
    return str(document)


def ways_on() -> list[str]:
    """Where to go from a page that is not there."""
    return [
        to_page(gettext("Read the latest posts"), reverse("home")),
        to_page(gettext("Browse by subject"), reverse("subjects")),
        to_page(gettext("Browse by learning level"), reverse("levels")),
    ]
