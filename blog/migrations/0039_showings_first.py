"""An index of showings by level and figure, from which the gallery reads the post by which each figure is known.

Without it a figure that very many posts show had all of them sorted: five seconds of a gallery of 40 figures in a million
posts. It is built beside the traffic. Old code lives with it: what it writes is in it. Stopped halfway, it leaves an index
that is marked invalid: drop it (`DROP INDEX showing_first`) and migrate again.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0038_listing_ended")]

    operations = [
        AddIndexConcurrently(
            "showing",
            models.Index(
                models.F("level"),
                models.F("figure"),
                models.ExpressionWrapper(models.Q(("number", None)), models.BooleanField()),
                models.F("published_at"),
                models.F("post"),
                include=("expires_at",),
                name="showing_first",
            ),
        ),
    ]
