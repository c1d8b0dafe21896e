"""Gives back the room that a table keeps for rows that are gone, where readers would pay for it."""

from __future__ import annotations

from django.db import OperationalError, connection, transaction

PAGES = 64
"""From so many on a table is worth it: each search reads all of them, three times."""

PATIENCE = "100ms"
"""Nobody may read or write the table meanwhile, so it waits no longer than this for those who do."""

UNSEALED = """
    SELECT pg_relation_size(oid) > %s * current_setting('block_size')::int
        AND (SELECT count(*) FROM (SELECT FROM blog_unsealed LIMIT %s + 1) AS waiting) <= %s
        AND pg_has_role(relowner, 'USAGE')
    FROM pg_class WHERE oid = to_regclass('blog_unsealed')
"""


def shrink_unsealed(*, pages: int = PAGES) -> bool:
    """Makes the list of posts whose bits are not to be believed as short as it is, after very many have been written at
    once: the few that wait longest for their date stand at its end, behind thousands of empty pages. Returns whether
    it was necessary and done; while somebody is at work with the table, it is left to another time. Only the owner of
    the table may.

    Not VACUUM FULL: it keeps what any transaction on the server might see, and somebody always has one."""
    few = pages * 20  # a page holds two hundred
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED, [pages, few, few])
        if cursor.fetchone() != (True,):
            return False
        try:
            with transaction.atomic():
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
                cursor.execute("LOCK TABLE blog_unsealed IN ACCESS EXCLUSIVE MODE")
                cursor.execute("SELECT set_config('lock_timeout', '0', true)")
                cursor.execute(
                    "CREATE TEMPORARY TABLE waiting ON COMMIT DROP AS SELECT post_id FROM blog_unsealed"
                )
                cursor.execute("TRUNCATE blog_unsealed")
                cursor.execute("INSERT INTO blog_unsealed (post_id) SELECT post_id FROM waiting")
        except OperationalError:
            return False
    return True
