"""The one statement that the two databases spell in modules of their own: insert, unless it is there already.

Statements are built once, when a module is loaded: building one costs SQLAlchemy as much as running it.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert
ByDialect = Mapping[str, Executable]
"""The same statement for each database, by the dialect's name: ``statement[connection.dialect.name]``."""


def inserting(table: Table, conflict: Callable[[Insert], Executable]) -> ByDialect:
    """An INSERT with what happens on a conflict; the row is given when it runs.

    Args:
        table: to insert into.
        conflict: adds ``on_conflict_do_nothing`` or ``on_conflict_do_update``, and what is returned.
    """
    return {"sqlite": conflict(sqlite.insert(table)), "postgresql": conflict(postgresql.insert(table))}


def unless_there(table: Table) -> ByDialect:
    """An INSERT that changes nothing where any unique key is taken; ``rowcount`` tells."""
    return inserting(
        table, lambda statement: statement.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    )


def insert(connection: Connection, table: Table) -> Insert:
    """An INSERT that takes ``on_conflict_do_nothing`` and ``on_conflict_do_update`` on this connection's database."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
