"""The index of the posts in the trash, and the check of what the migration before has promised.

Both beside the traffic; older code never notices them. A run that was stopped leaves an unusable index behind, which the
next one replaces.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0026_trash")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS post_trash", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "post",
            models.Index(
                fields=["-trashed_at", "-id"], name="post_trash", condition=Q(trashed_at__isnull=False)
            ),
        ),
        ValidateConstraint("post", "post_in_trash_is_withdrawn"),
    ]
