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


def unindexed(column: ColumnElement[Any], nothing: int | str = 0) -> ColumnElement[Any]:
    """A column in a form for which no index is taken, so that one on other columns is.

    Without statistics SQLite takes the first columns of an index for nearly a key (https://sqlite.org/optoverview.html):
    where all rows have the same there, as all of one source do, it reads each of them.

    Args:
        column: of numbers or texts.
        nothing: what is added to it: 0, or an empty text.
    """
    return column + nothing


def insert_many(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows whose values stand in the order of the table's columns, each as the driver takes it.

    In the driver's own words: a hundred rows cost more in SQLAlchemy than in the database. Many rows a statement: at
    each the driver lets other threads run, and has to wait for its turn again.
    """
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        statement = _many(table, connection.dialect.paramstyle, len(some))
        connection.exec_driver_sql(statement, tuple(itertools.chain.from_iterable(some)))


def insert_numbered(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """As ``insert_many``, into a table of SQLite whose first column is a number that the database gives.

    Returns the numbers, in the order of the rows: the rows of one statement get rising ones
    (https://sqlite.org/autoinc.html).
    """
    found: list[int] = []
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        statement = _many(table, connection.dialect.paramstyle, len(some), numbered=True)
        made = connection.exec_driver_sql(statement, tuple(itertools.chain.from_iterable(some)))
        found += sorted(made.scalars())
    return found


def pairs_in(
    connection: Connection, where: tuple[str, str, str], keys: Iterable[tuple[str, str]], same: Mapping[str, str]
) -> set[tuple[str, str]]:
    """Which of these pairs of type and id a table has, in the driver's own words.

    Args:
        connection: in whose transaction to look.
        where: the table, its column that is compared with the id, and what else holds for a row, in SQL.
        keys: the pairs.
        same: columns and the value that each has.
    """
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return set()
    statement = _pairs(connection.dialect.paramstyle, where, tuple(same), len(wanted))
    values = (*itertools.chain.from_iterable(wanted), *same.values())
    return {(kind, identity) for kind, identity in connection.exec_driver_sql(statement, values)}


@functools.lru_cache(maxsize=512)
def _pairs(paramstyle: str, where: tuple[str, str, str], same: tuple[str, ...], keys: int) -> str:
    """One look into an index for each of the keys.

    SQLite takes the tables of a CROSS JOIN in their order (https://sqlite.org/lang_select.html#crossjoin).
    """
    mark = "?" if paramstyle == "qmark" else "%s"
    table, column, condition = where
    listed = ", ".join([f"({mark}, {mark})"] * keys)
    others = "".join(f" AND {table}.{name} = {mark}" for name in same)
    return (
        f"WITH wanted (type, id) AS (VALUES {listed}) "  # noqa: S608 - our own names
        f"SELECT wanted.type, wanted.id FROM wanted CROSS JOIN {table} WHERE {condition} "
        f"AND {table}.type = wanted.type AND {table}.{column} = wanted.id{others}"
    )


@functools.lru_cache(maxsize=4 * ROWS)
def _many(table: Table, paramstyle: str, rows: int, *, numbered: bool = False) -> str:
    mark = "?" if paramstyle == "qmark" else "%s"
    names = table.c.keys()
    if numbered:
        names = names[1:]
    row = f"({', '.join([mark] * len(names))})"
    returned = f" RETURNING {table.c.keys()[0]}" if numbered else ""
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([row] * rows)}{returned}"  # noqa: S608 - our own names
