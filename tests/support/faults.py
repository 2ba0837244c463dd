"""Faults of what we stand on, each for as long as a block lasts: ``faults(database)`` gives them by name.

    with faults(world.database).lost_session(step=3):
        world.worker.step()

* ``lost_session``: PostgreSQL ends every session, before the n-th statement or COMMIT of this thread.
* ``full_disk``: the database may not grow: SQLite by ``max_page_count``, PostgreSQL by a trigger that raises what its
  server raises.
* ``frozen``: SQLite's write lock is held by a program that knows no turns; PostgreSQL's processes are stopped.
* ``clock_back``: the clock is set back.

The process that is killed is ``support.crash``.
"""

import contextlib
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database

GROWING = ("event", "resource", "job", "prescription", "idempotency", "inbox")
REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END $$
"""
_SESSIONS = "SELECT pid FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"


class Faults:
    """The faults of one database.

    Attributes:
        reached: whether the step came at which a session was to be lost.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reached = False

    @contextmanager
    def lost_session(self, step: int = 1) -> Iterator[None]:
        """End every session before a step, counted from 1; nothing on SQLite, which has no sessions."""
        left = step
        engine = self._database.engine
        self.reached = False

        def next_step(*_more: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                self.reached = True
                self.end_sessions()

        event.listen(engine, "before_cursor_execute", next_step)
        event.listen(engine, "commit", next_step)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", next_step)
            event.remove(engine, "commit", next_step)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Let nothing grow."""
        if self._database.is_sqlite:
            with self._growing_inserts(), self._no_more_pages():
                yield
            return
        with self.refused("53100"):
            yield

    @contextmanager
    def _growing_inserts(self) -> Iterator[None]:
        """Let each insert take more than the pages that happen to be free: a small one may fit into these."""
        with closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as connection:
            connection.execute("CREATE TABLE filler (data BLOB)")
            for name in GROWING:
                connection.execute(
                    f"CREATE TRIGGER grow_{name} BEFORE INSERT ON {name}"
                    " BEGIN INSERT INTO filler VALUES (zeroblob(4000000)); END"
                )
        try:
            yield
        finally:
            with closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as connection:
                for name in GROWING:
                    connection.execute(f"DROP TRIGGER grow_{name}")
                connection.execute("DROP TABLE filler")

    @contextmanager
    def refused(self, code: str) -> Iterator[None]:
        """Let PostgreSQL refuse to insert, with a SQLSTATE."""
        with self._outside() as connection:
            connection.execute(text(REFUSE.format(code=code)))
            for name in GROWING:
                connection.execute(
                    text(f"CREATE TRIGGER refuse BEFORE INSERT ON {name} FOR EACH ROW EXECUTE FUNCTION refuse()")
                )
        try:
            yield
        finally:
            with self._outside() as connection:
                connection.execute(text("DROP FUNCTION refuse() CASCADE"))

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let no write, and on PostgreSQL no statement, come to an end."""
        if self._database.is_sqlite:
            with closing(sqlite3.connect(self._path, isolation_level=None)) as holder:
                holder.execute("BEGIN IMMEDIATE")
                yield
            return
        stopped = self._sessions()
        for process in stopped:
            os.kill(process, signal.SIGSTOP)

        def stop_too(connection, _record: object) -> None:
            stopped.append(connection.info.backend_pid)
            os.kill(connection.info.backend_pid, signal.SIGSTOP)

        event.listen(self._database.engine, "connect", stop_too)
        try:
            yield
        finally:
            event.remove(self._database.engine, "connect", stop_too)
            for process in stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def end_sessions(self) -> None:
        """End every session of the database, as a restart, a failover or an administrator does."""
        if not self._database.is_sqlite:
            with self._outside("postgres") as connection:
                for process in self._sessions():
                    connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": process})

    @property
    def _path(self) -> str:
        return str(self._database.engine.url.database)

    def _sessions(self) -> list[int]:
        with self._outside("postgres") as connection:
            return list(connection.scalars(text(_SESSIONS), {"name": self._path}))

    @contextmanager
    def _outside(self, name: str | None = None) -> Iterator:
        """A connection of another program."""
        url = self._database.engine.url
        engine = create_engine(url.set(database=name or url.database), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            yield connection

    @contextmanager
    def _no_more_pages(self) -> Iterator[None]:
        """``max_page_count`` is of a connection: each gets it when it is taken from the pool."""
        engine = self._database.engine

        def stop_growth(connection, *_more: object) -> None:
            connection.execute("PRAGMA max_page_count=1").close()  # SQLite takes the size that it has

        event.listen(engine, "checkout", stop_growth)
        try:
            yield
        finally:
            event.remove(engine, "checkout", stop_growth)
            engine.dispose()


@contextmanager
def clock_back(clock: ManualClock, step: timedelta) -> Iterator[None]:
    """Set a clock back for the block, as a machine's clock may be; afterwards it is right again."""
    with clock._lock:
        clock._now -= step
    try:
        yield
    finally:
        clock.advance(step)


@pytest.fixture
def faults():
    """Gives the faults of a database."""
    return Faults
