"""What the admin calls the log and the operations. Nothing in the database changes, so older code notices nothing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("blog", "0029_unsaved_preview_links")]

    operations = [
        migrations.AlterModelOptions(
            name="event", options={"ordering": ["-at", "-id"], "verbose_name_plural": "audit log"}
        ),
        migrations.AlterModelOptions(
            name="operation",
            options={"ordering": ["-made_at", "-id"], "verbose_name_plural": "recent operations"},
        ),
    ]
