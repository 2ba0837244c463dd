"""Ways to insert, unless it is there already or many rows, and to find rows by pairs, where the databases differ.

Statements are built once, when a module is loaded: building one costs SQLAlchemy as much as running it.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Table, and_, tuple_
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert
ByDialect = Mapping[str, Executable]
"""The same statement for each database, by the dialect's name: ``statement[connection.dialect.name]``."""

ROWS = 100  # that one INSERT writes at most


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


def is_among(
    type_: ColumnElement[str], identity: ColumnElement[str], keys: Iterable[tuple[str, str]]
) -> ColumnElement[bool]:
    """Whether a row has one of these pairs of type and id.

    SQLite takes no index for a list of pairs (https://sqlite.org/rowvalue.html): so each member is named by itself too,
    and an index that begins with what stands before them, type and id finds the rows.
    """
    pairs = list(keys)
    types, identities = ({pair[place] for pair in pairs} for place in (0, 1))
    return and_(type_.in_(sorted(types)), identity.in_(sorted(identities)), tuple_(type_, identity).in_(pairs))


def insert_many(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows whose values stand in the order of the table's columns, each as the driver takes it.

    In the driver's own words: a hundred rows cost more in SQLAlchemy than in the database. Many rows a statement: at
    each the driver lets other threads run, and has to wait for its turn again.
    """
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        statement = _many(table, connection.dialect.paramstyle, len(some))
        connection.exec_driver_sql(statement, tuple(itertools.chain.from_iterable(some)))


@functools.lru_cache(maxsize=4 * ROWS)
def _many(table: Table, paramstyle: str, rows: int) -> str:
    mark = "?" if paramstyle == "qmark" else "%s"
    row = f"({', '.join([mark] * len(table.c))})"
    return f"INSERT INTO {table.name} ({', '.join(table.c.keys())}) VALUES {', '.join([row] * rows)}"  # noqa: S608 - our own names
