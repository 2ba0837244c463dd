"""Whether the database is fit for work: it answers, is migrated, takes a write, and has room for more.

The write changes nothing: it sets the version to what it is. Such a write may need no new page, and so succeeds where
the next prescription fails: on SQLite the room on the disk and below ``max_page_count`` is looked at too, and a write
that failed for lack of space counts for a while. PostgreSQL's disk is out of sight; there that memory is all.
"""

import os
import threading
import time
from pathlib import Path

from sqlalchemy import column, table, update
from sqlalchemy.exc import SQLAlchemyError

from footbridge.store.engine import Database
from footbridge.store.error_codes import state_of
from footbridge.store.migrate import HEAD, current

PROBE_SECONDS = 2.0  # that what was found is used again
SPACE_SECONDS = 30.0  # that a write which failed for lack of space counts
MOST_WAIT = 3.0  # seconds that one caller waits for the probe of another
ROOM = 2 * 1024 * 1024  # bytes; a prescription takes some 200 kB, -wal included
OK = "ok"

_VERSION = table("alembic_version", column("version_num"))


class DatabaseProbe:
    """Finds out, at most once in ``PROBE_SECONDS``, however many ask; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._state, self._until = OK, 0.0

    def state(self) -> str:
        """``ok``, or what is wrong: ``unreachable``, ``not-migrated``, ``read-only``, ``full`` or ``busy``."""
        if not self._lock.acquire(timeout=MOST_WAIT):
            return "busy"
        try:
            if time.monotonic() >= self._until:
                self._state = self._find()
                self._until = time.monotonic() + PROBE_SECONDS
            return self._state
        finally:
            self._lock.release()

    def _find(self) -> str:
        database = self._database
        try:
            if current(database) != HEAD:
                return "not-migrated"
            if database.lacked_space(SPACE_SECONDS) or not _has_room(database):
                return "full"
            with database.write_in_passing() as connection:
                connection.execute(update(_VERSION).values(version_num=HEAD).where(_VERSION.c.version_num == HEAD))
        except SQLAlchemyError as error:
            return state_of(error)
        return OK


def _has_room(database: Database) -> bool:
    if not database.is_sqlite:
        return True
    with database.read() as connection:
        pages, most, free, size = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "max_page_count", "freelist_count", "page_size")
        )
    if (most - pages + free) * size < ROOM:
        return False
    path = database.engine.url.database
    if not path or path == ":memory:" or not hasattr(os, "statvfs"):
        return True
    disk = os.statvfs(Path(path).parent)
    return disk.f_bavail * disk.f_frsize >= ROOM
