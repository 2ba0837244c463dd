"""Brings a database to the version of the code, when it is asked to, and never in passing.

A command that finds an older database stops (``require_current``): only ``footbridge database upgrade`` migrates one
that is there, and only who begins something makes the tables of an empty one.

The migrations are alembic scripts in ``store/migrations/versions``. The version of the code is the constant HEAD, so
that a start on a current database reads one row and never imports alembic. Several processes may start at once: one
of them makes the tables, the others wait for it and find the work done.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table, text

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.store.engine import Database
from footbridge.store.patience import without_limit

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

HEAD = "0038"
"""The newest migration; a test holds it equal to the newest script."""

_VERSION_TABLE = "alembic_version"
_LOCK = 0x466F6F74  # one key of PostgreSQL's advisory locks, ours by convention


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from a version to the next.

    Attributes:
        version: that it leads to.
        title: what it changes, in a few words.
    """

    version: str
    title: str


def current(database: Database) -> str | None:
    """The migration that the database is at; None when it has no tables of ours."""
    with database.read() as connection:
        return _current(connection)


def require_current(database: Database, *, create: bool = False) -> None:
    """Raise ConfigurationError, with the remedy, unless the database is at the version of the code.

    With ``create``, the tables of an empty one are made.
    """
    found = current(database)
    if found == HEAD:
        return
    if found is not None:
        pending(found)
        raise ConfigurationError(
            _(
                "The database is at version {found}, and this Footbridge needs version {head}: stop "
                "every `footbridge serve` and `footbridge worker`, then run `footbridge database "
                "upgrade`.",
                found=found,
                head=HEAD,
            )
        )
    if not create:
        raise ConfigurationError(_("The database has no tables yet: `footbridge tenant add NAME` creates them."))
    upgrade(database)


def pending(found: str | None) -> list[Migration]:
    """The migrations between a version and that of the code, oldest first; all of them for None.

    Raises ConfigurationError for a version that this Footbridge does not know, as a newer one makes.
    """
    scripts = _scripts()
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise ConfigurationError(
            _(
                "The database is at version {found}; this Footbridge supports versions up to {head}: "
                "install a newer one.",
                found=found,
                head=HEAD,
            )
        )
    steps = scripts.iterate_revisions("head", found or "base")
    return [Migration(one.revision, (one.doc or "").splitlines()[0].rstrip(".")) for one in steps][::-1]


def upgrade(database: Database) -> None:
    """Make or migrate every table; does nothing when the database is current.

    All or nothing: it is one transaction on either database, however long it takes. Raises ConfigurationError when
    the database was migrated by a newer Footbridge than this one.
    """
    if current(database) == HEAD:
        return
    with without_limit(), database.write_much() as connection:
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

    pending(found)
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _scripts() -> "ScriptDirectory":
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    return ScriptDirectory.from_config(alembic_config())


def alembic_config() -> "Config":
    """What alembic needs to find the scripts inside the package; no alembic.ini anywhere."""
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", "footbridge.store:migrations")
    config.set_main_option("path_separator", "os")
    return config
