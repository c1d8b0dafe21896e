from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.html import format_html

from blog.models import Figure, Placement, Post, Rendition

WIDTH = 160  # device pixels that a list shows


def thumbnail(figure: Figure | None, *, wide: bool = False) -> str:
    """A small `<img>` from the figure's prefetched renditions, or from the full picture while they are being made.

    The text beside it names the figure, so that it bears no alternative text.
    """
    if figure is None:
        return "–"
    url = nearest(figure, 720 if wide else WIDTH)
    return format_html(
        '<img class="{}" src="{}" width="{}" height="{}" alt="" loading="lazy">',
        "thumb thumb-wide" if wide else "thumb", url, figure.width, figure.height,
    )  # fmt: skip


def with_renditions(post: Post) -> list[Placement]:
    """The figures that the post places, in order, each with its renditions as if prefetched: one query."""
    facts = ("pk", "file", "width", "size", "dark")
    made = Rendition.objects.filter(figure=OuterRef("figure")).order_by("format", "width", "pk")
    rows = ArraySubquery(made.values(one=JSONObject(**{name: name for name in facts})))
    placed: Any = list(post.placements.select_related("figure").annotate(its_renditions=rows))
    for one in placed:
        renditions: Any = Rendition.objects.none()
        renditions._result_cache = [Rendition(**given) for given in one.its_renditions]
        renditions._prefetch_done = True
        one.figure.__dict__["_prefetched_objects_cache"] = {"renditions": renditions}
    return placed


def nearest(figure: Figure, width: int) -> str:
    """The address of the prefetched rendition nearest to `width` device pixels, a wider one if there is."""
    light = [r for r in figure.renditions.all() if not r.dark]
    fit = sorted(light, key=lambda r: (r.width < width, abs(r.width - width), r.size))
    source: Figure | Rendition = fit[0] if fit else figure
    return source.file.url if isinstance(source, Rendition) else source.image.url
