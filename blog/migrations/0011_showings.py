"""Which published post shows which figure: the table that the gallery reads, filled batch by batch. It keeps the words of
figures too, so the index over their expression goes.

Old code lives with it, but what it publishes meanwhile is not in the gallery until `manage.py refile` has run.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

BATCH = 2_000

LAST = "SELECT max(post_id) FROM (SELECT post_id FROM blog_entry WHERE post_id > %s ORDER BY post_id LIMIT %s) AS batch"

SHOW = """
    INSERT INTO blog_showing (figure_id, post_id, number, level_id, published_at, expires_at, categories, words)
    SELECT figure_id, shown.post_id, number, level_id, published_at, expires_at, categories,
        to_tsvector('stratum', concat_ws(' ', left(caption, 5000), left(alt, 5000), left(long_description, 40000)))
    FROM (
        SELECT post_id, figure_id, number FROM blog_placement
        UNION ALL
        SELECT id, lead_figure_id, NULL FROM blog_post WHERE NOT EXISTS (
            SELECT FROM blog_placement WHERE post_id = blog_post.id AND figure_id = lead_figure_id
        )
    ) AS shown JOIN blog_entry USING (post_id) JOIN blog_figure ON blog_figure.id = figure_id
    WHERE shown.post_id > %s AND shown.post_id <= %s AND NOT decorative
"""


def show(apps, schema_editor):
    done = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(LAST, [done, BATCH])
            (last,) = cursor.fetchone()
            if last is None:
                break
            cursor.execute(SHOW, [done, last])
            done = last


class Migration(migrations.Migration):
    dependencies = [("blog", "0010_typed_addresses")]

    operations = [
        migrations.CreateModel(
            name="Showing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "figure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="showings",
                        to="blog.figure",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="showings", to="blog.post"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(null=True)),
                (
                    "level",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="blog.learninglevel",
                    ),
                ),
                ("published_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["words", "categories"], name="showing_words"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("figure", "post"),
                        include=("level", "published_at", "expires_at"),
                        name="showing_once",
                    )
                ],
            },
        ),
        # As of entries: words lie apart from the rows that are counted. Only their index is ever read.
        migrations.RunSQL(
            "ALTER TABLE blog_showing SET (toast_tuple_target = 128); "
            "ALTER TABLE blog_showing ALTER COLUMN words SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(show, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="figure", name="figure_words"),
    ]
