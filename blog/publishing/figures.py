"""The figure library: an upload becomes a figure; its renditions follow after the commit."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.db import connection, transaction
from django.utils.translation import gettext as _

from blog import imaging
from blog.models import Figure, Rendition
from blog.models.figure import originals

from . import listing, resemblances, sentences


def put(storage: Storage, name: str, data: bytes) -> str:
    """Stores content under a name made from its hash; the same content is stored once."""
    return name if storage.exists(name) else storage.save(name, ContentFile(data))


def take_upload(figure: Figure, data: bytes, *, name: str) -> None:
    """Fills the figure from an upload: verified, turned upright, freed of metadata. The row is not saved yet.

    Raises:
        imaging.ImageRefused: with a sentence for the editor. Nothing has been stored then.
    """
    take_cleaned(figure, imaging.clean(data, name=name), data, name=name)


def take_cleaned(figure: Figure, cleaned: imaging.Cleaned, data: bytes, *, name: str) -> None:
    """Like `take_upload`, for an upload that has been through `imaging.clean` already."""
    digest = cleaned.sha256
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else "bin"
    figure.original = put(originals(), f"{digest[:2]}/{digest}.{ending[:8]}", data)
    figure.image = put(default_storage, f"figures/{digest[:2]}/{digest[:32]}{cleaned.suffix}", cleaned.data)
    figure.original_name = name[-200:]
    figure.content_hash = digest
    figure.width, figure.height = cleaned.width, cleaned.height
    figure.graphic, figure.animated = cleaned.graphic, cleaned.animated
    figure.look, figure.weight = cleaned.look, len(cleaned.data) + len(data)
    figure.rendered_at, figure.trouble = None, ""


def same_as(digest: str, *, but: int | None = None) -> Figure | None:
    """The figure that was made of this very file, its SHA-256 in hex; `but` is the id of one that is not meant."""
    found = Figure.objects.filter(content_hash=digest).order_by("pk")
    return (found if but is None else found.exclude(pk=but)).first()


def key_from(name: str) -> str:
    """`EVS Inspection (final).png` gives `evs-inspection-final`; empty when the name has nothing to offer."""
    return re.sub(r"[^a-z0-9]+", "-", name.rsplit(".", 1)[0].lower()).strip("-")[:80].strip("-")


def free_key(wanted: str) -> str:
    """`wanted`, or the first of `wanted-2`, `wanted-3`, … that no figure has; within the 80 characters of a key.
    Another upload may take it in between: the constraint has the last word."""
    stem = wanted[:74].strip("-") or "figure"
    taken = set(Figure.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    if wanted and wanted not in taken:
        return wanted
    return next(
        key for n in range(1, len(taken) + 3) if (key := stem if n == 1 else f"{stem}-{n}") not in taken
    )


def waiting(keys: Iterable[str]) -> list[str]:
    """Those of the keys, sorted, whose figures have no renditions yet, or can't have any. A key that no figure has is
    left out: that is another matter. One query."""
    found = Figure.objects.filter(slug__in=list(keys), rendered_at=None)
    return sorted(found.order_by().values_list("slug", flat=True))


# What a search finds a post's figures by, in the order in which they stand.
DESCRIBE = """
    UPDATE blog_post SET figures_text = coalesce((
        SELECT string_agg(concat_ws(E'\\n', nullif(caption, ''), nullif(alt, ''), nullif(long_description, '')),
                          E'\\n' ORDER BY number)
        FROM blog_placement JOIN blog_figure ON blog_figure.id = figure_id WHERE post_id = blog_post.id
    ), '') WHERE id = ANY(%s)
"""


def describe_posts(post_ids: list[int]) -> None:
    """Copies the words of their figures into posts, where the search column sees them."""
    with connection.cursor() as cursor:
        cursor.execute(DESCRIBE, [post_ids])


@transaction.atomic
def save(figure: Figure, *, refocused: bool = False) -> None:
    """Saves the figure; when its picture is new, a worker makes its renditions after the commit, and where it is that
    or `refocused`, the social cards that show it."""
    from .cards import see_to_all_of  # it stands on this module

    figure.save()
    if figure.rendered_at is None:
        resemblances.note(figure)
    if placed := list(figure.placements.values_list("post_id", flat=True)):
        describe_posts(placed)
    if users := {*placed, *figure.lead_of.values_list("pk", flat=True)}:
        listing.refile(users)
    if figure.rendered_at is None:
        from .tasks import make_renditions

        transaction.on_commit(lambda: make_renditions.enqueue(figure.pk))
    if (refocused or figure.rendered_at is None) and figure.lead_of.exists():
        see_to_all_of(figure)


def try_again(figure: Figure) -> None:
    """Lets a worker make the renditions anew; those there are stay until then."""
    Figure.objects.filter(pk=figure.pk).update(rendered_at=None, trouble="")
    from .tasks import make_renditions

    transaction.on_commit(lambda: make_renditions.enqueue(figure.pk))


def do_without(figure: Figure, *, at: datetime) -> None:
    """Settles that a figure whose renditions can't be made is shown as it is, so that posts need not wait for it."""
    Figure.objects.filter(pk=figure.pk, rendered_at=None).update(rendered_at=at)


def make_renditions(figure: Figure, *, at: datetime) -> int:
    """Makes the renditions of a figure and returns how many there are now. Safe to repeat, and to run twice at once.
    What prevents it is written on the figure.

    Raises:
        imaging.ImageRefused: the stored picture can't be decoded.
        OSError: the storage is away.
    """
    try:
        return _make_renditions(figure, at=at)
    except (imaging.ImageRefused, OSError) as trouble:
        told = (
            sentences.of(trouble)
            if isinstance(trouble, imaging.ImageRefused)
            else _("The file storage did not answer.")
        )
        mine = Figure.objects.filter(pk=figure.pk, content_hash=figure.content_hash)
        mine.update(trouble=told[:300], rendered_at=None)
        raise


def _make_renditions(figure: Figure, *, at: datetime) -> int:
    digest = figure.content_hash
    made: list[tuple[imaging.Encoded, bool, str]] = []
    for picture in filter(None, [figure.image, figure.dark_image]):
        dark = picture is figure.dark_image
        with picture.open("rb") as opened:
            data = opened.read()
        stem = hashlib.sha256(data).hexdigest() if dark else digest
        made += [(one, dark, stem) for one in imaging.renditions(data, graphic=figure.graphic)]
    rows: list[dict[str, Any]] = []
    for one, dark, stem in made:
        name = f"renditions/{stem[:2]}/{stem[:32]}-{one.width}{one.suffix}"
        rows.append(
            {
                "format": one.format,
                "width": one.width,
                "height": one.height,
                "file": put(default_storage, name, one.data),
                "size": len(one.data),
                "lossless": one.lossless,
                "dark": dark,
            }
        )
    with transaction.atomic():
        current = Figure.objects.select_for_update().get(pk=figure.pk)
        if current.content_hash != digest:  # replaced meanwhile; its own task is on the way
            return current.renditions.count()
        Rendition.objects.filter(figure=current).delete()
        Rendition.objects.bulk_create(Rendition(figure=current, **row) for row in rows)
        current.rendered_at, current.trouble = at, ""
        current.save(update_fields=["rendered_at", "trouble"])
    return len(rows)
