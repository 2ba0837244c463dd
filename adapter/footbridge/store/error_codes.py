"""What the database calls an error: a code, which says why and holds no data.

SQLite's are the names of https://sqlite.org/rescode.html, PostgreSQL's the SQLSTATE of
https://www.postgresql.org/docs/current/errcodes-appendix.html. The text of an error may quote a row: it is never
logged.
"""

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from footbridge.store.patience import Busy

_NO_SPACE = ("SQLITE_FULL", "53100")
_AWAY = ("08", "25006", "25P03", "53", "57P", "58030")
"""Beginnings of the SQLSTATEs of a server that cannot be written to or talked to at the moment: 25006 is what a standby
says after a failover, 25P03 what a session hears that was idle in a transaction."""

_BUSY = ("BUSY", "SQLITE_BUSY", "SQLITE_LOCKED", "55P03")
_READ_ONLY = ("SQLITE_READONLY", "25006")


def code_of(error: BaseException) -> str | None:
    """The code of an error of the database, such as ``SQLITE_FULL`` or ``57P01``; None where it has none."""
    if isinstance(error, Busy):
        return "BUSY"
    origin = error.orig if isinstance(error, DBAPIError) else error
    for name in ("sqlite_errorname", "sqlstate"):
        found = getattr(origin, name, None)
        if isinstance(found, str):
            return found
    return None


def is_for_lack_of_space(error: SQLAlchemyError) -> bool:
    """Whether the disk is full, or the database may not grow."""
    return (code_of(error) or "").startswith(_NO_SPACE)


def is_away(error: SQLAlchemyError) -> bool:
    """Whether the server of PostgreSQL said that it is going, full, or read-only now."""
    code = code_of(error) or ""
    return not code.startswith("SQLITE") and code.startswith(_AWAY)


def state_of(error: SQLAlchemyError) -> str:
    """What an error says of the database: ``full``, ``read-only``, ``busy`` or ``unreachable``."""
    if is_for_lack_of_space(error):
        return "full"
    code = code_of(error) or ""
    if code.startswith(_READ_ONLY):
        return "read-only"
    return "busy" if code.startswith(_BUSY) else "unreachable"
