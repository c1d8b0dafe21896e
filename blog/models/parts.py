"""How posts are cut into the parts of a sitemap: by their ids, so that a part never loses a post to another."""

from django.db.models import BigIntegerField, ExpressionWrapper, F, Index, Q
from django.db.models.functions import Greatest

PART = 1_000
"""Ids in a part. So many posts with so many pictures as a part lists stay below the 50 MB that a sitemap may have."""


def part_of(column: str = "id") -> ExpressionWrapper:
    """The number of the part in which a row stands, from 0."""
    return ExpressionWrapper((F(column) - 1) / PART, output_field=BigIntegerField())


def told_at() -> Greatest:
    """When what readers see of a post was last changed: since it was published, if ever."""
    return Greatest("published_at", "changed_at")


ON_THIS_SITE = Q(status="published", canonical_url="")
"""A post that first appeared elsewhere has its one address there."""


def parts_index() -> Index:
    """From which the newest change of each part is read, and whether its post is live, without reading a post."""
    return Index(
        part_of(),
        told_at().desc(),
        name="post_parts_told",
        include=["id", "published_at", "changed_at", "expires_at"],
        condition=ON_THIS_SITE,
    )
