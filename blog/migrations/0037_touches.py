"""What has changed, by name, for a CDN: a table to which triggers append, while somebody has asked for it.

New and empty. Until a worker that knows of a CDN asks, a trigger looks once a statement whether anybody has, and writes
nothing. Old code lives with it: what it writes is noted like any other, and it reads nothing of this. Creating a
trigger waits for the writers of its table, never for readers, and takes no time.
"""

from django.db import migrations, models

# Each argument is `kind:columns`; the columns' values, joined by commas, are the name of what was touched.
FUNCTIONS = """
CREATE FUNCTION blog_touch_names(seen jsonb, told text[]) RETURNS TABLE (kind text, name text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT split_part(one, ':', 1), coalesce((
        SELECT string_agg(coalesce(seen->>col, ''), ',' ORDER BY n)
        FROM unnest(string_to_array(split_part(one, ':', 2), '+')) WITH ORDINALITY AS columns (col, n)
    ), '') FROM unnest(told) AS one
$$;

CREATE FUNCTION blog_touch_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM blog_touch WHERE kind = 'on') THEN
        INSERT INTO blog_touch (kind, name)
        SELECT DISTINCT named.kind, named.name
        FROM touched, to_jsonb(touched) AS seen, blog_touch_names(seen, TG_ARGV) AS named
        WHERE coalesce(seen->>'status', 'published') = 'published';
    END IF;
    RETURN NULL;
END $$;

-- Rows as they were and as they are, where they differ in more than the columns named first, which no reader sees.
CREATE FUNCTION blog_touch_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unseen text[] := string_to_array(TG_ARGV[0], ' ');
BEGIN
    IF EXISTS (SELECT FROM blog_touch WHERE kind = 'on') THEN
        INSERT INTO blog_touch (kind, name)
        SELECT DISTINCT named.kind, named.name
        FROM added JOIN removed USING (id), to_jsonb(added) AS after, to_jsonb(removed) AS before,
            unnest(ARRAY[before, after]) AS seen, blog_touch_names(seen, TG_ARGV[1:]) AS named
        WHERE after - unseen IS DISTINCT FROM before - unseen
            AND 'published' IN (coalesce(before->>'status', 'published'), coalesce(after->>'status', 'published'));
    END IF;
    RETURN NULL;
END $$;
"""

UNDO = "DROP FUNCTION blog_touch_changed(), blog_touch_rows(), blog_touch_names(jsonb, text[]);"

NEW, OLD = "REFERENCING NEW TABLE AS touched", "REFERENCING OLD TABLE AS touched"
BOTH = "REFERENCING OLD TABLE AS removed NEW TABLE AS added"

# What is noted of each table; `publishing/purging.py` says what the kinds mean.
NOTED = {
    "address": ("D:post_id",),
    "author": ("a:slug",),
    "byline": ("P:post_id",),
    "category": ("c:path",),
    "change": ("P:post_id",),
    "figure": ("f:slug",),
    "learninglevel": ("all:",),
    "learningpath": ("h:slug",),
    "listing": ("L:category_id+tag_id+author_id+level_id", "D:post_id"),
    "pathstep": ("H:learning_path_id", "P:post_id"),
    "placement": ("F:figure_id", "P:post_id"),
    "post": ("p:slug", "D:id", "G:id+language"),
    "post_categories": ("P:post_id",),
    "posttag": ("P:content_object_id",),
    "publication": ("all:",),
    "relatedpost": ("P:post_id",),
    "rendition": ("F:figure_id",),
    "series": ("r:slug",),
    "seriespart": ("R:series_id", "P:post_id"),
    "showing": ("F:figure_id", "P:post_id"),
    "tag": ("t:slug",),
}
UNSEEN = {
    "post": "draft_id draft_at created_by_id trashed_at trashed_by_id status_before extra version updated_at",
    "figure": "look weight trouble",
    "author": "user_id",
    "category": "approvals",
}
# Nobody sees such a row until one of another table refers to it, and that one is noted.
SEEN_WITH_OTHERS = {"author", "figure", "learningpath", "series", "tag"}
# Tables without an `id`, seen by searches alone.
FOUND = ("entry", "word")


def trigger(table: str, event: str, seen: str, function: str, told: tuple[str, ...]) -> str:
    words = ", ".join(f"'{one}'" for one in told)
    return (
        f"CREATE TRIGGER touch_{event.lower()} AFTER {event} ON blog_{table} {seen} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}({words});"
    )


def triggers() -> list[str]:
    made = []
    for table, told in (*NOTED.items(), *((name, ("x:",)) for name in FOUND)):
        if table not in SEEN_WITH_OTHERS:
            made += [trigger(table, "INSERT", NEW, "blog_touch_rows", told)]
        made += [trigger(table, "DELETE", OLD, "blog_touch_rows", told)]
        if table in FOUND:
            made += [trigger(table, "UPDATE", NEW, "blog_touch_rows", told)]
        else:
            unseen = UNSEEN.get(table, "")
            made += [trigger(table, "UPDATE", BOTH, "blog_touch_changed", (unseen, *told))]
    return made


def dropped(statement: str) -> str:
    words = statement.split()
    return f"DROP TRIGGER {words[2]} ON {words[words.index('ON') + 1]}"


class Migration(migrations.Migration):
    dependencies = [("blog", "0036_letters")]

    operations = [
        migrations.CreateModel(
            name="Touch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField()),
                ("name", models.TextField()),
            ],
        ),
        migrations.RunSQL(FUNCTIONS, UNDO),
        *(migrations.RunSQL(statement, dropped(statement)) for statement in triggers()),
    ]
