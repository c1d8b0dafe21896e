"""The stamp: which of all that readers can see has been committed, as one short text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

CHANNEL = "stratum_moved"
"""On which PostgreSQL notifies of each transaction that moved the stamp."""


class Move(models.Model):
    """How many transactions have changed what readers can see, as differences to be added up.

    Triggers on all tables that readers see something of append to it, one row a transaction. No writer waits for
    another, as one row that all update would have it: it would be locked until each commit. And the sum counts
    the transactions that are *committed*, in whatever order, so that no two states of the site have the same.
    `publishing.stamp.compact` adds the rows together.
    """

    moves = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.moves:+}"


@dataclass(frozen=True)
class Stamp:
    """What a page was made from, and the instants (aware) from which on it is void however little is written: a post
    appears, or expires."""

    text: str
    instants: tuple[datetime, ...]


# The file of the table tells a database that was restored, or emptied, from the one whose sum happens to be the same;
# a standby has the same one.
TEXT = "pg_relation_filenode('blog_move') || '.' || (SELECT coalesce(sum(moves), 0) FROM blog_move)"
# Two index scans, of a few rows each, say what comes next: fewer would do, but several may come within one second.
READ = f"""
SELECT {TEXT},
    ARRAY(SELECT published_at FROM blog_listing
        WHERE category_id IS NULL AND tag_id IS NULL AND author_id IS NULL AND post_id > 0
            AND published_at > %(at)s ORDER BY published_at, post_id LIMIT 8)
    || ARRAY(SELECT DISTINCT expires_at FROM blog_listing WHERE expires_at > %(at)s ORDER BY expires_at LIMIT 8)
"""


def read_stamp(cursor: Any, *, at: datetime) -> Stamp:
    """The stamp, with what comes after the instant `at`, in one query on a cursor of psycopg's or Django's."""
    cursor.execute(READ, {"at": at})
    text, instants = cursor.fetchone()
    return Stamp(text, tuple(sorted(instants)))


def has_seen(cursor: Any, text: str) -> bool:
    """Whether this very server has come as far as the stamp that another one told, and no further. One query."""
    cursor.execute(f"SELECT {TEXT}")
    return bool(cursor.fetchone() == (text,))
