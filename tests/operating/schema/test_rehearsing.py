"""What is told before is what PostgreSQL did with the same statements, in a copy."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from blog.models import Tag, servers
from blog.models.direct import direct, name
from blog.operating.schema.rehearsing import rehearse

from .test_migrating import busy, one

pytestmark = pytest.mark.django_db(transaction=True)

EXPAND = """
operations = [
    migrations.AddField("tag", "mood", models.TextField(null=True)),
    migrations.RunSQL("ALTER TABLE blog_tag ADD CONSTRAINT c CHECK (mood <> '') NOT VALID", "ALTER TABLE blog_tag DROP CONSTRAINT c"),
]
"""
INDEX = """
atomic = False
operations = [
    migrations.RunSQL("ALTER TABLE blog_tag VALIDATE CONSTRAINT c", migrations.RunSQL.noop),
    AddIndexConcurrently("tag", models.Index(fields=["mood"], name="tag_mood")),
]
"""
RETYPE = """
operations = [migrations.RunSQL("ALTER TABLE blog_tag ALTER COLUMN name TYPE varchar(90)", migrations.RunSQL.noop)]
"""


def databases():
    with servers.standing(direct(servers.MAINTENANCE)) as server:
        return servers.ask(
            server,
            "SELECT array_agg(datname ORDER BY datname) FROM pg_database WHERE starts_with(datname, %s)",
            [name()],
        )


def told():
    out = StringIO()
    call_command("migrate", rehearse=True, stdout=out, no_color=True)
    return out.getvalue()


def test_it_tells_locks_rows_and_time_and_changes_nothing(more_migrations):
    more_migrations("9001_expand", EXPAND)
    more_migrations("9002_index", INDEX)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE blog_tag")
    Tag.objects.bulk_create(Tag(name=f"t{n}", slug=f"t{n}") for n in range(7))
    before = databases()
    expand, index = rehearse()
    assert expand.atomic and expand.held == {"blog_tag": "AccessExclusiveLock"}
    assert expand.rows == {"blog_tag": 7} and 0 < expand.seconds < 60 and not expand.dangers
    validate, build = index.steps
    assert validate.locks == {"blog_tag": "ShareUpdateExclusiveLock"} == build.locks
    assert "CREATE INDEX CONCURRENTLY" in build.words and not build.rewrites
    assert not one("SELECT 1 FROM pg_attribute WHERE attrelid = 'blog_tag'::regclass AND attname = 'mood'")
    assert databases() == before


def test_it_looks_at_the_copy_where_the_site_asks_through_a_bouncer(more_migrations, settings):
    settings.DATABASE_DIRECT = dict(connection.settings_dict)
    more_migrations("9001_expand", EXPAND)
    more_migrations("9002_index", INDEX)
    _, index = rehearse()
    assert index.steps[-1].locks == {"blog_tag": "ShareUpdateExclusiveLock"}


def test_it_is_in_nobody_s_way_and_waits_for_nobody(more_migrations):
    more_migrations("9001_expand", EXPAND)
    with busy():
        (expand,) = rehearse()
    assert expand.held


def test_it_sees_that_a_table_is_rewritten_and_says_that_it_is_unsafe(more_migrations):
    more_migrations("9001_retype", RETYPE)
    words = told()
    assert "AccessExclusive on blog_tag: readers and writers wait; the table is rewritten" in words
    assert (
        "Unsafe: blog.9001_retype: RunSQL" in words
        and "1 migrations would run. Nothing was changed." in words
    )


def test_it_says_that_nothing_is_pending():
    assert told() == "Nothing is pending.\n"


def test_it_says_that_a_migration_would_fail(more_migrations):
    more_migrations(
        "9001_wrong",
        'operations = [migrations.RunSQL("ALTER TABLE no_such ADD x int", migrations.RunSQL.noop)]',
    )
    before = databases()
    with pytest.raises(CommandError, match="It would fail: .*no_such"):
        told()
    assert databases() == before
    connection.close()
