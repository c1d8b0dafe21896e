"""What readers find, follow and refer to: entries of search, learning paths, changes, related posts, notes.

Tables and columns are added, none is rewritten: a new column is null or has a default in the database. Old code lives on
without them; what it publishes meanwhile has no entry until `manage.py refile` has run.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.lookups
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0004_levels"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "sentence",
                    models.CharField(
                        help_text="What is different now, in a sentence for readers.", max_length=300
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="entry",
                        serialize=False,
                        to="blog.post",
                    ),
                ),
                ("published_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("language", models.CharField(max_length=16)),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "authors",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField(null=True)),
            ],
            options={
                "verbose_name_plural": "entries",
            },
        ),
        migrations.CreateModel(
            name="LearningPath",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("slug", models.SlugField(allow_unicode=True, max_length=200, unique=True)),
                (
                    "introduction",
                    models.TextField(
                        blank=True,
                        help_text="Plain text: whom the path is for, and where it leads. Listings show its beginning.",
                    ),
                ),
            ],
            options={
                "ordering": ["title", "id"],
            },
        ),
        migrations.CreateModel(
            name="PathStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "note",
                    models.CharField(
                        blank=True,
                        help_text="Why this step, in a sentence: what to look for, what may be skipped.",
                        max_length=300,
                    ),
                ),
            ],
            options={
                "ordering": ["number", "id"],
            },
        ),
        migrations.CreateModel(
            name="RelatedPost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("curated", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["-curated", "position", "id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="address",
            name="address_has_one_target",
        ),
        migrations.AddField(
            model_name="post",
            name="changed_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When its words last changed after readers had seen them.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="editors_note",
            field=models.TextField(
                blank=True,
                db_default="",
                help_text="A notice above the text, such as a correction. Plain text.",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="editors_note_at",
            field=models.DateTimeField(blank=True, help_text="The date printed with the note.", null=True),
        ),
        migrations.AddField(
            model_name="post",
            name="social_card",
            field=models.FileField(
                blank=True,
                db_default="",
                editable=False,
                help_text="The picture for links to it elsewhere.",
                max_length=200,
                upload_to="",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="translation_of",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The post that this one is a translation of.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="translations",
                to="blog.post",
            ),
        ),
        AddConstraintNotValid(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("translation_of__isnull", True),
                    models.Q(("translation_of", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="post_translates_another",
                violation_error_message="A post is no translation of itself.",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="blog.post"
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="level",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="blog.learninglevel",
            ),
        ),
        migrations.AddField(
            model_name="address",
            name="learning_path",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="addresses",
                to="blog.learningpath",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    models.Func(
                        models.F("post_id"),
                        models.F("category_id"),
                        models.F("level_id"),
                        models.F("tag_id"),
                        models.F("author_id"),
                        models.F("series_id"),
                        models.F("figure_id"),
                        models.F("learning_path_id"),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="address_has_one_target",
            ),
        ),
        migrations.AddField(
            model_name="pathstep",
            name="learning_path",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="blog.learningpath"
            ),
        ),
        migrations.AddField(
            model_name="pathstep",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="path_steps", to="blog.post"
            ),
        ),
        migrations.AddField(
            model_name="relatedpost",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="related_from", to="blog.post"
            ),
        ),
        migrations.AddField(
            model_name="relatedpost",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="related_posts", to="blog.post"
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(("sentence", ""), _negated=True), name="change_says_what"
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["words", "categories", "tags", "authors"], name="entry_facets"
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["-published_at", "-post"], name="entry_newest"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["level", "-published_at", "-post"], name="entry_level_newest"),
        ),
        migrations.AddConstraint(
            model_name="pathstep",
            constraint=models.UniqueConstraint(fields=("learning_path", "post"), name="pathstep_post_once"),
        ),
        migrations.AddConstraint(
            model_name="pathstep",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("learning_path", "number"),
                name="pathstep_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="pathstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gt", 0)), name="pathstep_number_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="relatedpost",
            constraint=models.UniqueConstraint(fields=("post", "other", "curated"), name="relatedpost_once"),
        ),
        migrations.AddConstraint(
            model_name="relatedpost",
            constraint=models.CheckConstraint(
                condition=models.Q(("post", models.F("other")), _negated=True), name="relatedpost_not_itself"
            ),
        ),
        # Words lie apart from the rows that are counted, uncompressed: reading some of them is what ranking costs.
        migrations.RunSQL(
            "ALTER TABLE blog_entry SET (toast_tuple_target = 128); "
            "ALTER TABLE blog_entry ALTER COLUMN words SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
    ]
