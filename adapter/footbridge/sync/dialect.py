"""The one statement that the two databases spell in modules of their own: insert, unless it is there already."""

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def insert(connection: Connection, table: Table) -> Insert:
    """An INSERT that takes ``on_conflict_do_nothing`` and ``on_conflict_do_update`` on this connection's database."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
