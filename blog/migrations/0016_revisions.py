"""What a post was at each save, who began it, and a draft on top of what readers see.

A table and empty columns, so nothing is rewritten. Old code lives with it: it saves posts without leaving a revision; the
next save of this code then records first what it finds.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0015_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("saved", "Saved"), ("draft", "Draft on top"), ("aside", "Set aside")],
                        default="saved",
                        max_length=8,
                    ),
                ),
                ("status", models.CharField(help_text="The post's, when it was made.", max_length=10)),
                ("content", models.JSONField()),
                ("made_at", models.DateTimeField()),
                (
                    "name",
                    models.CharField(blank=True, help_text="What editors call this version.", max_length=100),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True, help_text="What happened with it, in a sentence.", max_length=300
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="revisions", to="blog.post"
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at", "-id"],
                "indexes": [models.Index(fields=["post", "-made_at", "-id"], name="revision_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=~Q(kind="aside"), fields=("post", "number"), name="revision_once_a_version"
                    )
                ],
            },
        ),
        migrations.AddField(
            "post",
            "created_by",
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
            "draft_at",
            models.DateTimeField(
                editable=False, help_text="When the draft on top replaces what readers see.", null=True
            ),
        ),
        migrations.AddField(
            "post",
            "draft",
            models.ForeignKey(
                db_index=False,
                editable=False,
                help_text="Of a published post: a newer version that readers don't see yet.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="blog.revision",
            ),
        ),
    ]
