"""The words of entries once more, in a table of their own that carries the index of neighbouring words.

Filled and indexed beside the traffic, some minutes for a hundred thousand posts, and seven kilobytes a post of 600 words;
a trigger keeps it from the first moment on, whatever release writes the entries. Only then the former index goes, which
takes less disk than the new one has taken. Old code lives with it: it finds what it found, phrases of common words more
slowly. Stopped halfway, it may be repeated; an index that is marked invalid is to be dropped first (`DROP INDEX
phrasing_pairs`). Creating a trigger waits for the writers of its table, never for readers, and takes no time.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models, transaction
from django.db.models import F, Func

BATCH = 1_000

FOLLOW = """
CREATE OR REPLACE FUNCTION blog_phrasing_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM blog_phrasing WHERE post_id = OLD.post_id;
    ELSE
        INSERT INTO blog_phrasing (post_id, words) VALUES (NEW.post_id, NEW.words)
        ON CONFLICT (post_id) DO UPDATE SET words = EXCLUDED.words;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER phrasing_insert AFTER INSERT OR DELETE ON blog_entry
    FOR EACH ROW EXECUTE FUNCTION blog_phrasing_follow();
CREATE OR REPLACE TRIGGER phrasing_update AFTER UPDATE OF words ON blog_entry
    FOR EACH ROW WHEN (OLD.words IS DISTINCT FROM NEW.words) EXECUTE FUNCTION blog_phrasing_follow();
"""

FOLLOW_NO_MORE = """
DROP TRIGGER IF EXISTS phrasing_update ON blog_entry;
DROP TRIGGER IF EXISTS phrasing_insert ON blog_entry;
DROP FUNCTION IF EXISTS blog_phrasing_follow();
"""

# Entries are held lest one should go between being read and being written; one that has changed has written its own.
COPY = """
    WITH batch AS (
        SELECT post_id, words FROM blog_entry WHERE post_id > %s ORDER BY post_id LIMIT %s FOR KEY SHARE
    ), copied AS (
        INSERT INTO blog_phrasing (post_id, words) SELECT post_id, words FROM batch ON CONFLICT DO NOTHING
    )
    SELECT max(post_id) FROM batch
"""


def fill(apps, schema_editor):
    last = 0
    while last is not None:
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            cursor.execute(COPY, [last, BATCH])
            (last,) = cursor.fetchone()


def pairs(name):
    return django.contrib.postgres.indexes.GinIndex(
        Func(F("words"), function="blog_pairs"), name=name, gin_pending_list_limit=8_192
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0040_posts_dated")]

    operations = [
        migrations.CreateModel(
            name="Phrasing",
            fields=[
                ("post_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("words", django.contrib.postgres.search.SearchVectorField(null=True)),
            ],
        ),
        # As in the entries, words lie apart from narrow rows.
        migrations.RunSQL(
            "ALTER TABLE blog_phrasing SET (toast_tuple_target = 128);"
            "ALTER TABLE blog_phrasing ALTER COLUMN words SET STORAGE EXTERNAL;"
            "ALTER TABLE blog_phrasing ALTER COLUMN words SET STATISTICS 0",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(FOLLOW, FOLLOW_NO_MORE),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(
            ["SET maintenance_work_mem = '256MB'", "SET min_parallel_table_scan_size = 0"],
            migrations.RunSQL.noop,
        ),
        AddIndexConcurrently("phrasing", pairs("phrasing_pairs")),
        migrations.RunSQL(
            ["RESET maintenance_work_mem", "RESET min_parallel_table_scan_size"], migrations.RunSQL.noop
        ),
        # A sample would compute the pairs of thirty thousand posts whenever the table is analysed.
        migrations.RunSQL(
            "ALTER INDEX phrasing_pairs ALTER COLUMN 1 SET STATISTICS 0", migrations.RunSQL.noop
        ),
        RemoveIndexConcurrently("entry", "entry_pairs"),
    ]
