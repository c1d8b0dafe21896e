"""Preview links that show what their maker has typed and not saved yet.

A column with a default in the database and a check, on a table of a few rows. Old code lives with it: it makes links that
show what was saved.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0028_tags_folded_and_misses"),
    ]

    operations = [
        migrations.AddField(
            model_name="previewlink",
            name="unsaved",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="It shows what its maker has typed and not saved yet, as long as there is such a thing.",
            ),
        ),
        migrations.AddConstraint(
            model_name="previewlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("revision__isnull", True), ("unsaved", False), _connector="OR"),
                name="previewlink_shows_one_thing",
            ),
        ),
    ]
