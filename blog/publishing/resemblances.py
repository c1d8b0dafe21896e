"""Which figures look alike: found once, when a picture comes in."""

from __future__ import annotations

from django.db import connection, transaction

from blog.models import Figure, Resemblance
from blog.models.resemblance import ALIKE

MOST = 12
"""Nearest figures that are noted for one: of a hundred empty charts each need not know all the others."""

NOTE = """
    WITH near AS (
        SELECT id, bit_count((look # %(look)s)::bit(64)) AS distance FROM blog_figure
        WHERE look IS NOT NULL AND id <> %(figure)s AND bit_count((look # %(look)s)::bit(64)) <= %(alike)s
            AND abs(ln(width::float * %(height)s / height / %(width)s)) < 0.15
        ORDER BY distance, id DESC LIMIT %(most)s
    )
    INSERT INTO blog_resemblance (figure_id, other_id, distance)
    SELECT %(figure)s, id, distance FROM near UNION ALL SELECT id, %(figure)s, distance FROM near
    ON CONFLICT (figure_id, other_id) DO UPDATE SET distance = EXCLUDED.distance
"""


@transaction.atomic
def note(figure: Figure) -> None:
    """Writes down which figures look like this one, in both directions, and forgets which did. Reads the index of looks
    whole. The bits know nothing of the shape, so that pictures of another shape are left out."""
    Resemblance.objects.filter(figure=figure).delete()
    Resemblance.objects.filter(other=figure).delete()
    if figure.look is None:
        return
    told = {"look": figure.look, "figure": figure.pk, "width": figure.width, "height": figure.height}
    told |= {"alike": ALIKE, "most": MOST}
    with connection.cursor() as cursor:
        cursor.execute(NOTE, told)
