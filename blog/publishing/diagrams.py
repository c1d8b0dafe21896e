"""Diagrams in a text become figures of the library, drawn when the post is saved.

The row belongs to the post in whose text the diagram is written; its words follow the fence. Where nothing can be drawn
(the renderer is not installed, or the text of a draft is not finished) the row is left as it is, or is not there, and
the page shows the source as code: see `blog.templatetags.blog.body`.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from blog import imaging
from blog.imaging import diagrams as drawing
from blog.models import Figure, Post

from . import figures, sentences


@functools.lru_cache(maxsize=16)
def kept(notation: str, source: str) -> drawing.Drawing | drawing.DiagramRefused:
    """The drawing or the refusal; kept, because a form is checked before it is saved.

    Raises:
        DiagramRefused: time ran out, which says nothing about the next attempt.
    """
    try:
        return drawing.draw(notation, source)
    except drawing.DiagramRefused as refused:
        if refused.late:
            raise
        return refused


def drawn(notation: str, source: str) -> drawing.Drawing | drawing.DiagramRefused:
    """The drawing or the refusal, made once for the same text."""
    try:
        return kept(notation, source)
    except drawing.DiagramRefused as late:
        return late


def is_drawn(figure: Figure | None, diagram: dict[str, Any]) -> bool:
    """Whether the figure shows this text as it is now."""
    return figure is not None and (figure.notation, figure.source) == (diagram["notation"], diagram["source"])


def belongs_to(figure: Figure, post_id: int | None) -> bool:
    """Whether that post may draw it anew: no uploaded picture, nor a diagram of another post's."""
    return bool(figure.notation) and figure.drawn_for_id in {None, post_id}


def trouble(
    diagrams: list[dict[str, Any]], post_id: int | None, *, rows: dict[str, Figure] | None = None
) -> Iterator[tuple[str, str, str, int | None]]:
    """(code, key, message, line of the text) for each diagram that can't become a figure as it stands. `rows` are the
    figures by key, with their owners, where the caller has them."""
    if rows is None:
        keys = [one["key"] for one in diagrams]
        rows = Figure.objects.select_related("drawn_for").in_bulk(keys, field_name="slug")
    installed = drawing.available()
    for diagram in diagrams:
        figure, line = rows.get(diagram["key"]), diagram["line"]
        if figure and not belongs_to(figure, post_id):
            owner = (
                _("a diagram of the post “{post}”").format(post=figure.drawn_for)
                if figure.drawn_for
                else _("an uploaded picture")
            )
            message = _("The key “{key}” belongs to {owner}. Give this diagram a key of its own.").format(
                key=diagram["key"], owner=owner
            )
            yield "diagram-key-taken", diagram["key"], message, line
        elif is_drawn(figure, diagram):
            continue
        elif not installed:
            message = _("The diagram “{key}” is shown as code: no renderer of diagrams is installed.").format(
                key=diagram["key"]
            )
            yield "diagram-not-drawn", diagram["key"], message, line
        elif isinstance(refused := drawn(diagram["notation"], diagram["source"]), drawing.DiagramRefused):
            inside = (line or 0) + (refused.line or 0) if line else None
            yield (
                "diagram-late" if refused.late else "diagram-refused",
                diagram["key"],
                _("Diagram “{key}”: {reason}").format(key=diagram["key"], reason=sentences.of(refused)),
                inside,
            )


@transaction.atomic
def settle(post: Post) -> None:
    """Draws what is new in the text of a saved post, and gives each of its diagrams the words of its fence."""
    diagrams = post.facts.get("diagrams", [])
    rows = Figure.objects.in_bulk([one["key"] for one in diagrams], field_name="slug")
    for diagram in diagrams:
        figure = rows.get(diagram["key"])
        if figure and not belongs_to(figure, post.pk):
            continue
        words = (diagram["title"], diagram["alt"], post.pk)
        if (
            is_drawn(figure, diagram)
            and figure
            and words == (figure.caption, figure.alt, figure.drawn_for_id)
        ):
            continue
        if not is_drawn(figure, diagram):
            if not drawing.available():
                continue
            made = drawn(diagram["notation"], diagram["source"])
            if isinstance(made, drawing.DiagramRefused):
                continue
            figure = figure or Figure(slug=diagram["key"])
            take_drawing(figure, made, diagram)
        assert figure is not None
        figure.caption, figure.alt, figure.drawn_for_id = words
        figure.decorative = False
        figures.save(figure)


def take_drawing(figure: Figure, made: drawing.Drawing, diagram: dict[str, Any]) -> None:
    """Fills the figure from a drawing. The row is not saved yet."""
    digest, dark = (hashlib.sha256(data).hexdigest() for data in (made.light, made.dark))
    picture = imaging.Cleaned(
        data=made.light,
        format="png",
        mime="image/png",
        suffix=".png",
        width=made.width,
        height=made.height,
        animated=False,
        graphic=True,
        sha256=digest,
    )
    figures.take_cleaned(figure, picture, diagram["source"].encode(), name=f"{diagram['key']}.mmd")
    figure.dark_image = figures.put(default_storage, f"figures/{dark[:2]}/{dark[:32]}.png", made.dark)
    figure.notation, figure.source = diagram["notation"], diagram["source"]


def draw_waiting(*, anew: bool = False) -> Iterator[tuple[Post, str]]:
    """Draws the diagrams that have no picture yet, as after the renderer was installed; with `anew`, all of them, as
    after its upgrade. Yields each post with what prevented it, or ""."""
    for pk in list(
        Post.objects.filter(facts__diagrams__0__isnull=False).order_by("pk").values_list("pk", flat=True)
    ):
        with transaction.atomic():
            post = Post.objects.select_for_update().filter(pk=pk).first()
            if post is None:
                continue
            if anew:
                Figure.objects.filter(drawn_for=post).update(source="")
            found = [message for _, _, message, _ in trouble(post.facts["diagrams"], pk)]
            if found:
                transaction.set_rollback(True)
            else:
                from . import workflow

                workflow.settle(post)
        yield post, " ".join(found)
