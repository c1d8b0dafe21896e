"""Figures that are drawn from a text: its language, the text, the post it stands in, and a second picture for dark pages
with renditions of its own.

Additive. Old code lives with it, with one blemish: it takes renditions for dark pages for ordinary ones, and may show
them on light pages until it is replaced.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("blog", "0013_nearest")]

    operations = [
        migrations.AddField(
            model_name="figure",
            name="notation",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="The language of a diagram that is written as text; empty for a picture that was uploaded.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="figure",
            name="source",
            field=models.TextField(
                blank=True, db_default="", default="", editable=False, help_text="The diagram's text."
            ),
        ),
        migrations.AddField(
            model_name="figure",
            name="drawn_for",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="The post in whose text the diagram is written.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="drawings",
                to="blog.post",
            ),
        ),
        migrations.AddField(
            model_name="figure",
            name="dark_image",
            field=models.FileField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="The same picture for dark pages.",
                max_length=200,
                upload_to="",
            ),
        ),
        migrations.RemoveConstraint(model_name="rendition", name="rendition_once"),
        migrations.AddField(
            model_name="rendition",
            name="dark",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Made from the picture for dark pages."
            ),
        ),
        # Without the column, two renditions of one width would be the same one.
        migrations.RunSQL(migrations.RunSQL.noop, reverse_sql="DELETE FROM blog_rendition WHERE dark"),
        migrations.AddConstraint(
            model_name="rendition",
            constraint=models.UniqueConstraint(
                fields=("figure", "format", "width", "dark"), name="rendition_once_a_scheme"
            ),
        ),
    ]
