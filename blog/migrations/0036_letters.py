"""Whether somebody is written to about reviews. A column with a default that PostgreSQL keeps beside the table: no row is
rewritten. Old code lives with it: it never names the column, and new rows get the default.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("blog", "0035_stamp")]

    operations = [
        migrations.AddField(
            model_name="preference",
            name="mail",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Whether to be written to about reviews, where the site sends mail.",
            ),
        ),
    ]
