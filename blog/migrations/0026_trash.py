"""A trash for posts.

Empty columns and a constraint that is checked from the next migration on, so nothing is rewritten or read under a lock. Older code
lives with it: a post in the trash looks withdrawn to it, its readers don't find it, and publishing it is refused.
"""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("blog", "0025_keeping"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField(
            "post",
            "trashed_at",
            models.DateTimeField(
                editable=False,
                help_text="When it was put in the trash, where it looks withdrawn to readers.",
                null=True,
            ),
        ),
        migrations.AddField(
            "post",
            "trashed_by",
            models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "post",
            "status_before",
            models.CharField(
                blank=True,
                db_default="",
                editable=False,
                help_text="Of a post in the trash: what it was.",
                max_length=10,
            ),
        ),
        AddConstraintNotValid(
            "post",
            models.CheckConstraint(
                name="post_in_trash_is_withdrawn",
                condition=Q(trashed_at__isnull=True) | Q(status="withdrawn"),
                violation_error_message="The post is in the trash; restore it first.",
            ),
        ),
    ]
