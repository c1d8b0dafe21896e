"""Who has a post open at this moment, without locking anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

BEAT = timedelta(seconds=3)
"""How often an open form says so."""
WORTH = timedelta(seconds=7)
"""For how long its word counts: two beats and what a slow network takes."""
AWAY = timedelta(minutes=10)
"""For how long it counts when the tab went out of sight, since it is silent then."""

WRITE = """
    INSERT INTO blog_presence AS presence (post_id, user_id, tab, since, until, idle)
    VALUES (%(post)s, %(user)s, %(tab)s, %(at)s, %(until)s, %(idle)s)
    ON CONFLICT (post_id, user_id, tab) DO UPDATE SET until = EXCLUDED.until, idle = EXCLUDED.idle,
        since = CASE WHEN presence.until < EXCLUDED.since THEN EXCLUDED.since ELSE presence.since END
"""
# An account's forms are one person; what is long stale is removed in passing.
READ = """
    WITH stale AS (DELETE FROM blog_presence WHERE post_id = %(post)s AND until < %(old)s)
    SELECT u.id, u.first_name, u.last_name, u.{name}, min(p.since), bool_and(p.idle)
    FROM blog_presence p JOIN {users} u ON u.id = p.user_id
    WHERE p.post_id = %(post)s AND p.until > %(at)s AND p.user_id <> %(user)s
    GROUP BY u.id ORDER BY min(p.since), u.id LIMIT 20
"""


@dataclass(frozen=True)
class Other:
    """Somebody else at the post; `idle` when nothing was typed for a while."""

    name: str
    since: datetime
    idle: bool


def others(post: int, *, user: Any, at: datetime) -> list[Other]:
    """Who else has the post open, the first to come first. One query."""
    model = user._meta.concrete_model
    statement = READ.format(users=f'"{model._meta.db_table}"', name=f'"{model.USERNAME_FIELD}"')
    with connection.cursor() as cursor:
        cursor.execute(statement, {"post": post, "user": user.pk, "at": at, "old": at - WORTH})
        return [
            Other(f"{first} {last}".strip() or name, since, idle)
            for _pk, first, last, name, since, idle in cursor.fetchall()
        ]


def beat(
    post: int, *, user: Any, tab: str, at: datetime, idle: bool = False, away: bool = False
) -> list[Other]:
    """The tab is still open; who else is there. Two queries."""
    until = at + (AWAY if away else WORTH)
    values = {"post": post, "user": user.pk, "tab": tab, "at": at, "until": until, "idle": idle or away}
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)
    return others(post, user=user, at=at)


def leave(post: int, *, user: Any, tab: str) -> None:
    """The tab was closed, or shows something else now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM blog_presence WHERE post_id = %s AND user_id = %s AND tab = %s", [post, user.pk, tab]
        )
