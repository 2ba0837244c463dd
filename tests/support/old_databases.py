"""Databases as an earlier version left them."""

from alembic import command
from sqlalchemy import Connection

from footbridge.store.migrate import alembic_config


def bring_to(connection: Connection, revision: str) -> None:
    """Lay out an empty database as it was at a revision, in the caller's transaction."""
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
