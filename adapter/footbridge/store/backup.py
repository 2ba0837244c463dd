"""Copies the database to a file while others use it, and brings such a file back.

A backup of SQLite is a SQLite file, one of PostgreSQL an archive of ``pg_dump`` (``postgresql_backup``). Both hold one
moment of the data, whatever is written meanwhile. A file gets its name only when it is complete and was checked, so
that half a backup is never mistaken for one; its mode is 0600.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.private_files import make_file, make_folder
from footbridge.store import tables
from footbridge.store.migrate import HEAD, pending

PAGES = 2_000  # that are copied between two reports of progress
MAGIC = b"SQLite format 3\x00"  # https://sqlite.org/fileformat.html#the_database_header
_COUNTED = {
    "tenants": tables.tenant,
    "prescriptions": tables.prescription,
    "referrals": tables.referral,
    "events": tables.event,
    "resources": tables.resource,
    "jobs": tables.job,
}

Progress = Callable[[int, int], None]
"""Called with how many parts of how many are copied; the parts are pages of the file."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database or a backup holds.

    Attributes:
        version: of its tables.
        rows: how many rows some tables have, by a word for what is in them.
    """

    version: str
    rows: Mapping[str, int]


def contents(connection: Connection, version: str) -> Contents:
    """Count what a database holds; a table that its version does not have is left out."""
    there = set(inspect(connection).get_table_names())
    known = {word: table for word, table in _COUNTED.items() if table.name in there}
    return Contents(
        version,
        {word: connection.scalar(select(func.count()).select_from(table)) or 0 for word, table in known.items()},
    )


@contextmanager
def complete_file(target: Path, *, force: bool = False) -> Iterator[Path]:
    """A new file to write to, which becomes ``target`` when the block ends well, and is removed when not.

    Raises ConfigurationError where ``target`` is there already, unless ``force``, or cannot be a file. Raises OSError.
    """
    if target.is_dir() or not target.absolute().parent.is_dir():
        raise ConfigurationError(
            _("{target} cannot be a file: its folder is missing, or it is a folder itself.", target=target)
        )
    if target.exists() and not force:
        raise ConfigurationError(_("{target} is there already; --force replaces it.", target=target))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    _remove(part)
    make_file(part)
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        if target.exists() and not force:
            raise ConfigurationError(_("{target} is there already; --force replaces it.", target=target))
        part.replace(target)
    finally:
        _remove(part)


def copy_sqlite(source: Path, target: Path, progress: Progress | None = None) -> Contents:
    """Copy a SQLite database that others may write to meanwhile, into an empty file, and check the copy.

    The read transaction is held open over all steps: without it a write of another process would begin the copy from
    the start (https://sqlite.org/backup.html). Writers do not wait for it. Raises ConfigurationError where the copy is
    not whole, sqlite3.Error.
    """
    with closing(_read_only(source)) as reading, closing(sqlite3.connect(target)) as copy:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        report = progress or _silently
        reading.backup(copy, pages=PAGES, progress=lambda _status, left, total: report(total - left, total))
        reading.rollback()
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    return check_sqlite(target)


def check_sqlite(file: Path) -> Contents:
    """What a backup in a SQLite file holds.

    Raises ConfigurationError for a file that is not one, is not whole, or has a version that is not known here.
    """
    with file.open("rb") as opened:
        if opened.read(len(MAGIC)) != MAGIC:
            raise ConfigurationError(_("{file} is not a backup of a SQLite database.", file=file))
    try:
        with closing(_read_only(file, immutable=True)) as reading:
            size = (
                reading.execute("PRAGMA page_size").fetchone()[0] * reading.execute("PRAGMA page_count").fetchone()[0]
            )
            if file.stat().st_size != size:  # SQLite takes what is cut off the last page for zeros
                raise ConfigurationError(_("{file} is not whole: it has another size than its header says.", file=file))
            found = [row[0] for row in reading.execute("PRAGMA integrity_check(3)")]
            if found != ["ok"] or reading.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise ConfigurationError(_("{file} is not whole: SQLite's integrity check fails.", file=file))
            version = _version(reading)
            rows = {word: _count(reading, table.name) for word, table in _COUNTED.items()}
    except sqlite3.Error as error:
        raise ConfigurationError(
            _("{file} is not a backup of Footbridge: {error}.", file=file, error=str(error))
        ) from error
    require_known(version, file)
    return Contents(str(version), {word: count for word, count in rows.items() if count is not None})


def require_known(version: str | None, file: Path) -> None:
    """Raise ConfigurationError unless a backup has a version that this Footbridge can bring to its own."""
    if version is None:
        raise ConfigurationError(_("{file} is not a backup of Footbridge: it has no version.", file=file))
    try:
        pending(version)
    except ConfigurationError as error:
        raise ConfigurationError(
            _(
                "{file} is at version {version}; this Footbridge supports versions up to {head}: install a newer one.",
                file=file,
                version=version,
                head=HEAD,
            )
        ) from error


def is_in_use(path: Path) -> bool:
    """Whether another process, or another part of this one, has the SQLite database open."""
    try:
        with _exclusively(path):
            return False
    except sqlite3.OperationalError:
        return True


def restore_sqlite(source: Path, path: Path, now: datetime) -> tuple[Contents, Path | None]:
    """Put a backup in the place of the database; returns what it holds, and where the former database is now.

    Raises ConfigurationError where the database is in use, or the backup is refused as by ``check_sqlite``; then
    nothing has changed.
    """
    path = path.resolve()  # what a link leads to
    make_folder(path.parent)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    _remove(part)
    try:
        check_sqlite(source)
        make_file(part)
        found = copy_sqlite(source, part)
        if not path.exists():
            part.replace(path)
            return found, None
        aside = path.with_name(f"{path.name}.before-restore-{stamp(now)}")
        try:
            with _exclusively(path):
                os.link(path, aside)  # whoever opens the database finds either the former or the new one
                part.replace(path)
        except sqlite3.OperationalError as error:
            raise in_use(str(path)) from error
        return found, aside
    finally:
        _remove(part)


def in_use(what: str) -> ConfigurationError:
    """The error that says that others use the database."""
    return ConfigurationError(
        _(
            "{what} is in use: stop every `footbridge serve`, `footbridge worker` and other program that has it open.",
            what=what,
        )
    )


def stamp(now: datetime) -> str:
    """A moment for the name of a file."""
    return now.strftime("%Y%m%dT%H%M%SZ")


@contextmanager
def _exclusively(path: Path) -> Iterator[None]:
    """Hold a SQLite database that nobody else has open, with nothing beside it; raises sqlite3.OperationalError.

    Leaving WAL needs every other connection closed (https://sqlite.org/wal.html#the_wal_file), idle ones too.
    """
    with closing(sqlite3.connect(path, timeout=0.5, isolation_level=None)) as only:
        if only.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete":
            raise sqlite3.OperationalError("database is locked")
        only.execute("BEGIN EXCLUSIVE")
        yield
        only.rollback()


def _read_only(path: Path, *, immutable: bool = False) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if immutable else ''}"
    return sqlite3.connect(uri, uri=True, isolation_level=None)


def _version(reading: sqlite3.Connection) -> str | None:
    row = reading.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def _count(reading: sqlite3.Connection, table: str) -> int | None:
    if reading.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone() is None:
        return None
    return int(reading.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])  # noqa: S608 - a name of ours


def _remove(part: Path) -> None:
    for end in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            part.with_name(f"{part.name}{end}").unlink()


def _silently(_copied: int, _total: int) -> None:
    """Nobody asked to be told."""
