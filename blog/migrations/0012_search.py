"""What search ranks, counts and corrects spelling by: words of titles and summaries, of code, topmost categories, a lexicon.

Columns are added, none is rewritten; what is published already is entered again batch by batch, with indexes built beside
the traffic. Old code lives with it: entries that it writes are found all the same, but carry no roots and no heads until
`manage.py refile` has run. The run may be stopped and repeated.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

BATCH = 2_000

# Words without spaces between them are found by pairs of neighbouring characters. A run's last character stands alone, so
# that a single one is found as the beginning of a pair. Positions let a phrase of pairs mean: exactly this run.
PAIRS = r"""
CREATE OR REPLACE FUNCTION stratum_pairs(words text, weight text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(
        '''' || substr(run, n, 2) || ''':' || least(start + n, 16383) || weight, ' ' ORDER BY start, n)::tsvector, '')
    FROM (
        SELECT found[1] AS run, sum(length(found[1]) + 1) OVER (ORDER BY place) - length(found[1]) AS start
        FROM regexp_matches(normalize(words, NFC), '([\u0e00-\u0eff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+)', 'g')
            WITH ORDINALITY AS matches(found, place)
    ) AS runs, generate_series(1, length(run)) AS n
$$
"""

# All that a post is found by: its search column; where scripts without spaces occur, their pairs as well, and the other
# scripts' words that stand between them.
WORDS = r"""
CREATE OR REPLACE FUNCTION stratum_words(found tsvector, title text, summary text, figures text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN concat(title, summary, left(figures, 20000), left(body, 100000))
            ~ '[\u0e00-\u0eff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]'
        THEN found
            || setweight(to_tsvector('stratum', regexp_replace(title, '[\u0e00-\u0eff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+', ' ', 'g')), 'A')
            || setweight(to_tsvector('stratum', regexp_replace(left(body, 100000), '[\u0e00-\u0eff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+', ' ', 'g')), 'D')
            || stratum_pairs(title, 'A') || stratum_pairs(summary, 'B')
            || stratum_pairs(left(figures, 5000), 'C') || stratum_pairs(left(body, 30000), 'D')
        ELSE found END
$$
"""

STALE = """
    SELECT post_id FROM blog_entry WHERE heads IS NULL ORDER BY post_id LIMIT %s
"""

# Arrays are written anew, so that they are stored plainly from now on.
ENTER = """
    UPDATE blog_entry SET words = found, heads = ts_filter(found, '{a,b}'),
        code = to_tsvector('stratum', left(code_text, 30000)) || named,
        categories = categories || '{}', tags = tags || '{}', authors = authors || '{}',
        roots = array_to_string(ARRAY(
            SELECT DISTINCT root.id FROM blog_post_categories AS filed
            JOIN blog_category AS below ON below.id = filed.category_id
            JOIN blog_category AS root ON root.path = split_part(below.path, '/', 1)
            WHERE filed.post_id = blog_post.id ORDER BY root.id
        ), ',')
    FROM blog_post, to_tsvector('stratum', regexp_replace(
        regexp_replace(left(code_text, 30000), '([a-z])([A-Z])', '\\1 \\2', 'g'), '[^[:alnum:]]+', ' ', 'g')
    ) AS named, LATERAL (SELECT stratum_words(search, title, summary, figures_text, body_text) || named AS found) AS all_words
    WHERE blog_post.id = blog_entry.post_id AND post_id = ANY(%s)
"""

LEARN = """
    INSERT INTO blog_word (word)
    SELECT word FROM ts_stat(%s) WHERE length(word) BETWEEN 3 AND 40 AND word ~ '[[:alpha:]]{2}' ORDER BY word
    ON CONFLICT DO NOTHING
"""

SPOKEN = """
    SELECT to_tsvector('stratum_plain', concat_ws(' ', title, summary, left(figures_text, 20000), left(body_text, 100000)))
    FROM blog_post WHERE id = ANY('{%s}')
"""


def enter(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(STALE, [BATCH])
            posts = [pk for (pk,) in cursor.fetchall()]
            if not posts:
                break
            cursor.execute(LEARN, [SPOKEN % ",".join(map(str, posts))])
            cursor.execute(ENTER, [posts])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0011_showings")]

    operations = [
        # A trusted extension: the owner of the database may create it. It stays when this is reversed, for others may use it.
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        migrations.RunSQL(
            [
                "DROP TEXT SEARCH CONFIGURATION IF EXISTS stratum_plain",
                "CREATE TEXT SEARCH CONFIGURATION stratum_plain (COPY = pg_catalog.simple)",
                """
                ALTER TEXT SEARCH CONFIGURATION stratum_plain
                ALTER MAPPING FOR asciihword, hword, word, hword_part, asciiword, hword_asciipart, numword
                WITH unaccent, pg_catalog.simple
                """,
                """
                ALTER TEXT SEARCH CONFIGURATION stratum_plain DROP MAPPING IF EXISTS FOR
                email, file, float, host, int, sfloat, uint, url, url_path, version, numhword, hword_numpart
                """,
            ],
            "DROP TEXT SEARCH CONFIGURATION stratum_plain",
        ),
        migrations.RunSQL(PAIRS, "DROP FUNCTION stratum_pairs"),
        migrations.RunSQL(WORDS, "DROP FUNCTION stratum_words"),
        migrations.CreateModel(
            name="Word",
            fields=[("word", models.CharField(max_length=40, primary_key=True, serialize=False))],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["word"], name="word_trigrams", opclasses=["gin_trgm_ops"]
                    )
                ],
            },
        ),
        migrations.AddField("entry", "heads", django.contrib.postgres.search.SearchVectorField(null=True)),
        migrations.AddField("entry", "code", django.contrib.postgres.search.SearchVectorField(null=True)),
        migrations.AddField("entry", "roots", models.TextField(db_collation="C", db_default="")),
        # Only words may lie apart: arrays that are counted by are neither moved out nor compressed.
        migrations.RunSQL(
            "ALTER TABLE blog_entry ALTER COLUMN heads SET STORAGE EXTERNAL, ALTER COLUMN code SET STORAGE EXTERNAL, "
            "ALTER COLUMN categories SET STORAGE PLAIN, ALTER COLUMN tags SET STORAGE PLAIN, "
            "ALTER COLUMN authors SET STORAGE PLAIN, ALTER COLUMN roots SET STORAGE PLAIN, "
            "ALTER COLUMN language SET STORAGE PLAIN",
            migrations.RunSQL.noop,
        ),
        # A sample of the words tells how many posts have them, but not what reading them costs: PostgreSQL would rather read
        # all words of all posts than ask the index for a frequent one. Without a sample it always asks the index.
        migrations.RunSQL(
            "ALTER TABLE blog_entry ALTER COLUMN words SET STATISTICS 0, ALTER COLUMN heads SET STATISTICS 0,"
            " ALTER COLUMN code SET STATISTICS 0",
            "ALTER TABLE blog_entry ALTER COLUMN words SET STATISTICS -1",
        ),
        migrations.RunPython(enter, migrations.RunPython.noop),
        AddIndexConcurrently(
            "entry", django.contrib.postgres.indexes.GinIndex(fields=["heads"], name="entry_heads")
        ),
    ]
