"""How long a process that answers requests waits for its database."""

from __future__ import annotations

from typing import Any

WAIT = 0.9
"""Seconds that a request waits for a connection, which some do twice."""
CONNECT = 2
"""Seconds for a new connection; PostgreSQL's library allows no less."""
LOCK = 1_200
"""Milliseconds that a request waits for what somebody else has locked. It may compute for longer than that."""


def be_impatient(database: dict[str, Any], *, pooler: bool = False) -> None:
    """Changes the settings of a database: nobody waits long for a connection or a lock, none is asked whether it lives,
    and no request has the embedded server started. Behind a `pooler` sessions are shared with those who may wait."""
    database["PATIENT"] = False
    options = database.setdefault("OPTIONS", {})
    options["connect_timeout"] = CONNECT
    if pooler:
        database["LOCK_TIMEOUT"] = LOCK
    else:
        options["options"] = f"{options.get('options', '')} -c lock_timeout={LOCK}".strip()
    if "pool" in options:
        options["pool"]["timeout"] = WAIT
