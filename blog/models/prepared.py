"""Statements that PostgreSQL plans once for each connection, asked by libpq's own calls.

psycopg's cursors spend three times as long on the way there and back as PostgreSQL's library does. Its documented
door to that library is `Connection.pgconn` (https://www.psycopg.org/psycopg3/docs/api/pq.html).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import count
from typing import Any

from psycopg import Connection, OperationalError, capabilities, errors
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.types.numeric import Int8

MOST = 100
"""Statements that a connection keeps; what was not asked for longest goes first."""
KEPT = "statements_of_ours"
GONE = (errors.FeatureNotSupported, errors.InvalidSqlStatementName)
"""What PostgreSQL says of a statement whose columns have another type or length since, and of one it does not know."""
CLOSES = capabilities.has_send_close_prepared()
"""Whether libpq can (17 and later)."""
numbers = count(1)
# Looked up once: each name of an Enum costs a call, and so does asking a set of them.
INSIDE, IDLE, OPEN = int(TransactionStatus.INTRANS), int(TransactionStatus.IDLE), int(ConnStatus.OK)
ROWS, DONE = int(ExecStatus.TUPLES_OK), int(ExecStatus.COMMAND_OK)


def may_ask(server: Connection[Any]) -> bool:
    """Whether a statement can be sent as it is: a transaction that is still to begin is psycopg's to begin."""
    pgconn = server.pgconn
    return not pgconn.pipeline_status and (server.autocommit or pgconn.transaction_status == INSIDE)


def ask(server: Connection[Any], text: str, values: Sequence[Any]) -> PGresult:
    """PostgreSQL's answer to a text whose values are numbered ($1).

    Raises:
        psycopg.Error: as a cursor of psycopg's does.
    """
    adapting = Transformer(server)
    given: Any = adapting.dump_sequence([_typed(value) for value in values], [PyFormat.TEXT] * len(values))
    types = adapting.types or ()
    try:
        return _good(server, server.pgconn.exec_prepared(_name(server, text, types), given))
    except GONE:
        if server.pgconn.transaction_status != IDLE:
            raise
        vars(server).pop(KEPT)
        _good(server, server.pgconn.exec_(b"DEALLOCATE ALL"))
        return _good(server, server.pgconn.exec_prepared(_name(server, text, types), given))


def _name(server: Connection[Any], text: str, types: tuple[int, ...]) -> bytes:
    """The name that the connection knows the statement by."""
    kept: OrderedDict[Any, bytes] = vars(server).setdefault(KEPT, OrderedDict())
    name = kept.get((text, types))
    if name is not None:
        kept.move_to_end((text, types))
        return name
    name = b"stratum_%d" % next(numbers)
    _good(server, server.pgconn.prepare(name, text.encode(), types))
    kept[text, types] = name
    if len(kept) > MOST:
        _, oldest = kept.popitem(last=False)
        # By a message where there is one: a pooler knows the statement by another name than its server does.
        closed = (
            server.pgconn.close_prepared(oldest) if CLOSES else server.pgconn.exec_(b"DEALLOCATE " + oldest)
        )
        _good(server, closed)
    return name


def _good(server: Connection[Any], result: PGresult) -> PGresult:
    if result.status == ROWS or result.status == DONE:  # noqa: PLR1714 - the quickest way to ask
        return result
    if server.pgconn.status != OPEN:
        raise OperationalError(server.pgconn.get_error_message())
    raise errors.error_from_result(result, server.info.encoding)


def _typed(value: Any) -> Any:
    """Of one type for PostgreSQL whatever its size: for psycopg 1 and 100,000 are of two, and so two statements."""
    if type(value) is int:
        return Int8(value)
    if type(value) is list and value and type(value[0]) is int:
        return [Int8(one) for one in value]
    return value
