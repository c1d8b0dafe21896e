"""The stamp, which moves with everything that readers can see: a table to which triggers append. All is new and empty.

Old code lives with it: what it writes makes the triggers' rows like any other, and it reads nothing of this. Creating
a trigger waits for the writers of its table, never for readers, and takes no time.
"""

from django.db import migrations, models

FUNCTIONS = """
-- Once a transaction. The setting ends with it, and is taken back with a savepoint as the row is.
CREATE FUNCTION blog_move_stamp() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('stratum.moved', true) = 'yes' THEN
        RETURN;
    END IF;
    PERFORM set_config('stratum.moved', 'yes', true);
    INSERT INTO blog_move (moves) VALUES (1);
    PERFORM pg_notify('stratum_moved', '');
END $$;

CREATE FUNCTION blog_stamp_any() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM blog_move_stamp();
    RETURN NULL;
END $$;

-- The same where rows have come or gone; the statement of a cascade may have met none.
CREATE FUNCTION blog_stamp_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM touched) THEN
        PERFORM blog_move_stamp();
    END IF;
    RETURN NULL;
END $$;

-- The same where a row has changed in more than the columns named, which no reader sees.
CREATE FUNCTION blog_stamp_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unseen text[] := string_to_array(TG_ARGV[0], ' ');
BEGIN
    IF current_setting('stratum.moved', true) IS DISTINCT FROM 'yes' AND EXISTS (
        SELECT FROM added JOIN removed USING (id)
        WHERE to_jsonb(added) - unseen IS DISTINCT FROM to_jsonb(removed) - unseen
    ) THEN
        PERFORM blog_move_stamp();
    END IF;
    RETURN NULL;
END $$;

-- Of posts, those that are or were published: live, scheduled or expired. All others readers can't see.
CREATE FUNCTION blog_stamp_posts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM touched WHERE status = 'published') THEN
        PERFORM blog_move_stamp();
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION blog_stamp_post_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unseen text[] := string_to_array(TG_ARGV[0], ' ');
BEGIN
    IF current_setting('stratum.moved', true) IS DISTINCT FROM 'yes' AND EXISTS (
        SELECT FROM added JOIN removed USING (id)
        WHERE (added.status = 'published' OR removed.status = 'published')
            AND to_jsonb(added) - unseen IS DISTINCT FROM to_jsonb(removed) - unseen
    ) THEN
        PERFORM blog_move_stamp();
    END IF;
    RETURN NULL;
END $$;
"""

NEW, OLD = "REFERENCING NEW TABLE AS touched", "REFERENCING OLD TABLE AS touched"
BOTH = "REFERENCING OLD TABLE AS removed NEW TABLE AS added"

# What readers see nothing of in a table of which they see the rest.
UNSEEN = {
    "post": "draft_id draft_at created_by_id trashed_at trashed_by_id status_before extra version updated_at",
    "figure": "look weight trouble",
    "author": "user_id",
    "category": "approvals",
    "series": "",
    "tag": "",
    "learninglevel": "",
    "learningpath": "",
    "publication": "",
}
# Nobody sees such a row until one of another table refers to it, and that one moves the stamp.
SEEN_WITH_OTHERS = {"figure", "author", "tag", "series", "learningpath"}
ROWS = (
    "address", "byline", "change", "entry", "listing", "pathstep", "placement", "post_categories", "posttag",
    "relatedpost", "rendition", "seriespart", "showing", "word",
)  # fmt: skip


def trigger(table: str, event: str, seen: str, function: str) -> str:
    name = f"stamp_{event.lower()}"
    return f"CREATE TRIGGER {name} AFTER {event} ON blog_{table} {seen} FOR EACH STATEMENT EXECUTE FUNCTION {function};"


def triggers() -> list[str]:
    made = []
    for table in ROWS:
        made += [trigger(table, "INSERT", NEW, "blog_stamp_rows()")]
        made += [trigger(table, "UPDATE", NEW, "blog_stamp_rows()")]
        made += [trigger(table, "DELETE", OLD, "blog_stamp_rows()")]
    for table, unseen in UNSEEN.items():
        rows, changed = "blog_stamp_rows()", f"blog_stamp_changed('{unseen}')"
        if table == "post":
            rows, changed = "blog_stamp_posts()", f"blog_stamp_post_changed('{unseen}')"
        if table not in SEEN_WITH_OTHERS:
            made += [trigger(table, "INSERT", NEW, rows)]
        made += [trigger(table, "UPDATE", BOTH, changed)]
        made += [trigger(table, "DELETE", OLD, rows)]
    made += [trigger(table, "TRUNCATE", "", "blog_stamp_any()") for table in (*ROWS, *UNSEEN)]
    return made


def dropped(statement: str) -> str:
    words = statement.split()
    return f"DROP TRIGGER {words[2]} ON {words[words.index('ON') + 1]}"


UNDO = """
DROP FUNCTION blog_stamp_post_changed(), blog_stamp_posts(), blog_stamp_changed(), blog_stamp_rows(), blog_stamp_any(),
    blog_move_stamp();
"""


class Migration(migrations.Migration):
    dependencies = [("blog", "0034_leads")]

    operations = [
        migrations.CreateModel(
            name="Move",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("moves", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(FUNCTIONS, UNDO),
        *(migrations.RunSQL(statement, dropped(statement)) for statement in triggers()),
    ]
