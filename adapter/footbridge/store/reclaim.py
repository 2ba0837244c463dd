"""Takes the bytes of what was erased out of the files of the database, as far as the database lets us.

SQLite: ``secure_delete`` overwrites what is deleted, in the file; the write-ahead log is written into the file and cut
to nothing (https://sqlite.org/pragma.html#pragma_wal_checkpoint), and VACUUM writes the file anew, without what pages
that were split still held of rows that moved (https://sqlite.org/lang_vacuum.html).

PostgreSQL: VACUUM makes the room of dead rows free to be used again; it does not overwrite it, and does nothing while
another transaction can still see the rows (https://www.postgresql.org/docs/current/sql-vacuum.html). Its log, replicas
and backups are the operator's.
"""

import sqlite3
import time
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from footbridge.i18n import _, joined
from footbridge.store.engine import Database
from footbridge.store.tables import metadata

TABLES: Final = (
    "audit_event", "client", "client_name", "event", "former_link", "hold", "idempotency", "inbox", "job", "letter",
    "link", "network_context", "ocean_document", "ocean_message", "person", "prescription", "prescription_draft",
    "referral", "resource", "search_index",
)  # fmt: skip
_TRIES: Final = 10
_WAIT: Final = 0.2  # seconds between two looks whether readers are done


@dataclass(frozen=True, slots=True)
class Reclaimed:
    """What became of the bytes.

    Attributes:
        complete: whether nothing of it is in the files that we can reach.
        note: what is left to the operator, in a sentence.
    """

    complete: bool
    note: str


def reclaim(database: Database, *, rewrite: bool = True) -> Reclaimed:
    """Take out the bytes; ``rewrite`` the whole SQLite file, for which other writers wait.

    Never raises for a database that will not do it now: the note says so.
    """
    return _sqlite(database, rewrite=rewrite) if database.is_sqlite else _postgresql(database)


def _sqlite(database: Database, *, rewrite: bool) -> Reclaimed:
    raw = database.engine.raw_connection()
    driver: Any = raw.driver_connection
    try:
        rewritten = rewrite and _vacuumed(driver)
        is_cut = _is_cut(driver)
    finally:
        raw.close()
    left = []
    if not is_cut:
        left.append(_("The write-ahead log is in use by a reader: it is cut when that is done."))
    if not rewritten:
        left.append(_("The file was not rewritten: run `VACUUM` with sqlite3 when nobody writes."))
    return Reclaimed(not left, joined([*left, _("Backups keep what they hold until you delete them.")]))


def _vacuumed(driver: Any) -> bool:  # noqa: ANN401 - a DBAPI connection
    try:
        driver.execute("PRAGMA temp_store=FILE")  # a copy of the whole database
        driver.execute("VACUUM")
    except sqlite3.OperationalError:
        return False
    finally:
        driver.execute("PRAGMA temp_store=MEMORY")
    return True


def _is_cut(driver: Any) -> bool:  # noqa: ANN401 - as above
    """Whether the log was written into the file and cut; a reader may hold it for a moment."""
    for _try in range(_TRIES):
        (busy, _log, _checkpointed) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return True
        time.sleep(_WAIT)
    return False


def _postgresql(database: Database) -> Reclaimed:
    note = _(
        "PostgreSQL frees the rows without overwriting them: `VACUUM FULL` rewrites a table. Its "
        "log, replicas and backups keep what they hold until they are replaced."
    )
    known = [name for name in TABLES if name in metadata.tables]
    try:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text(f"VACUUM {', '.join(known)}"))
            connection.invalidate()  # with the settings of this session
    except SQLAlchemyError:
        return Reclaimed(
            complete=False, note=_("VACUUM was refused: run it as the owner of the tables. {note}", note=note)
        )
    return Reclaimed(complete=False, note=note)
