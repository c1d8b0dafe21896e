"""Figures as they were when a version of a post was kept: the file that they had, and their words."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from django.db.models import Q

from blog.models import Figure, FigureVersion, Rendition

from .contents import Content


def of_their_time(figures: Mapping[str, Figure], content: Content) -> dict[str, Figure]:
    """Those of the figures, by key, that are others now than the content remembers: in memory only, with the picture of
    that time as it was uploaded. One query, where there are any whose file was replaced."""
    kept: dict[str, dict[str, str]] = content.get("figures") or {}
    changed = {
        key: (figure, kept[key])
        for key, figure in figures.items()
        if key in kept
        and any(_now(figure)[name] != kept[key].get(name) for name in ("caption", "alt", "hash"))
    }
    replaced = Q()
    for figure, then in changed.values():
        if then["hash"] != figure.content_hash:
            replaced |= Q(figure=figure.pk, content_hash=then["hash"])
    files = {
        (one.figure_id, one.content_hash): one
        for one in (FigureVersion.objects.filter(replaced) if replaced else [])
    }
    return {
        key: _as_then(figure, then, files.get((figure.pk, then["hash"])))
        for key, (figure, then) in changed.items()
    }


def _now(figure: Figure) -> dict[str, str]:
    return {"caption": figure.caption, "alt": figure.alt, "hash": figure.content_hash}


def _as_then(figure: Figure, then: Mapping[str, str], file: FigureVersion | None) -> Figure:
    shown = copy(figure)
    shown.__dict__ = dict(figure.__dict__)
    shown.caption, shown.alt = then.get("caption", ""), then.get("alt", "")
    shown.decorative = figure.decorative if not shown.alt else False
    if file is None:  # the file is the same, or was removed for good
        return shown
    renditions: Any = Rendition.objects.none()
    renditions._result_cache, renditions._prefetch_done = [], True
    shown.__dict__["_prefetched_objects_cache"] = {"renditions": renditions}
    for name in ("width", "height", "graphic", "animated", "content_hash"):
        setattr(shown, name, getattr(file, name))
    shown.image, shown.dark_image = file.image.name, ""
    return shown
