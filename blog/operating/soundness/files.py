"""Whether the files that rows name are there, and whether rows name the files that are there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import Storage, default_storage
from django.db import models

from blog.models import Figure, FigureVersion, Post, Rendition
from blog.models.figure import originals
from blog.publishing import upkeep

from .finding import Finding, mended, ok, warning

SERVED: list[tuple[type[models.Model], str]] = [
    (Figure, "image"), (Figure, "dark_image"), (FigureVersion, "image"), (Rendition, "file"), (Post, "social_card"),
]  # fmt: skip
KEPT: list[tuple[type[models.Model], str]] = [
    (Figure, "original"), (Figure, "source_file"), (FigureVersion, "original"),
]  # fmt: skip
SETTLED = timedelta(days=7)
"""How old a file must be that nothing names before it is taken for lost: uploads and deletions take their time."""
MAKE = "manage.py doctor --fix makes them."
CARDS = "cards/"
"""Former social cards stay on purpose, for others may have linked to them."""
HALF = ".part"
"""How the names of files end that a killed `restore` had not written to the end."""


def missing(*, at: datetime, fix: bool) -> Iterator[Finding]:
    """Renditions and cards can be made again, so their rows are told to wait; pictures and originals can't."""
    lost, again = [], 0
    for storage, named in ((default_storage, SERVED), (originals(), KEPT)):
        there = _names(storage)
        for model, column in named:
            rows: Any = model._default_manager.exclude(**{column: ""}).values_list("pk", column)
            gone = [(pk, name) for pk, name in rows.iterator(chunk_size=5_000) if name and name not in there]
            if model in (Rendition, Post):
                again += len(gone)
                if fix and gone:
                    _forget(model, [pk for pk, _ in gone])
            else:
                lost += [name for _, name in gone]
    if lost:
        yield warning(
            "pictures",
            f"{len(lost)} files that figures name are not there, the first is {lost[0]}.",
            "Bring them back from a backup: manage.py restore tells how. They can't be made again.",
        )
    else:
        yield ok("pictures", "Every picture and every original is there.")
    if again and not fix:
        yield warning(
            "made files",
            f"{again} renditions or social cards are not there.",
            MAKE,
        )
    elif again:
        yield mended("made files", f"{again} renditions or social cards are made again.")


def _forget(model: type[models.Model], keys: list[int]) -> None:
    """Takes what was made for not made, so that whoever makes what is missing finds it."""
    if model is Rendition:
        figures = Figure.objects.filter(renditions__in=keys)
        ids = list(figures.values_list("pk", flat=True).distinct())
        Rendition.objects.filter(pk__in=keys).delete()
        Figure.objects.filter(pk__in=ids).update(rendered_at=None)
    else:
        Post.objects.filter(pk__in=keys).update(social_card="")


def renditions(*, at: datetime, fix: bool) -> Iterator[Finding]:
    waiting = Figure.objects.filter(rendered_at=None, created_at__lt=at - timedelta(minutes=10)).count()
    if not waiting:
        yield ok("renditions", "No figure waits for its renditions.")
    elif not fix:
        yield warning("renditions", f"{waiting} figures wait for theirs.", MAKE)
    else:
        troubles = [(figure, why) for figure, why in upkeep.make_waiting_renditions(at=at) if why]
        yield mended("renditions", f"{waiting - len(troubles)} figures have theirs now.")
        for figure, why in troubles:
            yield warning("renditions", f"{figure.slug}: {why}", "Replace its file in the library.")
    if fix:
        for post, why in upkeep.make_missing_cards():
            if why:
                yield warning("social cards", f"{post.slug}: {why}", "Look at its lead figure.")


def orphaned(*, at: datetime, fix: bool) -> Iterator[Finding]:
    """Files that nothing names, and has not for a week."""
    found: list[tuple[Storage, str]] = []
    for storage, named in ((default_storage, SERVED), (originals(), KEPT)):
        known = {
            name
            for model, column in named
            for name in model._default_manager.values_list(column, flat=True).iterator(chunk_size=5_000)
        }
        for name in sorted(_names(storage) - known):
            former_card = name.startswith(CARDS) and not name.endswith(HALF)
            if not former_card and storage.get_modified_time(name) < at - SETTLED:
                found.append((storage, name))
    size = sum(storage.size(name) for storage, name in found)
    if not found:
        yield ok("files without a row", "Every file is somebody's.")
    elif not fix:
        yield warning(
            "files without a row",
            f"{len(found)} files ({size / 1e6:.1f} MB) are named by nothing, the first is {found[0][1]}.",
            "manage.py doctor --fix removes them. Make a backup before.",
        )
    else:
        for storage, name in found:
            storage.delete(name)
        yield mended(
            "files without a row", f"{len(found)} files ({size / 1e6:.1f} MB) that nothing named are removed."
        )


def _names(storage: Storage) -> set[str]:
    """All files of a storage, by name. A bucket lists them itself."""
    if listed := getattr(storage, "names", None):
        return set(listed())
    names: set[str] = set()
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            below, files = storage.listdir(folder)
        except FileNotFoundError:
            continue
        prefix = f"{folder}/" if folder else ""
        names |= {f"{prefix}{one}" for one in files}
        folders += [f"{prefix}{one}" for one in below]
    return names
