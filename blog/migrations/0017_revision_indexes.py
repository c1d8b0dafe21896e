"""Indexes of the few posts that carry a draft on top, and of who began a post.

Built beside the traffic; old code never notices them. A run that was stopped leaves an unusable index behind, which the
next one replaces.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

INDEXES = {"post_creator": "created_by", "post_draft": "draft", "post_draft_due": "draft_at"}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0016_revisions")]

    operations = [
        migrations.RunSQL(
            [f"DROP INDEX CONCURRENTLY IF EXISTS {name}" for name in INDEXES], migrations.RunSQL.noop
        ),
        *(
            AddIndexConcurrently(
                "post", models.Index(fields=[column], name=name, condition=Q(**{f"{column}__isnull": False}))
            )
            for name, column in INDEXES.items()
        ),
    ]
