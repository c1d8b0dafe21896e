"""A name for each post that outlives its slug and the domain, and an entry of search for each published post.

Batch by batch and with indexes built beside the traffic, so that nobody waits. Old code lives with it: the column has a
default in the database. The run may be stopped and repeated.
"""

import uuid

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models

BATCH = 2_000

NAME = """
    UPDATE blog_post SET uid = gen_random_uuid()
    WHERE id IN (SELECT id FROM blog_post WHERE uid IS NULL ORDER BY id LIMIT %s)
"""


def name_posts(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(NAME, [BATCH])
            if not cursor.rowcount:
                break


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0005_reader")]

    operations = [
        ValidateConstraint("post", "post_translates_another"),
        AddIndexConcurrently(
            "post",
            models.Index(
                condition=models.Q(translation_of__isnull=False),
                fields=["translation_of"],
                name="post_translations",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    "post",
                    "uid",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        help_text="Names the post in feeds for ever, whatever happens to its slug, its category or the domain.",
                        unique=True,
                    ),
                )
            ],
            database_operations=[
                migrations.RunSQL(
                    [
                        "ALTER TABLE blog_post ADD COLUMN IF NOT EXISTS uid uuid",
                        "ALTER TABLE blog_post ALTER COLUMN uid SET DEFAULT gen_random_uuid()",
                    ],
                    "ALTER TABLE blog_post DROP COLUMN uid",
                ),
                migrations.RunPython(name_posts, migrations.RunPython.noop),
                migrations.RunSQL(
                    [
                        "DROP INDEX CONCURRENTLY IF EXISTS blog_post_uid_key",
                        "CREATE UNIQUE INDEX CONCURRENTLY blog_post_uid_key ON blog_post (uid)",
                        # The check spares the scan that SET NOT NULL would make under lock.
                        "ALTER TABLE blog_post ADD CONSTRAINT post_has_uid CHECK (uid IS NOT NULL) NOT VALID",
                        "ALTER TABLE blog_post VALIDATE CONSTRAINT post_has_uid",
                        "ALTER TABLE blog_post ALTER COLUMN uid SET NOT NULL",
                        "ALTER TABLE blog_post DROP CONSTRAINT post_has_uid",
                    ],
                    "DROP INDEX IF EXISTS blog_post_uid_key",
                ),
            ],
        ),
    ]
