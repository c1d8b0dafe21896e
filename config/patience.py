"""How long a process that answers requests waits for its database."""

from __future__ import annotations

from typing import Any

WAIT = 0.9
"""Seconds that a request waits for a connection, which some do twice."""
CONNECT = 2
"""Seconds for a new connection; PostgreSQL's library allows no less."""


def be_impatient(database: dict[str, Any]) -> None:
    """Changes the settings of a database: nobody waits long for a connection, none is asked whether it lives, and no
    request has the embedded server started."""
    database["PATIENT"] = False
    options = database.setdefault("OPTIONS", {})
    options["connect_timeout"] = CONNECT
    if "pool" in options:
        options["pool"]["timeout"] = WAIT
