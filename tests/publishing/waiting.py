"""Two transactions, of which the second waits for a row that the first has written."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

LONGEST = 20  # seconds that the second may take once the first is through


def one_after_the_other(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Begins `second` on a connection of its own when `first` is done, and commits `first` when `second` waits for it;
    returns what `second` does."""

    def apart() -> Any:
        try:
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            waiting = pool.submit(apart)
            _until_somebody_waits()
        return waiting.result(LONGEST)


def _until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        for _ in range(100_000):
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
                " AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone()[0]:
                return
    pytest.fail("nobody waits for the row")
