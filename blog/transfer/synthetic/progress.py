"""What an unfinished load must know to be gone on with. It stands in a table of its own, for as long as that takes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from . import corpus

TABLE = "synthetic_load"


class NotEmpty(Exception):
    """The blog holds something else; `str()` says what and what to do."""


# What a definition does not tell: how many values of an expression are sampled whenever the table is analysed.
STATISTICS = """
    SELECT format('ALTER INDEX %%I ALTER COLUMN %%s SET STATISTICS %%s', relname, attnum, attstattarget)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = current_schema::regnamespace AND relname = ANY(%s) AND attstattarget >= 0
"""


@dataclass(frozen=True)
class Progress:
    """How many posts are wanted, of how many words, and the statements that put the indexes back at the end."""

    posts: int
    words: int
    indexes: list[str]


def begin(posts: int, words: int) -> Progress:
    """Takes up the load that was interrupted, or begins one: takes the inverted indexes away, for to build an index of
    words at once takes a tenth of the time of keeping it up to date.

    Raises:
        NotEmpty: posts of another number or length were begun, or there are posts that are not of this load.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [TABLE])
        if cursor.fetchone() == (True,):
            # Loads that were begun before lengths could be asked for have not written theirs down.
            cursor.execute(
                f"SELECT posts, coalesce((to_jsonb(begun) ->> 'words')::int, %s), indexes FROM {TABLE} AS begun",
                [corpus.WORDS],
            )
            found = Progress(*cursor.fetchone())
            if (found.posts, found.words) != (posts, words):
                raise NotEmpty(
                    f"A load of {found.posts:,} posts of {found.words:,} words was begun here and not finished. Go on "
                    f"with it: --posts {found.posts} --words {found.words}."
                )
            return found
        cursor.execute("SELECT count(*) FROM (SELECT FROM blog_post LIMIT 1) AS any_post")
        if cursor.fetchone() != (0,):
            raise NotEmpty(
                "This blog holds posts already. Synthetic ones are for an empty database: name another one in "
                "DATABASE_URL or STRATUM_DATA, run manage.py migrate there, and try again."
            )
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema AND tablename LIKE 'blog%'"
            " AND indexdef LIKE '% USING gin %' ORDER BY indexname"
        )
        indexes = cursor.fetchall()
        definitions = [definition for _, definition in indexes]
        cursor.execute(STATISTICS, [[name for name, _ in indexes]])
        definitions += [statement for (statement,) in cursor.fetchall()]
        cursor.execute(
            f"CREATE TABLE {TABLE} AS SELECT %s::int AS posts, %s::int AS words, %s::text[] AS indexes",
            [posts, words, definitions],
        )
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    return Progress(posts, words, definitions)


def put_back(progress: Progress) -> None:
    """Builds the indexes that are not there again yet."""
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        # Entries are narrow, their words lie apart: too few pages for PostgreSQL to think of helpers.
        cursor.execute("SET min_parallel_table_scan_size = 0")
        for definition in progress.indexes:
            cursor.execute(definition.replace("CREATE INDEX ", "CREATE INDEX IF NOT EXISTS ", 1))
        cursor.execute("RESET maintenance_work_mem")
        cursor.execute("RESET min_parallel_table_scan_size")


def end() -> None:
    """Nothing remains to be done: whoever loads from now on finds a blog with posts."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")
