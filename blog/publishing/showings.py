"""Keeps the gallery's index true: which published post shows which figure."""

from __future__ import annotations

from django.db import connection

# A figure that a post both places and leads with is shown once, by its number.
WANTED = """
    WITH shown AS (
        SELECT post_id, figure_id, number FROM blog_placement WHERE post_id = ANY(%(posts)s)
        UNION ALL
        SELECT id, lead_figure_id, NULL FROM blog_post WHERE id = ANY(%(posts)s) AND NOT EXISTS (
            SELECT FROM blog_placement WHERE post_id = blog_post.id AND figure_id = lead_figure_id
        )
    ), wanted AS (
        SELECT shown.post_id, figure_id, number, level_id, published_at, expires_at, categories,
            to_tsvector('stratum', concat_ws(' ',
                left(caption, 5000), left(alt, 5000), left(long_description, 40000))) AS words
        FROM shown JOIN blog_entry USING (post_id) JOIN blog_figure ON blog_figure.id = figure_id
        WHERE NOT decorative
    )
"""

DROP = (
    WANTED
    + """
    DELETE FROM blog_showing AS old WHERE old.post_id = ANY(%(posts)s)
    AND NOT EXISTS (SELECT FROM wanted WHERE (wanted.figure_id, wanted.post_id) = (old.figure_id, old.post_id))
"""
)

ADD = (
    WANTED
    + """
    INSERT INTO blog_showing AS old
        (figure_id, post_id, number, level_id, published_at, expires_at, categories, words)
    SELECT figure_id, post_id, number, level_id, published_at, expires_at, categories, words FROM wanted
    ORDER BY figure_id, post_id
    ON CONFLICT (figure_id, post_id) DO UPDATE SET number = EXCLUDED.number, level_id = EXCLUDED.level_id,
        published_at = EXCLUDED.published_at, expires_at = EXCLUDED.expires_at, categories = EXCLUDED.categories,
        words = EXCLUDED.words
    WHERE (old.number, old.level_id, old.published_at, old.expires_at, old.categories, old.words)
        IS DISTINCT FROM (EXCLUDED.number, EXCLUDED.level_id, EXCLUDED.published_at, EXCLUDED.expires_at,
            EXCLUDED.categories, EXCLUDED.words)
"""
)


MOVE = """
    UPDATE blog_showing AS old SET categories = entry.categories FROM blog_entry AS entry
    WHERE old.post_id = ANY(%(posts)s) AND entry.post_id = old.post_id AND old.categories <> entry.categories
"""


def record(posts: list[int]) -> None:
    """Makes the rows of these posts what they ought to be. Their entries have to be true already: what is not entered
    is not published."""
    with connection.cursor() as cursor:
        for statement in (DROP, ADD):
            cursor.execute(statement, {"posts": posts})


def move(posts: list[int]) -> None:
    """The same where nothing has changed but in which categories the entries stand."""
    with connection.cursor() as cursor:
        cursor.execute(MOVE, {"posts": posts})
