"""The text-search configuration that the posts' search column is generated with: accents folded, then stemmed.

First, because a generated column can only name a configuration that exists. Old code never notices it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        # A trusted extension: the owner of the database may create it. It stays when this is reversed, for others may use it.
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS unaccent", migrations.RunSQL.noop),
        migrations.RunSQL(
            """
            CREATE TEXT SEARCH CONFIGURATION stratum (COPY = pg_catalog.english);
            ALTER TEXT SEARCH CONFIGURATION stratum
                ALTER MAPPING FOR hword, hword_part, word WITH unaccent, pg_catalog.english_stem;
            """,
            "DROP TEXT SEARCH CONFIGURATION stratum",
        ),
    ]
