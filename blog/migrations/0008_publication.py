"""The row that names the site for ever: feeds derive their ids from it.

Old code lives with it: it knows nothing of the table.
"""

import uuid

import django.db.models.functions.datetime
from django.db import migrations, models


def found(apps, schema_editor):
    apps.get_model("blog", "Publication").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("blog", "0007_entries")]

    operations = [
        migrations.CreateModel(
            name="Publication",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "founded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="publication_is_one")
                ],
            },
        ),
        migrations.RunPython(found, migrations.RunPython.noop),
    ]
