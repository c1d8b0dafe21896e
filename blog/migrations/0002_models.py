"""The whole model of the blog.

The first tables: no older code lives beside them.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import taggit.managers
from django.conf import settings
from django.db import migrations, models

import blog.models.author
import blog.models.figure


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0001_text_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("slug", models.SlugField(allow_unicode=True, max_length=200, unique=True)),
                ("description", models.TextField(blank=True)),
            ],
            options={
                "verbose_name_plural": "series",
                "ordering": ["title", "id"],
            },
        ),
        migrations.CreateModel(
            name="Author",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("slug", models.SlugField(allow_unicode=True, max_length=120, unique=True)),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        help_text="Position or field of work, shown below the name.",
                        max_length=120,
                    ),
                ),
                (
                    "bio",
                    models.TextField(
                        blank=True, help_text="Two or three sentences, shown at the end of each post."
                    ),
                ),
                (
                    "links",
                    models.JSONField(
                        blank=True, default=list, validators=[blog.models.author.validate_links]
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="author",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Byline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bylines", to="blog.author"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("slug", models.SlugField(allow_unicode=True, db_index=False, max_length=80)),
                ("path", models.CharField(editable=False, max_length=500, unique=True)),
                (
                    "description",
                    models.TextField(
                        blank=True, help_text="One or two sentences, shown above the category's posts."
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Among its siblings: smaller numbers come first, equal ones by name.",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="blog.category",
                        verbose_name="parent category",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "categories",
                "ordering": ["path"],
            },
        ),
        migrations.CreateModel(
            name="Figure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "slug",
                    models.CharField(
                        help_text="Its stable name: a post places it with ![](figure:key) and refers to it with [](figure:key).",
                        max_length=80,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9]+(-[a-z0-9]+)*\\Z",
                                "Use lower-case letters, digits and single hyphens, such as “event-bus”.",
                            )
                        ],
                        verbose_name="key",
                    ),
                ),
                ("image", models.FileField(editable=False, max_length=200, upload_to="")),
                ("width", models.PositiveIntegerField(editable=False, help_text="Pixels.")),
                ("height", models.PositiveIntegerField(editable=False, help_text="Pixels.")),
                (
                    "graphic",
                    models.BooleanField(
                        default=False,
                        editable=False,
                        help_text="Flat colours and sharp edges, as in diagrams.",
                    ),
                ),
                ("animated", models.BooleanField(default=False, editable=False)),
                (
                    "original",
                    models.FileField(
                        editable=False, max_length=200, storage=blog.models.figure.originals, upload_to=""
                    ),
                ),
                ("original_name", models.CharField(blank=True, editable=False, max_length=200)),
                (
                    "content_hash",
                    models.CharField(
                        db_index=True, editable=False, help_text="SHA-256 of the upload, hex.", max_length=64
                    ),
                ),
                (
                    "alt",
                    models.TextField(
                        blank=True,
                        help_text="What the picture shows, for those who can't see it. One or two sentences.",
                        verbose_name="alternative text",
                    ),
                ),
                (
                    "decorative",
                    models.BooleanField(
                        default=False,
                        help_text="The picture says nothing that the text does not; screen readers skip it.",
                    ),
                ),
                (
                    "caption",
                    models.TextField(blank=True, help_text="Printed below the picture, after “Figure N:”."),
                ),
                (
                    "long_description",
                    models.TextField(
                        blank=True,
                        help_text="For diagrams: everything a reader who can't see it needs to follow it.",
                    ),
                ),
                ("credit", models.CharField(blank=True, max_length=200)),
                ("licence", models.CharField(blank=True, max_length=100)),
                (
                    "source_file",
                    models.FileField(
                        blank=True,
                        editable=False,
                        help_text="The drawing that the picture was made from.",
                        max_length=200,
                        storage=blog.models.figure.originals,
                        upload_to="sources/",
                    ),
                ),
                (
                    "rendered_at",
                    models.DateTimeField(
                        editable=False, help_text="When its renditions were made; empty: waiting.", null=True
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decorative", True), ("alt", "")),
                            models.Q(("decorative", False), models.Q(("alt", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="figure_alt_or_decorative",
                        violation_error_message="Write an alternative text, or mark the picture as decorative: one of both.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("width__gt", 0), ("height__gt", 0)), name="figure_has_size"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("slug__regex", "^[a-z0-9]+(-[a-z0-9]+)*$")),
                        name="figure_key_plain",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="author",
            name="portrait",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="portrait_of",
                to="blog.figure",
            ),
        ),
        migrations.CreateModel(
            name="LearningLevel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.PositiveSmallIntegerField(
                        help_text="Its place on the axis, such as 300.", unique=True
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True)),
                ("slug", models.SlugField(max_length=60, unique=True)),
                (
                    "description",
                    models.TextField(
                        help_text="Whom posts of this level are written for, in a sentence or two."
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__gt", 0)), name="level_number_positive"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                (
                    "slug",
                    models.SlugField(
                        allow_unicode=True,
                        help_text="The last part of its address.",
                        max_length=200,
                        unique=True,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        default="en", help_text="A language tag, such as en or de.", max_length=16
                    ),
                ),
                (
                    "summary",
                    models.TextField(
                        blank=True,
                        help_text="One paragraph of plain text; listings show it below the title.",
                        validators=[django.core.validators.MaxLengthValidator(600)],
                    ),
                ),
                (
                    "body",
                    models.TextField(
                        blank=True, validators=[django.core.validators.MaxLengthValidator(200000)]
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("review", "In review"),
                            ("published", "Published"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="In the future, it is a schedule: the post appears that second.",
                        null=True,
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(
                        blank=True, help_text="From then on readers no longer find the post.", null=True
                    ),
                ),
                (
                    "canonical_url",
                    models.URLField(
                        blank=True, help_text="Only if the post first appeared elsewhere: its address there."
                    ),
                ),
                ("extra", models.JSONField(blank=True, default=dict, editable=False)),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=0, editable=False, help_text="Counts saves; a stale form is told by it."
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("markup_version", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("body_html", models.TextField(blank=True, editable=False)),
                ("body_text", models.TextField(blank=True, editable=False)),
                ("code_text", models.TextField(blank=True, editable=False)),
                (
                    "figures_text",
                    models.TextField(
                        blank=True,
                        editable=False,
                        help_text="Captions, alt and long descriptions of its figures.",
                    ),
                ),
                ("outline", models.JSONField(blank=True, default=list, editable=False)),
                (
                    "facts",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        editable=False,
                        help_text="Figures, references, links and problems of the text.",
                    ),
                ),
                ("word_count", models.PositiveIntegerField(default=0, editable=False)),
                ("reading_minutes", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.contrib.postgres.search.CombinedSearchVector(
                            django.contrib.postgres.search.CombinedSearchVector(
                                django.contrib.postgres.search.CombinedSearchVector(
                                    django.contrib.postgres.search.CombinedSearchVector(
                                        django.contrib.postgres.search.SearchVector(
                                            "title", config="stratum", weight="A"
                                        ),
                                        "||",
                                        django.contrib.postgres.search.SearchVector(
                                            "summary", config="stratum", weight="B"
                                        ),
                                        django.contrib.postgres.search.SearchConfig("stratum"),
                                    ),
                                    "||",
                                    django.contrib.postgres.search.SearchVector(
                                        django.db.models.functions.text.Left("figures_text", 20000),
                                        config="stratum",
                                        weight="C",
                                    ),
                                    django.contrib.postgres.search.SearchConfig("stratum"),
                                ),
                                "||",
                                django.contrib.postgres.search.SearchVector(
                                    django.db.models.functions.text.Left("body_text", 100000),
                                    config="stratum",
                                    weight="D",
                                ),
                                django.contrib.postgres.search.SearchConfig("stratum"),
                            ),
                            "||",
                            django.contrib.postgres.search.SearchVector(
                                django.db.models.functions.text.Left("code_text", 30000),
                                config="stratum",
                                weight="D",
                            ),
                            django.contrib.postgres.search.SearchConfig("stratum"),
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                (
                    "authors",
                    models.ManyToManyField(related_name="posts", through="blog.Byline", to="blog.author"),
                ),
                ("categories", models.ManyToManyField(blank=True, related_name="posts", to="blog.category")),
                (
                    "lead_figure",
                    models.ForeignKey(
                        blank=True,
                        help_text="The thumbnail in listings.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lead_of",
                        to="blog.figure",
                    ),
                ),
                (
                    "learning_level",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to="blog.learninglevel",
                    ),
                ),
            ],
            options={
                "ordering": ["-published_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "figure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placements",
                        to="blog.figure",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="placements", to="blog.post"
                    ),
                ),
            ],
            options={
                "ordering": ["number", "id"],
            },
        ),
        migrations.AddField(
            model_name="byline",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="bylines", to="blog.post"
            ),
        ),
        migrations.CreateModel(
            name="Rendition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("format", models.CharField(max_length=8)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("file", models.FileField(max_length=200, upload_to="")),
                ("size", models.PositiveIntegerField(help_text="Bytes.")),
                ("lossless", models.BooleanField(default=False)),
                (
                    "figure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="renditions",
                        to="blog.figure",
                    ),
                ),
            ],
            options={
                "ordering": ["format", "width", "id"],
            },
        ),
        migrations.CreateModel(
            name="SeriesPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="series_parts",
                        to="blog.post",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="blog.series"
                    ),
                ),
            ],
            options={
                "ordering": ["number", "id"],
            },
        ),
        migrations.AddField(
            model_name="post",
            name="series",
            field=models.ManyToManyField(related_name="posts", through="blog.SeriesPart", to="blog.series"),
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                (
                    "slug",
                    models.SlugField(allow_unicode=True, max_length=100, unique=True, verbose_name="slug"),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"),
                        name="tag_name_unique_in_any_case",
                        violation_error_message="This tag exists already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PostTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "content_object",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="post_tags", to="blog.post"
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="post_tags", to="blog.tag"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="post",
            name="tags",
            field=taggit.managers.TaggableManager(
                blank=True,
                help_text="Keywords, separated by commas.",
                through="blog.PostTag",
                to="blog.Tag",
                verbose_name="Tags",
            ),
        ),
        migrations.CreateModel(
            name="Listing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("published_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="blog.author",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="blog.category",
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="blog.learninglevel",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="listings", to="blog.post"
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="blog.tag",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "path",
                    models.CharField(
                        help_text="As readers typed it, such as /posts/old-name/.",
                        max_length=700,
                        unique=True,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="blog.author",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="blog.category",
                    ),
                ),
                (
                    "figure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="blog.figure",
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="blog.learninglevel",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="blog.post",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="blog.series",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="blog.tag",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "addresses",
                "ordering": ["path"],
            },
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("posts", models.IntegerField()),
                (
                    "author",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="blog.author",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="blog.category",
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="blog.learninglevel",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="blog.tag",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "tallies",
            },
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("path", models.F("slug")),
                    (
                        "path__endswith",
                        django.db.models.functions.text.Concat(models.Value("/"), models.F("slug")),
                    ),
                    _connector="OR",
                ),
                name="category_path_ends_in_slug",
            ),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("parent__isnull", True), models.Q(("path__contains", "/"), _negated=True)),
                    models.Q(("parent__isnull", False), ("path__contains", "/")),
                    _connector="OR",
                ),
                name="category_root_has_plain_path",
            ),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("slug__in", ["feed"]), _negated=True),
                    models.Q(("path__in", ["learning-levels"]), _negated=True),
                ),
                name="category_slug_not_reserved",
                violation_error_message="This slug is kept for the site's own pages; choose another.",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(fields=("post", "figure"), name="placement_once"),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("post", "number"),
                name="placement_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gt", 0)), name="placement_number_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="byline",
            constraint=models.UniqueConstraint(fields=("post", "author"), name="byline_once_per_author"),
        ),
        migrations.AddConstraint(
            model_name="rendition",
            constraint=models.UniqueConstraint(fields=("figure", "format", "width"), name="rendition_once"),
        ),
        migrations.AddConstraint(
            model_name="rendition",
            constraint=models.CheckConstraint(
                condition=models.Q(("width__gt", 0), ("height__gt", 0), ("size__gt", 0)),
                name="rendition_has_size",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriespart",
            constraint=models.UniqueConstraint(fields=("series", "post"), name="seriespart_post_once"),
        ),
        migrations.AddConstraint(
            model_name="seriespart",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                fields=("series", "number"),
                name="seriespart_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriespart",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gt", 0)), name="seriespart_number_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="posttag",
            constraint=models.UniqueConstraint(fields=("content_object", "tag"), name="posttag_once"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="post_search"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["-created_at", "-id"], name="post_newest"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["status", "-published_at", "-id"], name="post_status_date"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "review", "published", "withdrawn"])),
                name="post_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "published"), _negated=True),
                    models.Q(
                        ("published_at__isnull", False),
                        ("learning_level__isnull", False),
                        models.Q(("summary", ""), _negated=True),
                        models.Q(("slug", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="post_published_is_complete",
                violation_error_message="A published post needs a date, a level, a summary and a slug.",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("expires_at__isnull", True),
                    ("published_at__isnull", True),
                    ("expires_at__gt", models.F("published_at")),
                    _connector="OR",
                ),
                name="post_expires_after_publication",
                violation_error_message="The post would expire before it is published.",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("category__isnull", False), ("post__gt", 0)),
                fields=["category", "-published_at", "-post"],
                name="listing_category",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("category__isnull", False)),
                fields=["category", "level", "-published_at", "-post"],
                name="listing_category_level",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("tag__isnull", False), ("post__gt", 0)),
                fields=["tag", "-published_at", "-post"],
                name="listing_tag",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("tag__isnull", False)),
                fields=["tag", "level", "-published_at", "-post"],
                name="listing_tag_level",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("author__isnull", False), ("post__gt", 0)),
                fields=["author", "-published_at", "-post"],
                name="listing_author",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("author__isnull", False)),
                fields=["author", "level", "-published_at", "-post"],
                name="listing_author_level",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(
                    ("author__isnull", True),
                    ("category__isnull", True),
                    ("tag__isnull", True),
                    ("post__gt", 0),
                ),
                fields=["-published_at", "-post"],
                name="listing_site",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(
                    ("author__isnull", True), ("category__isnull", True), ("tag__isnull", True)
                ),
                fields=["level", "-published_at", "-post"],
                name="listing_site_level",
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("expires_at__isnull", False)),
                fields=["expires_at"],
                name="listing_expires",
            ),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("category__isnull", True), ("tag__isnull", True)),
                    models.Q(("author__isnull", True), ("category__isnull", True)),
                    models.Q(("author__isnull", True), ("tag__isnull", True)),
                    _connector="OR",
                ),
                name="listing_has_one_scope",
            ),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.UniqueConstraint(
                fields=("post", "category", "tag", "author"), name="listing_once", nulls_distinct=False
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
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                name="address_has_one_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(("path__startswith", "/")), name="address_is_a_path"
            ),
        ),
        migrations.AddIndex(
            model_name="tally",
            index=models.Index(
                condition=models.Q(
                    ("author__isnull", True), ("category__isnull", True), ("tag__isnull", True)
                ),
                fields=["level"],
                name="tally_site",
            ),
        ),
    ]
