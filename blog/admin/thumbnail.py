from __future__ import annotations

from django.utils.html import format_html

from blog.models import Figure, Rendition

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


def nearest(figure: Figure, width: int) -> str:
    """The address of the prefetched rendition nearest to `width` device pixels, a wider one if there is."""
    light = [r for r in figure.renditions.all() if not r.dark]
    fit = sorted(light, key=lambda r: (r.width < width, abs(r.width - width), r.size))
    source: Figure | Rendition = fit[0] if fit else figure
    return source.file.url if isinstance(source, Rendition) else source.image.url
