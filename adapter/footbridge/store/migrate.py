"""Brings a database to the version of the code.

The migrations are alembic scripts in ``store/migrations/versions``. The version of the code is the constant HEAD, so
that a start on a current database reads one row and never imports alembic. Several processes may start at once: one
of them migrates, the others wait for it and find the work done.
"""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table, text

from footbridge.errors import ConfigurationError
from footbridge.store.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0009"
"""The newest migration; a test holds it equal to the newest script."""

_VERSION_TABLE = "alembic_version"
_LOCK = 0x466F6F74  # one key of PostgreSQL's advisory locks, ours by convention


def current(database: Database) -> str | None:
    """The migration that the database is at; None when it has no tables of ours."""
    with database.read() as connection:
        return _current(connection)


def upgrade(database: Database) -> None:
    """Make or migrate every table; does nothing when the database is current.

    All or nothing: it is one transaction on either database. Raises ConfigurationError when the database was
    migrated by a newer Footbridge than this one.
    """
    if current(database) == HEAD:
        return
    with database.write() as connection:
        if not database.is_sqlite:  # there the write transaction excludes every other already
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        found = _current(connection)
        if found != HEAD:
            _migrate(connection, found)


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    return connection.scalar(select(column("version_num")).select_from(table(_VERSION_TABLE)))


def _migrate(connection: Connection, found: str | None) -> None:
    from alembic import command  # noqa: PLC0415 - only a database that is behind pays for it
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    config = alembic_config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise ConfigurationError(
            f"The database is at version {found}; this Footbridge supports versions up to {HEAD}: install a newer one."
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def alembic_config() -> "Config":
    """What alembic needs to find the scripts inside the package; no alembic.ini anywhere."""
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", "footbridge.store:migrations")
    config.set_main_option("path_separator", "os")
    return config
