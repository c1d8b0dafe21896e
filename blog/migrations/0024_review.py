"""Comments and verdicts of reviewers, and how many of them a category asks for.

Two new tables and a column with a default in the database. Older code lives with them: it publishes without asking for a
verdict, and only a post that has comments or verdicts it can't delete, nor a user who made some: PostgreSQL refuses.
"""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0023_figure_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(help_text="The version of the post that was judged."),
                ),
                ("digest", models.CharField(help_text="Of what was judged.", max_length=64)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("approved", "Approved"),
                            ("changes", "Asked for changes"),
                            ("waived", "Published without approval"),
                        ],
                        max_length=8,
                    ),
                ),
                ("sentence", models.CharField(blank=True, max_length=500)),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-made_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(help_text="The version of the post that was read.")),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("post", "The whole post"),
                            ("title", "Title"),
                            ("summary", "Summary"),
                            ("body", "Text"),
                            ("figure", "Figure"),
                            ("note", "Handed over"),
                        ],
                        default="post",
                        max_length=8,
                    ),
                ),
                ("figure_key", models.CharField(blank=True, max_length=100)),
                (
                    "quote",
                    models.CharField(
                        blank=True, help_text="The passage, blanks made single.", max_length=1000
                    ),
                ),
                (
                    "before",
                    models.CharField(
                        blank=True, help_text="What stands right before the passage.", max_length=120
                    ),
                ),
                (
                    "after",
                    models.CharField(blank=True, help_text="What stands right after it.", max_length=120),
                ),
                ("text", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["made_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="category",
            name="approvals",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="How many reviewers must approve a post before it is published here or below; 0 for none.",
                validators=[django.core.validators.MaxValueValidator(9)],
                verbose_name="approvals needed",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="post",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="approvals",
                to="blog.post",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="reviewer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="review_comments",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="replies",
                to="blog.comment",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="comments", to="blog.post"
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="resolved_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(fields=["post", "-made_at", "-id"], name="approval_newest"),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(
                condition=models.Q(("reviewer__isnull", False)), fields=["reviewer"], name="approval_reviewer"
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["approved", "changes", "waived"])),
                name="approval_verdict_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("verdict", "changes"), _negated=True),
                    models.Q(("sentence", ""), _negated=True),
                    _connector="OR",
                ),
                name="approval_says_what_to_change",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("parent", None), ("resolved_at", None)),
                fields=["post"],
                name="comment_open",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["author", "-made_at", "-id"], name="comment_author"),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(("place__in", ["post", "title", "summary", "body", "figure", "note"])),
                name="comment_place_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("text", ""), _negated=True),
                    models.Q(("parent", None), ("place", "note")),
                    _connector="OR",
                ),
                name="comment_says_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("place", "figure"), _negated=True),
                    models.Q(("figure_key", ""), _negated=True),
                    _connector="OR",
                ),
                name="comment_figure_is_named",
            ),
        ),
    ]
