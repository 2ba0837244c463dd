"""Backups of PostgreSQL, by its own programs: ``pg_dump``, ``pg_restore`` and ``psql``.

They get the address and the password as the environment variables of libpq
(https://www.postgresql.org/docs/current/libpq-envars.html), never as arguments, which every user of a machine can see.
Where the URL has no password, they look into ``~/.pgpass`` as our own connections do. A backup is an archive in the
custom format, of the very snapshot that its rows are counted in; to restore one is one transaction.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import IO, Any

import psycopg.pq
from sqlalchemy import Connection, text

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.store import tables
from footbridge.store.backup import Contents, contents, in_use, require_known
from footbridge.store.engine import Database
from footbridge.store.migrate import current
from footbridge.store.postgresql import WITHOUT_LIMIT
from footbridge.store.tables.directory_search import BY_DATABASE

MAGIC = b"PGDMP"
"""How an archive in the custom format begins."""

_OTHERS = text(
    "SELECT DISTINCT coalesce(nullif(application_name, ''), 'a program without a name') FROM "
    "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND "
    "coalesce(backend_type, 'client backend') = 'client backend'"
)
_VERSION_COLUMN = re.compile(r"^COPY \S*alembic_version .*;\n(?P<version>\S+)$", re.MULTILINE)


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs; raises ConfigurationError, with the remedy, where it is missing."""
    found = shutil.which(name)
    if found is None:
        raise ConfigurationError(
            _(
                "`{name}` is not installed here, and backups of PostgreSQL are made and restored by it: "
                "install the client programs of PostgreSQL (Debian: postgresql-client), in the server's "
                "version or a newer one.",
                name=name,
            )
        )
    return found


def dump(database: Database, target: Path) -> Contents:
    """Write one moment of the database into an empty file, while others use it; returns what it holds.

    Raises ConfigurationError where ``pg_dump`` is missing or fails.
    """
    command = [program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", "--no-password"]
    version = str(current(database))
    with database.read() as connection:
        connection.exec_driver_sql(WITHOUT_LIMIT)
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        with target.open("wb") as file:
            _run([*command, f"--snapshot={snapshot}"], database, stdout=file)
        found = contents(connection, version)
    check_archive(target)
    return found


def check_archive(file: Path) -> str:
    """The version of the tables in a backup. Raises ConfigurationError for a file that is not one, or not whole."""
    with file.open("rb") as opened:
        if opened.read(len(MAGIC)) != MAGIC:
            raise ConfigurationError(_("{file} is not a backup of a PostgreSQL database.", file=file))
    restore = program("pg_restore")
    said = _output([restore, "--data-only", "--table=alembic_version", "--file=-", str(file)], file)
    _output([restore, "--file=/dev/null", str(file)], file)  # reads all of it
    found = _VERSION_COLUMN.search(said)
    version = found["version"] if found else None
    require_known(version, file)
    return str(version)


def others(connection: Connection) -> list[str]:
    """Names of the programs that are connected to the database besides this connection."""
    return sorted(str(name) for name in connection.scalars(_OTHERS))


def restore_archive(source: Path, database: Database) -> Contents:
    """Replace the tables by those of a backup, all or nothing; returns what the database holds then.

    Raises ConfigurationError where the database is in use, the file is refused as by ``check_archive``, or a program
    of PostgreSQL is missing or fails.
    """
    version = check_archive(source)
    psql = program("psql")
    with database.read() as connection:
        using = others(connection)
    if using:
        raise in_use(_("The database ({using})", using=", ".join(using)))
    database.dispose()
    ours = ", ".join(f'"{name}"' for name in (*tables.metadata.tables, *BY_DATABASE, "alembic_version"))
    reading = subprocess.Popen(  # noqa: S603 - our own words and a path
        [program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(source)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    writing = subprocess.Popen(  # noqa: S603 - our own words and a path
        [psql, "--no-psqlrc", "--quiet", "--no-password", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(database),
    )  # fmt: skip
    assert reading.stdout is not None  # noqa: S101 - it is a pipe
    assert writing.stdin is not None  # noqa: S101 - as above
    try:
        _feed(
            f"SET lock_timeout = '30s';\nDROP TABLE IF EXISTS {ours} CASCADE;\n".encode(), reading.stdout, writing.stdin
        )
        if reading.wait() != 0:
            raise ConfigurationError(_("`pg_restore` could not read {source}; nothing was changed.", source=source))
        _out, said = writing.communicate()  # the end of its input is what makes it commit
    finally:
        for process in (reading, writing):
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None and not stream.closed:
                    _close(stream)
    if writing.returncode != 0:
        raise ConfigurationError(
            _(
                "`psql` could not restore {source}: {first_line} Nothing was changed.",
                source=source,
                first_line=_first_line(said),
            )
        )
    with database.read() as connection:
        return contents(connection, version)


def environment(database: Database) -> dict[str, str]:
    """The variables of libpq that lead a program to the database."""
    _args, given = database.engine.dialect.create_connect_args(database.engine.url)
    variables = {
        one.keyword.decode(): one.envvar.decode()
        for one in psycopg.pq.Conninfo.get_defaults()
        if one.envvar is not None
    }
    known = {name: value for name, value in os.environ.items() if not name.startswith("FOOTBRIDGE_")}
    return known | {variables[name]: str(value) for name, value in given.items() if name in variables}


def _feed(first: bytes, source: IO[bytes], target: IO[bytes]) -> None:
    """Pass everything on; a reader that has ended says why itself."""
    try:
        target.write(first)
        shutil.copyfileobj(source, target)
        target.flush()
    except BrokenPipeError:
        shutil.copyfileobj(source, _Nowhere())


class _Nowhere:
    """Takes what nobody reads."""

    def write(self, data: bytes) -> int:
        """Drop it."""
        return len(data)


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        return


def _run(command: list[str], database: Database, **streams: Any) -> None:  # noqa: ANN401 - those of subprocess
    ran = subprocess.run(command, env=environment(database), stderr=subprocess.PIPE, check=False, **streams)  # noqa: S603 - our own words and a path
    if ran.returncode != 0:
        raise ConfigurationError(
            _("`{name}` failed: {first_line}", name=Path(command[0]).name, first_line=_first_line(ran.stderr))
        )


def _output(command: list[str], file: Path) -> str:
    ran = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own words and a path
    if ran.returncode != 0:
        raise ConfigurationError(_("{file} is not whole: `pg_restore` cannot read it.", file=file))
    return ran.stdout.decode(errors="replace")


def _first_line(said: bytes) -> str:
    """The first line of an error; the second one may quote data."""
    lines = said.decode(errors="replace").strip().splitlines() or [_("no reason was given")]
    return f"{lines[0].rstrip('.')}."
