"""An index of neighbouring words, by which phrases are found without reading where the words of each post stand.

It is built beside the traffic: some minutes for a hundred thousand posts, and a few gigabytes (see OPERATING.md). Old code
lives with it: it does not ask it, and what it writes is in it like anything else. Stopped halfway, it leaves an index that
is marked invalid: drop it (`DROP INDEX entry_pairs`) and migrate again.
"""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations
from django.db.models import F, Func

# Sixty-four bits: that two of a post's thousand pairs share one with a pair that is asked for happens once in 10^16.
# hashtextextended is what hash partitions are made by, so it stays the same.
PAIR = """
CREATE FUNCTION blog_pair(one text, other text, apart integer) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT hashtextextended(one, 0) # hashtextextended(other, apart)
$$
"""

# It costs a millisecond: PostgreSQL is told so, lest it should compute it for rows instead of asking the index.
PAIRS = """
CREATE FUNCTION blog_pairs(words tsvector) RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS $$
    WITH placed AS MATERIALIZED (
        SELECT hashtextextended(lexeme, 0) AS first, hashtextextended(lexeme, 1) AS next,
            hashtextextended(lexeme, 2) AS second, unnest(positions) AS place FROM unnest(words)
    )
    SELECT coalesce(array_agg(pair), '{}') FROM (
        SELECT one.first # other.next AS pair
        FROM placed AS one JOIN placed AS other ON other.place = one.place + 1
        UNION ALL
        SELECT one.first # other.second
        FROM placed AS one JOIN placed AS other ON other.place = one.place + 2
    ) AS pairs
$$
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0031_login_delays")]

    operations = [
        migrations.RunSQL([PAIR, PAIRS], ["DROP FUNCTION blog_pairs", "DROP FUNCTION blog_pair"]),
        # Rows are narrow and their words lie apart: too few pages for PostgreSQL to think of helpers.
        migrations.RunSQL(
            ["SET maintenance_work_mem = '256MB'", "SET min_parallel_table_scan_size = 0"],
            migrations.RunSQL.noop,
        ),
        AddIndexConcurrently(
            "entry",
            django.contrib.postgres.indexes.GinIndex(
                Func(F("words"), function="blog_pairs"), name="entry_pairs", gin_pending_list_limit=8_192
            ),
        ),
        migrations.RunSQL(
            ["RESET maintenance_work_mem", "RESET min_parallel_table_scan_size"], migrations.RunSQL.noop
        ),
        # A sample would compute the pairs of thirty thousand posts whenever the table is analysed.
        migrations.RunSQL("ALTER INDEX entry_pairs ALTER COLUMN 1 SET STATISTICS 0", migrations.RunSQL.noop),
    ]
