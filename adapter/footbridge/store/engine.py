"""Opens the database: SQLite in one file, or PostgreSQL. The same code runs on both.

``Database.write()`` is one transaction that commits at the end of its block; on SQLite it takes the write lock
at once (``BEGIN IMMEDIATE``), so that two writers wait for each other instead of failing half-way.

No wait is without an end: ``patience`` says how long the turn to write, a lock, a connection and an answer may be
waited for, and what is not there in time is an SQLAlchemyError.

``forget_commits()`` and ``may_have_committed()`` say, for the thread or task that asks, whether a commit was begun in
between: after an error that is the difference between "nothing was stored" and "perhaps".
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.private_files import make_file, make_folder
from footbridge.store import patience
from footbridge.store.error_codes import is_for_lack_of_space
from footbridge.store.writer_lock import WriterLock

SQLITE_BUSY_MILLISECONDS = 8_000  # that SQLite waits for other programs at most; for a turn it is ``patience``
_BUSY_STEP = 250  # milliseconds; a smaller difference is not worth another PRAGMA
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
        self._refused_for_space: float | None = None

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
    def write_much(self) -> Iterator[Connection]:
        """As ``write``, for what sorts or changes whole tables: what SQLite puts aside meanwhile goes to files."""
        with self._writing("FULL", aside="FILE") as connection:
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
    def _writing(self, synchronous: str, aside: str = "MEMORY") -> Iterator[Connection]:
        try:
            with self._turn, self.engine.connect() as connection:
                connection.info["write"] = synchronous
                connection.info["aside"] = aside
                try:
                    with connection.begin():
                        if not self.is_sqlite and not patience.is_limited():
                            from footbridge.store.postgresql import WITHOUT_LIMIT  # noqa: PLC0415 - the driver is loaded

                            connection.exec_driver_sql(WITHOUT_LIMIT)
                        yield connection
                finally:
                    connection.info.pop("write", None)
                    connection.info.pop("aside", None)
        except SQLAlchemyError as error:
            if is_for_lack_of_space(error):
                self._refused_for_space = time.monotonic()
            raise

    def lacked_space(self, seconds: float) -> bool:
        """Whether a write failed within the last seconds because the disk, or the database, was full."""
        return self._refused_for_space is not None and time.monotonic() - self._refused_for_space < seconds

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
            _(
                "FOOTBRIDGE_DATABASE_URL is not a database URL: write sqlite:///PATH or "
                "postgresql+psycopg://USER@HOST/NAME."
            )
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            return Database(_sqlite_engine(parsed))
        case "postgresql":
            from footbridge.store.postgresql import postgresql_engine  # noqa: PLC0415 - nobody else needs its megabytes

            return Database(postgresql_engine(parsed))
        case other:
            raise ConfigurationError(
                _("FOOTBRIDGE_DATABASE_URL names {other!r}: use sqlite or postgresql.", other=other)
            )


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None for one in memory, another database, or what is no URL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


def files_of(path: Path) -> list[Path]:
    """All that belongs to the SQLite database in a file, there or not: itself, what stands beside it, its folder."""
    return [path.absolute().parent, path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", "-turn"))]


def _make_file(path: Path) -> None:
    """Make the file, empty, for its owner only: SQLite gives -wal and -shm the mode that it has."""
    path = path.resolve()  # what a link leads to
    try:
        make_folder(path.parent)
    except OSError as error:
        raise ConfigurationError(
            _(
                "The folder of the database cannot be created: {filename}: {strerror}. Set "
                "FOOTBRIDGE_DATABASE_URL to a path that you may write to.",
                filename=error.filename or path.parent,
                strerror=error.strerror,
            )
        ) from error
    with suppress(OSError):  # SQLite says it better, when it opens the file
        make_file(path)


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:" and not url.database.startswith("file:"):
        _make_file(Path(url.database))
    arguments = {
        "timeout": SQLITE_BUSY_MILLISECONDS / 1000,
        "check_same_thread": False,
        "cached_statements": CACHED_STATEMENTS,
    }
    engine = create_engine(url, connect_args=arguments, hide_parameters=True, **_pool(url))
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
        "temp_store=MEMORY",  # what a statement puts aside is patients' data too, and a file costs time
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _pool(url: URL) -> dict[str, Any]:
    return {"pool_timeout": patience.POOL_SECONDS} if url.database and url.database != ":memory:" else {}


def _begin_sqlite(connection: Connection) -> None:
    level = connection.info.get("write")
    if level is None:
        _run_sqlite(connection, "BEGIN")
        return
    if connection.info.get("synchronous", "FULL") != level:  # SQLite changes it between transactions only
        _run_sqlite(connection, f"PRAGMA synchronous={level}")
        connection.info["synchronous"] = level
    aside = connection.info.get("aside", "MEMORY")
    if connection.info.get("temp_store", "MEMORY") != aside:  # likewise
        _run_sqlite(connection, f"PRAGMA temp_store={aside}")
        connection.info["temp_store"] = aside
    with patience.waiting():
        _set_busy_timeout(connection)
        _run_sqlite(connection, "BEGIN IMMEDIATE")


def _set_busy_timeout(connection: Connection) -> None:
    """Let SQLite wait for the locks of other programs, who know no turns, for what is left of the budget."""
    most = SQLITE_BUSY_MILLISECONDS if patience.is_limited() else 2**31 - 1
    wanted = min(int(patience.seconds_left() * 1000), most)
    if abs(wanted - connection.info.get("busy", SQLITE_BUSY_MILLISECONDS)) > _BUSY_STEP:
        _run_sqlite(connection, f"PRAGMA busy_timeout={wanted}")
        connection.info["busy"] = wanted


def _run_sqlite(connection: Connection, statement: str) -> None:
    """Run what has no values and no result, by the driver: SQLAlchemy's own work would cost more than SQLite's."""
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(statement)
    except sqlite3.OperationalError as error:  # as SQLAlchemy raises it, which callers expect
        raise OperationalError(statement, None, error) from error
