"""What editors have typed and not saved, and who has which post open.

Two new tables. Older code knows neither: it saves posts without dropping the working copies of them, which are then still
offered, and nobody who uses it is seen at a post.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

# Nothing of it must outlive a crash, and each row is written every few seconds: no log, and room for it on its page.
LIGHT = "ALTER TABLE blog_presence SET UNLOGGED; ALTER TABLE blog_presence SET (fillfactor = 50)"


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0024_review"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkingCopy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(blank=True, db_default="", default="", max_length=40)),
                ("form", models.JSONField(null=True)),
                (
                    "seen_version",
                    models.PositiveIntegerField(
                        default=0, help_text="The version of the post that the form was filled from."
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        default=1, help_text="Counts what was written into the copy."
                    ),
                ),
                ("tab", models.CharField(help_text="The opened form that wrote last.", max_length=40)),
                ("sequence", models.BigIntegerField(help_text="Which of the tab's writings it was.")),
                ("saved_at", models.DateTimeField()),
                ("discarded_at", models.DateTimeField(null=True)),
                (
                    "post",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="working_copies",
                        to="blog.post",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "working copies",
                "ordering": ["-saved_at", "-id"],
                "indexes": [models.Index(fields=["user", "-saved_at", "-id"], name="working_copy_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(discarded_at__isnull=True, post__isnull=False),
                        fields=("user", "post"),
                        name="working_copy_once",
                    ),
                    models.UniqueConstraint(
                        condition=Q(discarded_at__isnull=True, post__isnull=True),
                        fields=("user", "key"),
                        name="working_copy_new_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(key="", post__isnull=False) | (Q(post__isnull=True) & ~Q(key="")),
                        name="working_copy_of_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tab", models.CharField(max_length=40)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                (
                    "idle",
                    models.BooleanField(
                        default=False, help_text="Open, but nothing was typed there for a while."
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="blog.post",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["since", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("post", "user", "tab"), name="presence_once")
                ],
            },
        ),
        migrations.RunSQL(LIGHT, migrations.RunSQL.noop),
    ]
