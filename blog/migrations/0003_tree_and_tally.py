"""What PostgreSQL watches over by itself: that the tree of categories has no cycle, and the tally of the listings.

Old code lives with both: neither trigger changes a row that it writes.
"""

from django.db import migrations

TREE = """
CREATE FUNCTION blog_category_refuse_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Two moves at once could make a cycle that neither sees: one after the other.
    PERFORM pg_advisory_xact_lock(hashtext('blog_category tree'));
    IF EXISTS (
        WITH RECURSIVE above(id, parent_id) AS (
            SELECT id, parent_id FROM blog_category WHERE id = NEW.parent_id
            UNION
            SELECT c.id, c.parent_id FROM blog_category c JOIN above ON c.id = above.parent_id
        )
        SELECT FROM above WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'category % would lie below itself', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'category_has_no_cycle', TABLE = 'blog_category';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER category_has_no_cycle BEFORE INSERT OR UPDATE OF parent_id ON blog_category
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION blog_category_refuse_cycle();
"""

TALLY = """
CREATE FUNCTION blog_listing_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO blog_tally (category_id, tag_id, author_id, level_id, posts)
        SELECT category_id, tag_id, author_id, level_id, count(*) FROM added
        GROUP BY category_id, tag_id, author_id, level_id;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO blog_tally (category_id, tag_id, author_id, level_id, posts)
        SELECT category_id, tag_id, author_id, level_id, -count(*) FROM removed
        GROUP BY category_id, tag_id, author_id, level_id;
    ELSE
        INSERT INTO blog_tally (category_id, tag_id, author_id, level_id, posts)
        SELECT category_id, tag_id, author_id, level_id, sum(n) FROM (
            SELECT category_id, tag_id, author_id, level_id, 1 AS n FROM added
            UNION ALL
            SELECT category_id, tag_id, author_id, level_id, -1 FROM removed
        ) AS moved
        GROUP BY category_id, tag_id, author_id, level_id HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER listing_tally_insert AFTER INSERT ON blog_listing
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION blog_listing_tally();
CREATE TRIGGER listing_tally_delete AFTER DELETE ON blog_listing
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION blog_listing_tally();
CREATE TRIGGER listing_tally_update AFTER UPDATE ON blog_listing
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION blog_listing_tally();
"""


class Migration(migrations.Migration):
    dependencies = [("blog", "0002_models")]

    operations = [
        migrations.RunSQL(
            TREE,
            "DROP TRIGGER category_has_no_cycle ON blog_category; DROP FUNCTION blog_category_refuse_cycle()",
        ),
        migrations.RunSQL(
            TALLY,
            """
            DROP TRIGGER listing_tally_insert ON blog_listing;
            DROP TRIGGER listing_tally_delete ON blog_listing;
            DROP TRIGGER listing_tally_update ON blog_listing;
            DROP FUNCTION blog_listing_tally();
            """,
        ),
    ]
