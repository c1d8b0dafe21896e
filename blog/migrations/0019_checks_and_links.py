"""What addresses elsewhere answered, in which time zone an editor works, and links that show a post before it is public.

New tables only, nothing is rewritten. Old code lives with it: it neither reads nor writes them. Only a post with preview
links, or a user with a time zone, it can't delete: PostgreSQL refuses, and nothing is lost.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0018_permissions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="preference",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        blank=True, help_text="A name of the IANA database; empty: the site's.", max_length=64
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LinkCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("url", models.CharField(max_length=2000)),
                (
                    "status",
                    models.PositiveSmallIntegerField(
                        help_text="Of the last answer (RFC 9110); empty: none came.", null=True
                    ),
                ),
                (
                    "note",
                    models.CharField(blank=True, help_text="What was answered, in words.", max_length=300),
                ),
                ("checked_at", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0, help_text="In a row.")),
                ("due_at", models.DateTimeField(help_text="Not asked before.")),
            ],
            options={
                "ordering": ["due_at", "id"],
                "indexes": [models.Index(fields=["due_at", "id"], name="linkcheck_due")],
                "constraints": [
                    models.UniqueConstraint(fields=("url",), name="linkcheck_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("url__startswith", "http://"), ("url__startswith", "https://"), _connector="OR"
                        ),
                        name="linkcheck_is_web",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("failing_since__isnull", True), ("failures", 0)),
                            models.Q(("failing_since__isnull", False), ("failures__gt", 0)),
                            _connector="OR",
                        ),
                        name="linkcheck_failing_since_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PreviewLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("note", models.CharField(blank=True, help_text="For whom it was made.", max_length=100)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("views", models.PositiveBigIntegerField(default=0)),
                ("last_viewed_at", models.DateTimeField(null=True)),
                (
                    "created_by",
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preview_links",
                        to="blog.post",
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        help_text="What it shows; empty: the newest that was saved.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="blog.revision",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="previewlink_expires_later",
                    )
                ],
            },
        ),
    ]
