"""Each operation that would stop a reader, or the release before, is refused with a way out; and so are ours."""

import re

import pytest
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now

from blog.operating.schema.unsafe import FIRST_RELEASE, RELEASES, dangers

BATCH = 100


def in_batches(apps, editor):
    for _ in range(0, 0, BATCH):
        pass


def all_at_once(apps, editor): ...


def table(model, **fields):
    return migrations.CreateModel(model, [("id", models.BigAutoField(primary_key=True)), *fields.items()])


BEFORE = [
    table("shelf"),
    table(
        "book",
        title=models.CharField(max_length=100),
        pages=models.IntegerField(null=True),
        isbn=models.CharField(max_length=20, db_default=""),
    ),
]


def state(*more):
    made = ProjectState()
    for operation in [*BEFORE, *more]:
        operation.state_forwards("blog", made)
    return made


def judged(*operations, atomic=True, released=None, before=None, **more):
    made = type(
        "Migration", (migrations.Migration,), {"operations": list(operations), "atomic": atomic, **more}
    )
    return dangers(made("9999_made_up", "blog"), before or state(), released or state())


def add(field, name="x"):
    return migrations.AddField("book", name, field)


def alter(name, field):
    return migrations.AlterField("book", name, field)


POSITIVE = models.CheckConstraint(condition=models.Q(pages__gt=0), name="book_has_pages")


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (migrations.DeleteModel("book"), "still uses the table.*later"),
        (migrations.RenameModel("book", "volume"), "Keep it by Meta.db_table"),
        (migrations.AlterModelTable("book", "books"), "uses the table's name"),
        (migrations.AlterUniqueTogether("book", {("title", "pages")}), "builds an index under lock"),
        (migrations.RemoveField("book", "title"), "still uses it.*Expand, switch, contract"),
        (migrations.RenameField("book", "title", "name"), "Keep it by db_column"),
        (add(models.TextField(default="")), "without a default in the database.*db_default"),
        (add(models.UUIDField(db_default=RandomUUID())), "differs from row to row"),
        (add(models.TextField(null=True, unique=True)), "builds an index under lock.*UNIQUE USING INDEX"),
        (add(models.TextField(null=True, db_index=True)), "AddIndexConcurrently"),
        (add(models.ForeignKey("blog.shelf", models.CASCADE, null=True)), "db_constraint=False"),
        (add(models.PositiveIntegerField(null=True)), "check reads the whole table"),
        (
            add(
                models.GeneratedField(
                    expression=models.F("pages"), output_field=models.IntegerField(), db_persist=True
                )
            ),
            "rewrites the table",
        ),
        (alter("title", models.CharField(max_length=50)), r"from varchar\(100\) to varchar\(50\)"),
        (alter("pages", models.BigIntegerField(null=True)), "rewritten under lock.*Add a column"),
        (alter("pages", models.IntegerField()), "SET NOT NULL after it"),
        (alter("title", models.CharField(max_length=100, unique=True)), "UNIQUE USING INDEX"),
        (alter("title", models.CharField(max_length=100, db_index=True)), "AddIndexConcurrently"),
        (alter("title", models.CharField(max_length=100, db_column="name")), "another name"),
        (migrations.AddIndex("book", models.Index(fields=["title"], name="x")), "writers wait"),
        (
            AddIndexConcurrently("book", models.Index(fields=["title"], name="x")),
            "can't run in a transaction",
        ),
        (migrations.AddConstraint("book", POSITIVE), "AddConstraintNotValid"),
        (ValidateConstraint("book", "x"), "all locks are kept"),
        (
            migrations.AddConstraint("book", models.UniqueConstraint(fields=["title"], name="x")),
            "builds an index",
        ),
        (
            migrations.AddConstraint(
                "book", ExclusionConstraint(name="x", expressions=[("pages", RangeOperators.EQUAL)])
            ),
            "builds an index",
        ),
        (migrations.RunPython(all_at_once), "BATCH rows at a time"),
        (migrations.RunPython(in_batches), "Set atomic = False"),
    ],
)
def test_it_refuses_what_stops_readers_or_the_release_before(operation, words):
    found = judged(operation)
    assert len(found) == 1 and re.search(words, found[0]) and found[0].startswith("blog.9999_made_up: "), (
        found
    )


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE blog_book RENAME COLUMN title TO name",
        "ALTER TABLE blog_book RENAME TO blog_volume",
        "ALTER TABLE blog_book DROP COLUMN title",
        'ALTER TABLE ONLY "blog_book" DROP "title"',
        "DROP TABLE IF EXISTS blog_book CASCADE",
        "ALTER TABLE blog_book ALTER COLUMN title TYPE text USING title::text",
        "ALTER TABLE blog_book ALTER title SET NOT NULL",
        "ALTER TABLE blog_book ADD COLUMN x text NOT NULL",
        "ALTER TABLE blog_book ADD COLUMN x uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE blog_book ADD COLUMN x bigserial",
        "ALTER TABLE blog_book ADD COLUMN x int GENERATED ALWAYS AS (pages) STORED",
        "ALTER TABLE blog_book ADD x int REFERENCES blog_shelf",
        "ALTER TABLE blog_book ADD CONSTRAINT c CHECK (pages > 0)",
        "ALTER TABLE blog_book ADD CONSTRAINT c CHECK (pages > 0) NOT VALID; ALTER TABLE blog_book VALIDATE CONSTRAINT c",
        "ALTER TABLE blog_book ADD UNIQUE (title)",
        "ALTER TABLE blog_book SET UNLOGGED",
        "CREATE INDEX x ON blog_book (title)",
        "CREATE UNIQUE INDEX IF NOT EXISTS x ON ONLY blog_book (title)",
        "CREATE INDEX CONCURRENTLY x ON blog_book (title)",
        "-- harmless\nUPDATE blog_book SET title = 'a; b'",
        "DELETE FROM blog_book",
        "TRUNCATE blog_book",
        "LOCK TABLE blog_book",
        "VACUUM FULL blog_book",
        "REINDEX TABLE blog_book",
        "DO $$ BEGIN DROP TABLE blog_book; END $$",
        "ALTER TABLE blog_book ADD COLUMN x text, ADD COLUMN y text NOT NULL",
    ],
)
def test_it_refuses_the_same_in_sql(sql):
    found = judged(migrations.RunSQL(sql))
    assert len(found) == 1 and "RunSQL “" in found[0], found


@pytest.mark.parametrize(
    ("atomic", "operations"),
    [
        (
            True,
            [
                table(
                    "reader",
                    book=models.ForeignKey("blog.book", models.CASCADE),
                    name=models.TextField(unique=True),
                )
            ],
        ),
        (True, [table("reader"), migrations.AddField("reader", "name", models.TextField(default=""))]),
        (True, [table("reader"), migrations.AddIndex("reader", models.Index(fields=["id"], name="x"))]),
        (True, [table("reader"), migrations.RunSQL("CREATE INDEX x ON blog_reader (id)")]),
        (True, [add(models.TextField(null=True)), add(models.TextField(db_default=""), "y")]),
        (True, [add(models.DateTimeField(db_default=Now()))]),
        (
            True,
            [
                add(
                    models.ForeignKey(
                        "blog.shelf", models.CASCADE, null=True, db_index=False, db_constraint=False
                    )
                )
            ],
        ),
        (True, [add(models.ManyToManyField("blog.shelf"))]),
        (
            True,
            [
                alter("title", models.CharField(max_length=200)),
                alter("isbn", models.TextField(db_default="")),
            ],
        ),
        (True, [alter("title", models.CharField(max_length=100, help_text="The first one."))]),
        (True, [alter("title", models.CharField(max_length=100, null=True))]),
        (True, [AddConstraintNotValid("book", POSITIVE)]),
        (False, [ValidateConstraint("book", "book_has_pages")]),
        (False, [AddIndexConcurrently("book", models.Index(fields=["title"], name="x"))]),
        (False, [migrations.RunPython(in_batches)]),
        (True, [migrations.RunPython(migrations.RunPython.noop)]),
        (True, [migrations.AlterModelOptions("book", {"ordering": ["title"]})]),
        (
            True,
            [migrations.RunSQL("ALTER TABLE blog_book ADD COLUMN IF NOT EXISTS x text DEFAULT 'NOT NULL'")],
        ),
        (True, [migrations.RunSQL("ALTER TABLE blog_book ADD COLUMN x timestamptz NOT NULL DEFAULT now()")]),
        (True, [migrations.RunSQL("ALTER TABLE blog_book ADD CONSTRAINT c CHECK (pages > 0) NOT VALID")]),
        (
            True,
            [
                migrations.RunSQL(
                    "CREATE FUNCTION f() RETURNS trigger AS $x$ BEGIN DELETE FROM blog_book; END $x$ LANGUAGE plpgsql"
                )
            ],
        ),
        (
            False,
            [
                migrations.RunSQL(
                    [
                        "CREATE UNIQUE INDEX CONCURRENTLY x ON blog_book (title)",
                        "ALTER TABLE blog_book ADD CONSTRAINT x UNIQUE USING INDEX x",
                    ]
                )
            ],
        ),
        (
            False,
            [
                migrations.RunSQL(
                    [
                        "ALTER TABLE blog_book ADD CONSTRAINT c CHECK (pages IS NOT NULL) NOT VALID",
                        "ALTER TABLE blog_book VALIDATE CONSTRAINT c",
                        "ALTER TABLE blog_book ALTER COLUMN pages SET NOT NULL",
                        "ALTER TABLE blog_book DROP CONSTRAINT c",
                    ]
                )
            ],
        ),
    ],
)
def test_it_lets_pass_what_nobody_notices(atomic, operations):
    assert judged(*operations, atomic=atomic) == []


def test_it_takes_a_reason_for_a_handful_of_rows():
    assert judged(migrations.RunPython(all_at_once), few_rows={"all_at_once": "Four levels."}) == []


def test_a_column_goes_in_three_releases():
    drop = migrations.RunSQL("ALTER TABLE blog_book DROP COLUMN pages")
    forget = migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("book", "pages")])
    assert judged(drop, before=state(*forget.state_operations), released=state())
    assert judged(forget) == []
    assert (
        judged(drop, before=state(*forget.state_operations), released=state(*forget.state_operations)) == []
    )


def test_a_column_is_not_forgotten_that_rows_can_t_be_written_without():
    forget = migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("book", "title")])
    (found,) = judged(forget)
    assert "the column refuses that" in found


def test_our_own_are_safe_since_the_first_release():
    loader = MigrationLoader(None)
    ours = [key for key in loader.graph.forwards_plan(loader.graph.leaf_nodes("blog")[0]) if key[0] == "blog"]
    names = [name for _, name in ours]
    assert set(RELEASES) <= set(names)
    bad = []
    for key in ours[names.index(FIRST_RELEASE) + 1 :]:
        before = [mark for mark in RELEASES if names.index(mark) < names.index(key[1])][-1]
        bad += dangers(
            loader.graph.nodes[key],
            loader.project_state([key], at_end=False),
            loader.project_state([("blog", before)]),
        )
    assert not bad, "\n".join(bad)
