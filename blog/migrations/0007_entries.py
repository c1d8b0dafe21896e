"""An entry of search for each post that is published already, batch by batch.

Old code lives with it, but what it publishes meanwhile has no entry until `manage.py refile` has run.
"""

from django.db import migrations

BATCH = 2_000

MISSING = """
    SELECT id FROM blog_post WHERE status = 'published' AND NOT EXISTS (SELECT FROM blog_entry WHERE post_id = blog_post.id)
    ORDER BY id LIMIT %s
"""

ENTER = """
    INSERT INTO blog_entry (post_id, level_id, published_at, expires_at, language, categories, tags, authors, words)
    SELECT id, learning_level_id, published_at, expires_at, language,
        ARRAY(
            SELECT DISTINCT above.id FROM blog_post_categories AS filed
            JOIN blog_category AS below ON below.id = filed.category_id
            JOIN blog_category AS above ON below.path = above.path OR starts_with(below.path, above.path || '/')
            WHERE filed.post_id = blog_post.id ORDER BY above.id
        ),
        ARRAY(SELECT tag_id FROM blog_posttag WHERE content_object_id = blog_post.id ORDER BY tag_id),
        ARRAY(SELECT author_id FROM blog_byline WHERE post_id = blog_post.id ORDER BY author_id),
        search
    FROM blog_post WHERE id = ANY(%s) ON CONFLICT (post_id) DO NOTHING
"""


def enter(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(MISSING, [BATCH])
            posts = [pk for (pk,) in cursor.fetchall()]
            if not posts:
                break
            cursor.execute(ENTER, [posts])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0006_post_uid")]

    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
