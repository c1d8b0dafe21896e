"""How many posts of a selection each level has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count
from django.db.models.functions import JSONObject

from .bit_counts import counts_by_bits
from .level import LearningLevel
from .listing import levels_with_counts
from .selection import Selection, selected_rows


def count_levels(selection: Selection, *, at: datetime) -> list[LearningLevel]:
    """Every level with `posts_count`, the exact number of live posts of it that all other facets leave. One query of
    the tally where one facet lists; else two, which ask bits where they are kept, and the posts where not."""
    anyhow = selection.replace(level=None)
    if len(anyhow.scopes) <= 1 and anyhow.year is None:
        return levels_with_counts(anyhow.scopes[0] if anyhow.scopes else None, at=at)
    by_bits = counts_by_bits(anyhow, ["level"], at=at)
    if by_bits is None:
        return _count_posts(anyhow, at=at)
    counts = {int(level): n for _, level, n in by_bits}
    levels = list(LearningLevel.objects.all())
    for level in levels:
        level.posts_count = counts.get(level.pk, 0)
    return levels


def _count_posts(anyhow: Selection, *, at: datetime) -> list[LearningLevel]:
    rows = selected_rows(anyhow, at=at).order_by().values("level").annotate(n=Count("*"))
    # Not correlated with the level, so PostgreSQL counts once and not once a level.
    counted = ArraySubquery(rows.values(pair=JSONObject(level="level", n="n")))
    levels: list[Any] = list(LearningLevel.objects.annotate(counted=counted))
    for level in levels:
        pairs: list[dict[str, int]] = level.counted
        level.posts_count = next((pair["n"] for pair in pairs if pair["level"] == level.pk), 0)
    return levels
