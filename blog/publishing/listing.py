"""Keeps the listing index true: which post stands in which listing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from . import lexicon, showings

# The rows that a set of posts ought to have: the site's, and one for each category with its ancestors, tag and author.
WANTED = """
    WITH published AS (
        SELECT id AS post_id, learning_level_id AS level_id, published_at, expires_at
        FROM blog_post WHERE id = ANY(%(posts)s) AND status = 'published'
    ), above AS (
        SELECT below.id AS category_id, above.id AS ancestor_id
        FROM blog_category AS below JOIN blog_category AS above
          ON below.path = above.path OR starts_with(below.path, above.path || '/')
    ), places AS (
        SELECT post_id, NULL::bigint AS category_id, NULL::bigint AS tag_id, NULL::bigint AS author_id FROM published
        UNION
        SELECT filed.post_id, above.ancestor_id, NULL, NULL
        FROM blog_post_categories AS filed JOIN above USING (category_id) WHERE filed.post_id = ANY(%(posts)s)
        UNION
        SELECT content_object_id, NULL, tag_id, NULL FROM blog_posttag WHERE content_object_id = ANY(%(posts)s)
        UNION
        SELECT post_id, NULL, NULL, author_id FROM blog_byline WHERE post_id = ANY(%(posts)s)
    ), wanted AS (
        SELECT places.post_id, category_id, tag_id, author_id, level_id, published_at, expires_at
        FROM places JOIN published USING (post_id)
    )
"""

DROP = (
    WANTED
    + """
    DELETE FROM blog_listing AS old WHERE old.post_id = ANY(%(posts)s) AND NOT EXISTS (
        SELECT FROM wanted WHERE wanted.post_id = old.post_id
        AND (wanted.category_id, wanted.tag_id, wanted.author_id)
            IS NOT DISTINCT FROM (old.category_id, old.tag_id, old.author_id)
    )
"""
)

ADD = (
    WANTED
    + """
    INSERT INTO blog_listing AS old (post_id, category_id, tag_id, author_id, level_id, published_at, expires_at)
    SELECT post_id, category_id, tag_id, author_id, level_id, published_at, expires_at FROM wanted ORDER BY post_id
    ON CONFLICT (post_id, category_id, tag_id, author_id) DO UPDATE
    SET level_id = EXCLUDED.level_id, published_at = EXCLUDED.published_at, expires_at = EXCLUDED.expires_at
    WHERE (old.level_id, old.published_at, old.expires_at)
        IS DISTINCT FROM (EXCLUDED.level_id, EXCLUDED.published_at, EXCLUDED.expires_at)
"""
)

# The entries by which search and combined filters find these posts: one each, while it is published.
DROP_ENTRIES = """
    DELETE FROM blog_entry USING blog_post
    WHERE post_id = blog_post.id AND blog_post.id = ANY(%(posts)s) AND status <> 'published'
"""

# What a post is found by. Code is read a second time with its names cut into words, as in bucket.getObject.
FOUND = """
    FROM blog_post,
    to_tsvector('stratum', regexp_replace(
        regexp_replace(left(code_text, 30000), '([a-z])([A-Z])', '\\1 \\2', 'g'), '[^[:alnum:]]+', ' ', 'g')
    ) AS named,
    LATERAL (SELECT stratum_words(search, title, summary, figures_text, body_text) || named AS found) AS whole
"""

CATEGORIES = """
        ARRAY(
            SELECT DISTINCT above.id FROM blog_post_categories AS filed
            JOIN blog_category AS below ON below.id = filed.category_id
            JOIN blog_category AS above ON below.path = above.path OR starts_with(below.path, above.path || '/')
            WHERE filed.post_id = blog_post.id ORDER BY above.id
        )
"""

ROOTS = """
        array_to_string(ARRAY(
            SELECT DISTINCT root.id FROM blog_post_categories AS filed
            JOIN blog_category AS below ON below.id = filed.category_id
            JOIN blog_category AS root ON root.path = split_part(below.path, '/', 1)
            WHERE filed.post_id = blog_post.id ORDER BY root.id
        ), ',')
"""

ADD_ENTRIES = (
    f"""
    INSERT INTO blog_entry AS old
        (post_id, level_id, published_at, expires_at, language, categories, tags, authors, words, heads, code, roots)
    SELECT id, learning_level_id, published_at, expires_at, language, {CATEGORIES},
        ARRAY(SELECT tag_id FROM blog_posttag WHERE content_object_id = blog_post.id ORDER BY tag_id),
        ARRAY(SELECT author_id FROM blog_byline WHERE post_id = blog_post.id ORDER BY author_id),
        found, ts_filter(found, '{{a,b}}'), to_tsvector('stratum', left(code_text, 30000)) || named, {ROOTS}
"""
    + FOUND
    + """
    WHERE id = ANY(%(posts)s) AND status = 'published'
    ON CONFLICT (post_id) DO UPDATE SET level_id = EXCLUDED.level_id, published_at = EXCLUDED.published_at,
        expires_at = EXCLUDED.expires_at, language = EXCLUDED.language, categories = EXCLUDED.categories,
        tags = EXCLUDED.tags, authors = EXCLUDED.authors, words = EXCLUDED.words, heads = EXCLUDED.heads,
        code = EXCLUDED.code, roots = EXCLUDED.roots
    WHERE (old.level_id, old.published_at, old.expires_at, old.language, old.categories, old.tags, old.authors,
            old.roots)
        IS DISTINCT FROM (EXCLUDED.level_id, EXCLUDED.published_at, EXCLUDED.expires_at, EXCLUDED.language,
            EXCLUDED.categories, EXCLUDED.tags, EXCLUDED.authors, EXCLUDED.roots)
        OR (old.words, old.heads, old.code) IS DISTINCT FROM (EXCLUDED.words, EXCLUDED.heads, EXCLUDED.code)
"""
)

# Held until the end, that who saves one of these posts meanwhile neither misses the new categories nor is missed.
HOLD = "SELECT FROM blog_post WHERE id = ANY(%(posts)s) ORDER BY id FOR NO KEY UPDATE"

# Entries of posts of which the places alone have changed: to take their words apart takes longer than all the rest.
MOVE_ENTRIES = f"""
    UPDATE blog_entry AS old SET categories = placed.categories, roots = placed.roots
    FROM (
        SELECT id, {CATEGORIES} AS categories, {ROOTS} AS roots FROM blog_post WHERE id = ANY(%(posts)s)
    ) AS placed
    WHERE old.post_id = placed.id AND (old.categories, old.roots) IS DISTINCT FROM (placed.categories, placed.roots)
"""

# Whose words the lexicon may not know yet.
CHANGED_WORDS = (
    """
    SELECT id"""
    + FOUND
    + """
    WHERE id = ANY(%(posts)s) AND status = 'published'
        AND NOT EXISTS (SELECT FROM blog_entry WHERE post_id = id AND words = found)
"""
)

# Only what has grown. Locked rows belong to another run of the same; skipping them keeps both exact. Rows are named by
# their place, in one array: whatever PostgreSQL believes of a table that it has not counted, it fetches each once, and
# has no join to get wrong. Nobody updates a row, so its place is its own for as long as the statement's snapshot.
COMPACT = """
    WITH crowded AS (
        SELECT place FROM (
            SELECT ctid AS place, count(*) OVER (PARTITION BY category_id, tag_id, author_id, level_id) AS rows
            FROM blog_tally
        ) AS counted WHERE rows > %(most)s
    ), free AS MATERIALIZED (
        SELECT ctid AS place FROM blog_tally WHERE ctid = ANY(ARRAY(SELECT place FROM crowded)) FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM blog_tally WHERE ctid = ANY(ARRAY(SELECT place FROM free))
        RETURNING category_id, tag_id, author_id, level_id, posts
    )
    INSERT INTO blog_tally (category_id, tag_id, author_id, level_id, posts)
    SELECT category_id, tag_id, author_id, level_id, sum(posts) FROM taken
    GROUP BY category_id, tag_id, author_id, level_id HAVING sum(posts) <> 0
"""


def refile(post_ids: Iterable[int], *, learn: bool = True) -> int:
    """Makes the listing rows, entries and showings of these posts what they ought to be; returns how many listing rows
    were not so already. Without `learn` the lexicon is taken to know their words."""
    return _refile(list(post_ids), learn=learn)[0]


def correct(post_ids: Iterable[int]) -> int:
    """Does what `refile` does; returns how many rows of listings and entries together were not as they ought to be."""
    return sum(_refile(list(post_ids)))


@transaction.atomic
def move(post_ids: Iterable[int]) -> None:
    """Does what `refile` does for posts that are what they were, in categories that stand elsewhere now."""
    told = {"posts": list(post_ids)}
    with connection.cursor() as cursor:
        for statement in (HOLD, DROP, ADD, MOVE_ENTRIES):
            cursor.execute(statement, told)
    showings.move(told["posts"])


@transaction.atomic
def _refile(posts: list[int], *, learn: bool = True) -> tuple[int, int]:
    listings = entries = 0
    with connection.cursor() as cursor:
        for statement in (DROP, ADD):
            cursor.execute(statement, {"posts": posts})
            listings += cursor.rowcount
        if learn:
            cursor.execute(CHANGED_WORDS, {"posts": posts})
            lexicon.learn(pk for (pk,) in cursor.fetchall())
        for statement in (DROP_ENTRIES, ADD_ENTRIES):
            cursor.execute(statement, {"posts": posts})
            entries += cursor.rowcount
    showings.record(posts)
    return listings, entries


def forget_expired(*, at: datetime) -> int:
    """Takes posts that have expired at `at` out of their listings, in which readers no longer find them; returns how
    many rows went. Counting a listing would otherwise cost a row for every post that has ever expired. A post that is
    given a later end is filed again by `refile`."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM blog_listing WHERE expires_at <= %s", [at])
        return cursor.rowcount


def compact(*, most: int = 8) -> None:
    """Adds together the tally's differences of every scope that has more than `most` at a level. Readers see the same
    sums before, during and after."""
    with connection.cursor() as cursor:
        cursor.execute(COMPACT, {"most": most})
