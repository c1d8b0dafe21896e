"""Whose a stored picture is, and whether readers may see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import ExpressionWrapper

from .author import Author
from .figure import Figure, Placement, Rendition
from .figure_version import FigureVersion
from .post import Post


def is_withheld(name: str, *, at: datetime) -> bool:
    """Whether the file `name` of the media storage belongs to something, and to nothing that readers may see at `at`:
    a figure that only unpublished posts place or lead with, the card of a post that is yet to come. One query.

    A file that belongs to nothing any more, such as a former card, is not withheld: others may have linked to it.
    """
    live = Post.objects.live(at)

    def shown(figure: str) -> Q:
        return (
            Q(Exists(Placement.objects.filter(figure=OuterRef(figure), post__in=live)))
            | Q(Exists(live.filter(lead_figure=OuterRef(figure))))
            | Q(Exists(Author.objects.filter(portrait=OuterRef(figure))))
        )

    def told(rows: QuerySet[Any], public: Q) -> QuerySet[Any]:
        return rows.order_by().values_list(ExpressionWrapper(public, output_field=BooleanField()), flat=True)

    owners = told(Rendition.objects.filter(file=name), shown("figure")).union(
        told(Figure.objects.filter(image=name), shown("pk")),
        told(Figure.objects.filter(dark_image=name), shown("pk")),
        # A former file of a public figure was public itself; a proposed one is nobody's yet.
        told(FigureVersion.objects.filter(image=name), Q(kind="former") & shown("figure")),
        told(Post.objects.filter(social_card=name), Q(Exists(live.filter(pk=OuterRef("pk"))))),
    )
    answers = set(owners)
    return bool(answers) and True not in answers
