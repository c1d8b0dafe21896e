"""The figure library: an upload becomes a figure; its renditions follow after the commit."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.db import connection, transaction

from blog import imaging
from blog.models import Figure, Rendition
from blog.models.figure import originals

from . import listing


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
    figure.rendered_at = None


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
def save(figure: Figure) -> None:
    """Saves the figure; when its picture is new, a worker makes its renditions after the commit."""
    figure.save()
    if placed := list(figure.placements.values_list("post_id", flat=True)):
        describe_posts(placed)
    if users := {*placed, *figure.lead_of.values_list("pk", flat=True)}:
        listing.refile(users)
    if figure.rendered_at is None:
        from .cards import see_to_all_of
        from .tasks import make_renditions

        transaction.on_commit(lambda: make_renditions.enqueue(figure.pk))
        if figure.lead_of.exists():
            see_to_all_of(figure)


def make_renditions(figure: Figure, *, at: datetime) -> int:
    """Makes the renditions of a figure and returns how many there are now. Safe to repeat, and to run twice at once.

    Raises:
        imaging.ImageRefused: the stored picture can't be decoded.
    """
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
        current.rendered_at = at
        current.save(update_fields=["rendered_at"])
    return len(rows)
