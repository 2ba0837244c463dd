"""Opens the database: SQLite in one file, or PostgreSQL. The same code runs on both.

``Database.write()`` is one transaction that commits at the end of its block; on SQLite it takes the write lock
at once (``BEGIN IMMEDIATE``), so that two writers wait for each other instead of failing half-way.

``forget_commits()`` and ``may_have_committed()`` say, for the thread or task that asks, whether a commit was begun in
between: after an error that is the difference between "nothing was stored" and "perhaps".
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from footbridge.errors import ConfigurationError
from footbridge.store.writer_lock import WriterLock

SQLITE_BUSY_MILLISECONDS = 30_000
CHECKPOINT_PAGES = 8_000  # of 4 KiB: pages that many transactions write go to the file once, 32 MB at a time
CACHED_STATEMENTS = 512  # parsed SQL that a SQLite connection keeps; we have some 200, the longest in many lengths

_commit_begun: ContextVar[bool] = ContextVar("footbridge_commit_begun", default=False)


def forget_commits() -> None:
    """Begin to watch the commits of this thread or task."""
    _commit_begun.set(False)


def may_have_committed() -> bool:
    """Whether a commit of this thread or task was begun since ``forget_commits``; it may have failed."""
    return _commit_begun.get()


class Database:
    """A database that is ready for use; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._turn = WriterLock(engine.url.database) if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write; commits at the end, rolls back on any exception."""
        with self._writing("FULL") as connection:
            yield connection
            _commit_begun.set(True)

    @contextmanager
    def write_in_passing(self) -> Iterator[Connection]:
        """As ``write``, for what may be lost in a power cut: everybody sees it at once, the disk is not waited for.

        The tables stay whole (https://sqlite.org/pragma.html#pragma_synchronous,
        https://www.postgresql.org/docs/current/wal-async-commit.html), and ``may_have_committed`` takes no notice.
        """
        with self._writing("NORMAL") as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield connection

    @contextmanager
    def _writing(self, synchronous: str) -> Iterator[Connection]:
        with self._turn, self.engine.connect() as connection:
            connection.info["write"] = synchronous
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.info.pop("write", None)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads and sees one moment of the data."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:  # there a snapshot is the only kind of reading
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open the database of a SQLAlchemy URL; the folder of a SQLite file is made when it is missing.

    Raises ConfigurationError for a URL that is neither SQLite nor PostgreSQL. Tables are made by
    ``footbridge.store.migrate.upgrade``.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError(
            "FOOTBRIDGE_DATABASE_URL is not a database URL: write sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME."
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            return Database(_sqlite_engine(parsed))
        case "postgresql":
            return Database(
                create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)
            )
        case other:
            raise ConfigurationError(f"FOOTBRIDGE_DATABASE_URL names {other!r}: use sqlite or postgresql.")


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    arguments = {
        "timeout": SQLITE_BUSY_MILLISECONDS / 1000,
        "check_same_thread": False,
        "cached_statements": CACHED_STATEMENTS,
    }
    engine = create_engine(url, connect_args=arguments, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
    # The driver must not open transactions by itself: _begin_sqlite chooses their kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: a commit that was answered survives a power cut (https://sqlite.org/pragma.html#pragma_synchronous).
    for pragma in (
        f"busy_timeout={SQLITE_BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is erased is overwritten in the file, pages that fall free included
        "cache_size=-16000",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    level = connection.info.get("write")
    if level is None:
        connection.exec_driver_sql("BEGIN")
        return
    if connection.info.get("synchronous", "FULL") != level:  # SQLite changes it between transactions only
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
        connection.info["synchronous"] = level
    connection.exec_driver_sql("BEGIN IMMEDIATE")
