"""The library of figures: former files, what looks alike, a focus, and why renditions could not be made.

New columns are empty or have a default in the database, so that old code goes on adding figures; `manage.py look_at_figures`
then fills in what such figures look like and weigh. Old code never asks for the two new tables.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import blog.models.figure


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0021_bits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "figure",
            "focus_x",
            models.PositiveSmallIntegerField(
                "focus, from the left",
                blank=True,
                null=True,
                help_text="Where the eye should fall, in per cent; small pictures are then cut around it. Empty: shown whole.",
            ),
        ),
        migrations.AddField(
            "figure",
            "focus_y",
            models.PositiveSmallIntegerField("focus, from the top", blank=True, null=True),
        ),
        migrations.AddField(
            "figure",
            "look",
            models.BigIntegerField(
                editable=False, null=True, help_text="64 bits that pictures which look alike nearly share."
            ),
        ),
        migrations.AddField(
            "figure",
            "trouble",
            models.CharField(
                blank=True,
                default="",
                db_default="",
                editable=False,
                max_length=300,
                help_text="Why its renditions could not be made; empty: nothing is known to be wrong.",
            ),
        ),
        migrations.AddField(
            "figure",
            "weight",
            models.BigIntegerField(
                editable=False,
                null=True,
                help_text="Bytes of the picture and the upload, without renditions.",
            ),
        ),
        migrations.AddConstraint(
            "figure",
            models.CheckConstraint(
                name="figure_focus_within",
                condition=Q(focus_x=None, focus_y=None)
                | Q(focus_x__isnull=False, focus_y__isnull=False, focus_x__lte=100, focus_y__lte=100),
                violation_error_message="Give both numbers of the focus, from 0 to 100, or neither.",
            ),
        ),
        migrations.CreateModel(
            "FigureVersion",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("former", "Former"), ("proposed", "Proposed")],
                        default="former",
                        max_length=8,
                    ),
                ),
                ("image", models.FileField(max_length=200, upload_to="")),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("graphic", models.BooleanField(default=False)),
                ("animated", models.BooleanField(default=False)),
                (
                    "original",
                    models.FileField(max_length=200, storage=blog.models.figure.originals, upload_to=""),
                ),
                ("original_name", models.CharField(blank=True, max_length=200)),
                ("content_hash", models.CharField(max_length=64)),
                ("look", models.BigIntegerField(null=True)),
                ("weight", models.BigIntegerField(null=True)),
                (
                    "at",
                    models.DateTimeField(
                        help_text="When it was replaced; of a proposed one, when it was uploaded."
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "figure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="blog.figure"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["figure", "-at", "-id"], name="version_newest"),
                    models.Index(fields=["image"], name="version_image"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        name="version_has_size", condition=Q(width__gt=0) & Q(height__gt=0)
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "Resemblance",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("distance", models.PositiveSmallIntegerField(help_text="Bits that differ; 0: none.")),
                (
                    "figure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="resemblances",
                        to="blog.figure",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="blog.figure"
                    ),
                ),
            ],
            options={
                "ordering": ["distance", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=["figure", "other"], name="resemblance_once"),
                    models.CheckConstraint(name="resemblance_of_another", condition=~Q(figure=F("other"))),
                ],
            },
        ),
    ]
