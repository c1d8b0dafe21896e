"""Indexes of what figures look like, read whole at each upload, and of the few whose renditions are not made yet.

Built beside the traffic; old code never notices them. A run that was stopped leaves an unusable index behind, which the
next one replaces.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0022_figure_library")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS figure_look", migrations.RunSQL.noop),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS figure_waiting", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "figure",
            models.Index(
                condition=Q(look__isnull=False), fields=["look"], include=["id"], name="figure_look"
            ),
        ),
        AddIndexConcurrently(
            "figure",
            models.Index(condition=Q(rendered_at=None), fields=["created_at", "id"], name="figure_waiting"),
        ),
    ]
