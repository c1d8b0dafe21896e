"""Whether the addresses that published posts link to still answer: asked in the background, politely, and remembered.

Only links of posts that readers see are asked for: a question to a partner's server would tell of a post to come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction

from blog.models import LinkCheck
from blog.models.link_check import LONGEST

from .asking import Answer, Guard, ask

WELL = timedelta(days=7)  # until an address that answers is asked again
ILL = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1))  # after the first failures; then the last
AT_ONCE = 8  # hosts that are asked side by side
# Answers that say more about who asks than about the page: programs are kept out, or told to come later.
UNTOLD = frozenset({401, 402, 403, 405, 406, 407, 418, 425, 426, 428, 429, 430, 451, 503, 520, 530, 999})

COLLECT = """
    INSERT INTO blog_linkcheck (url, note, failures, due_at)
    SELECT DISTINCT link, '', 0, %(at)s::timestamptz
    FROM blog_post, jsonb_array_elements_text(coalesce(facts -> 'links', '[]')) AS link
    WHERE status = 'published' AND published_at <= %(at)s AND (expires_at IS NULL OR expires_at > %(at)s)
    AND (%(post)s::bigint IS NULL OR blog_post.id = %(post)s)
    AND (link LIKE 'http://%%' OR link LIKE 'https://%%') AND octet_length(link) <= %(longest)s
    AND NOT starts_with(link, %(site)s)
    ON CONFLICT (url) DO NOTHING
"""
FORGET = """
    DELETE FROM blog_linkcheck WHERE NOT EXISTS (SELECT FROM (
        SELECT DISTINCT link FROM blog_post, jsonb_array_elements_text(coalesce(facts -> 'links', '[]')) AS link
        WHERE status = 'published'
    ) AS linked WHERE link = url)
"""


def agent() -> str:
    """Who asks, with the address where a stranger's administrator finds out more."""
    return f"Stratum link check (+{settings.SITE_URL}/)"


def collect(*, at: datetime, post_id: int | None = None) -> int:
    """Notes the addresses that posts link to and readers see at `at`, all or those of one post; gives how many were
    new."""
    asked = {"at": at, "post": post_id, "longest": LONGEST, "site": f"{settings.SITE_URL}/"}
    with connection.cursor() as cursor:
        cursor.execute(COLLECT, asked)
        return cursor.rowcount


def forget() -> int:
    """Drops the addresses that no published post links to any more; gives how many."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)
        return cursor.rowcount


def due(*, at: datetime, hosts: int = AT_ONCE) -> list[LinkCheck]:
    """Addresses that are to be asked for now, one of each host, the longest due first."""
    chosen: dict[str, LinkCheck] = {}
    waiting = LinkCheck.objects.filter(due_at__lte=at).order_by("due_at", "pk")
    for row in waiting[: hosts * 50]:
        chosen.setdefault(host_of(row.url), row)
        if len(chosen) == hosts:
            break
    return list(chosen.values())


def next_due(*, at: datetime) -> datetime:
    """When to look again: as soon as something is due, but after a minute at the earliest and a day at the latest."""
    first = LinkCheck.objects.order_by("due_at", "pk").values_list("due_at", flat=True).first() or at
    return min(max(first, at + timedelta(minutes=1)), at + timedelta(days=1))


def host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def check_round(*, at: datetime, guard: Guard | None = None, timeout: float = 10.0) -> list[LinkCheck]:
    """Asks for one due address of each of a few hosts, side by side, and notes what came; gives those rows.

    Whoever calls again waits a second before, so that no host is asked more often.
    """
    rows = due(at=at)
    if not rows:
        return []
    with ThreadPoolExecutor(max_workers=len(rows)) as pool:
        answers = list(pool.map(lambda row: ask(row.url, agent=agent(), guard=guard, timeout=timeout), rows))
    with transaction.atomic():
        for row, answer in zip(rows, answers, strict=True):
            take(row, answer, at=at)
            row.save()
    return rows


def take(row: LinkCheck, answer: Answer, *, at: datetime) -> None:
    """Writes an answer into the row, which is not saved yet, and says when to ask again."""
    row.status, row.checked_at = answer.status, at
    row.note = f"{answer.note[:1].upper()}{answer.note[1:]}"[:300]
    if is_well(answer):
        row.failures, row.failing_since, row.due_at = 0, None, at + WELL
        return
    row.failures += 1
    row.failing_since = row.failing_since or at
    row.due_at = at + ILL[min(row.failures, len(ILL)) - 1]


def is_well(answer: Answer) -> bool:
    """Whether the page is there, or may be there for people."""
    return answer.status is not None and (answer.status < 400 or answer.status in UNTOLD)


def check_all(
    *, now: Callable[[], datetime], pause: Callable[[float], None], guard: Guard | None = None
) -> Iterator[LinkCheck]:
    """Collects, asks until nothing is due, and yields each row that was asked for. `now` and `pause` are the clock's: a
    run takes a second for each address of the host that is linked to most."""
    collect(at=now())
    forget()
    while rows := check_round(at=now(), guard=guard):
        yield from rows
        pause(1.0)
