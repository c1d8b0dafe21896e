"""Keeps the lexicon: the words of published posts, from which a search proposes other spellings."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

# Sorted, so that two saves that learn the same new words never wait for each other in a circle.
LEARN = """
    INSERT INTO blog_word (word)
    SELECT word FROM ts_stat(%s) WHERE length(word) BETWEEN 3 AND 40 AND word ~ '[[:alpha:]]{2}' ORDER BY word
    ON CONFLICT DO NOTHING
"""
WORDS = """
    SELECT to_tsvector('stratum_plain',
        concat_ws(' ', title, summary, left(figures_text, 20000), left(body_text, 100000)))
    FROM blog_post WHERE id = ANY('{%s}')
"""


def learn(post_ids: Iterable[int]) -> int:
    """Takes the words of these posts into the lexicon; returns how many were new."""
    posts = ",".join(str(int(pk)) for pk in post_ids)
    if not posts:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(LEARN, [WORDS % posts])
        return cursor.rowcount
