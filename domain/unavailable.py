"""Which errors mean that the database does not answer, and not that a statement was wrong."""

from __future__ import annotations

from socket import gaierror

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# Primary result codes of SQLite: busy, locked, no memory, read-only, interrupted, input or output,
# corrupt, full, cannot open, protocol, no database (sqlite.org, rescode).
SQLITE = {5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26}
# Classes of SQLSTATE: connection, transaction rollback, resources, operator, system, internal
# (PostgreSQL's appendix A), and two states: a replica that only reads, a lock that is not free.
CLASSES = {"08", "40", "53", "57", "58", "XX"}
STATES = {"25006", "55P03"}
# A pool without connections, a server that is not there, and a name without an address. Other
# errors of the system are those of what a unit of work does, such as reading a file.
AWAY = (PoolTimeoutError, ConnectionError, TimeoutError, gaierror)


def is_unavailable(error: Exception) -> bool:
    """Whether the store could not do what it was asked for, whatever that was."""
    if isinstance(error, AWAY):
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in SQLITE
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in STATES or state[:2] in CLASSES
    is_lost = isinstance(error, (OperationalError, InterfaceError))
    return is_lost or error.connection_invalidated
