"""The file behind a figure is exchanged while all that refers to the figure stays: proposed, compared, confirmed, and
put back. And what becomes of files that nothing refers to any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from blog import imaging
from blog.models import Figure, FigureVersion, Rendition
from blog.models.figure import originals

from . import audit, figures
from .figure_uses import posts_showing

FIELDS = (
    "image",
    "width",
    "height",
    "graphic",
    "animated",
    "original",
    "original_name",
    "content_hash",
    "look",
    "weight",
)
"""What a figure and its versions know of a file."""

KEPT = timedelta(days=1)
"""How long the files of a deleted figure stay: pages that readers have open, and caches, still ask for them."""
FORGOTTEN = timedelta(days=7)
"""How long a proposed file waits for somebody to confirm it."""


class CannotReplace(Exception):
    """Nothing has changed; `str()` says why."""


@transaction.atomic
def propose(
    figure: Figure, cleaned: imaging.Cleaned, data: bytes, *, name: str, at: datetime, by: Any
) -> FigureVersion:
    """Stores a file that may become the figure's, for editors to look at. What the same user proposed before goes.

    Raises:
        CannotReplace: the figure is drawn from a text, or has this very file.
    """
    if figure.notation:
        raise CannotReplace(_("This figure is drawn from the text of a post; it changes when that is saved."))
    if cleaned.sha256 == figure.content_hash:
        raise CannotReplace(_("This is the file that the figure has already."))
    FigureVersion.objects.filter(figure=figure, kind=FigureVersion.Kind.PROPOSED, by=by).delete()
    FigureVersion.objects.filter(kind=FigureVersion.Kind.PROPOSED, at__lt=at - FORGOTTEN).delete()
    fresh = Figure()
    figures.take_cleaned(fresh, cleaned, data, name=name)
    version = FigureVersion(figure=figure, kind=FigureVersion.Kind.PROPOSED, at=at, by=by)
    copy(fresh, version)
    version.save()
    return version


@transaction.atomic
def replace(version: FigureVersion, *, seen: str, at: datetime, by: Any, alt: str | None = None) -> Figure:
    """Puts the version's file in the place of the figure's present one, which is kept. Renditions are made anew; those
    there are stay until then.

    Args:
        seen: content hash of the file that the editor compared with.
        alt: the alternative text from now on; None leaves it.

    Raises:
        CannotReplace: the figure has another file meanwhile, or the version is gone.
        ValidationError: the alternative text can't be taken.
    """
    # Posts first, as whoever saves one does.
    list(posts_showing([Figure(pk=version.figure_id)]).order_by("pk").select_for_update().values_list("pk"))
    figure = Figure.objects.select_for_update().get(pk=version.figure_id)
    chosen = FigureVersion.objects.select_for_update().filter(pk=version.pk).first()
    if chosen is None:
        raise CannotReplace(_("This file was put in place or removed meanwhile."))
    if figure.content_hash != seen:
        raise CannotReplace(_("The figure has got another file meanwhile. Compare them again."))
    if figure.notation:
        raise CannotReplace(_("This figure is drawn from the text of a post; it changes when that is saved."))
    former = FigureVersion(figure=figure, kind=FigureVersion.Kind.FORMER, at=at, by=by)
    copy(figure, former)
    former.save()
    copy(chosen, figure)
    chosen.delete()
    figure.rendered_at, figure.trouble = None, ""
    if alt is not None:
        figure.alt = alt
        figure.clean()
    figures.save(figure)
    put_back = chosen.kind == FigureVersion.Kind.FORMER
    audit.record(
        "figure.put_back" if put_back else "figure.replaced",
        figure, by=by, at=at, former=former.original_name, now=figure.original_name,
    )  # fmt: skip
    return figure


def copy(source: Figure | FigureVersion, target: Figure | FigureVersion) -> None:
    for name in FIELDS:
        value = getattr(source, name)
        setattr(target, name, value.name if name in {"image", "original"} else value)


def files_of(gone: Iterable[Figure]) -> tuple[list[str], list[str]]:
    """The names of all files of these figures: what is served, and originals."""
    served: set[str] = set()
    kept: set[str] = set()
    keys = []
    for one in gone:
        keys.append(one.pk)
        served |= {one.image.name or "", one.dark_image.name or ""}
        kept |= {one.original.name or "", one.source_file.name or ""}
    served |= set(Rendition.objects.filter(figure__in=keys).values_list("file", flat=True))
    for image, original in FigureVersion.objects.filter(figure__in=keys).values_list("image", "original"):
        served.add(image)
        kept.add(original)
    return sorted(served - {""}), sorted(kept - {""})


@transaction.atomic
def delete(gone: Iterable[Figure], *, at: datetime) -> int:
    """Deletes figures that nothing uses; their files follow after KEPT. Returns how many went.

    Raises:
        ProtectedError: one of them is in use.
    """
    gone = list(gone)
    served, kept = files_of(gone)
    Figure.objects.filter(pk__in=[one.pk for one in gone]).delete()
    from .tasks import sweep_files

    transaction.on_commit(lambda: sweep_files.using(run_after=at + KEPT).enqueue(served, kept))
    return len(gone)


def sweep(served: list[str], kept: list[str]) -> int:
    """Removes those of the files that nothing refers to; returns how many there were. The same content is stored once,
    so that another figure may have come to need one of them."""
    needed = {
        name
        for model, column in (
            (Figure, "image"), (Figure, "dark_image"), (FigureVersion, "image"), (Rendition, "file"),
        )
        for name in model._default_manager.filter(**{f"{column}__in": served}).values_list(column, flat=True)
    }  # fmt: skip
    needed_originals = {
        name
        for model, column in ((Figure, "original"), (Figure, "source_file"), (FigureVersion, "original"))
        for name in model._default_manager.filter(**{f"{column}__in": kept}).values_list(column, flat=True)
    }
    gone = [(default_storage, one) for one in served if one not in needed]
    gone += [(originals(), one) for one in kept if one not in needed_originals]
    for storage, name in gone:
        storage.delete(name)
    return len(gone)
