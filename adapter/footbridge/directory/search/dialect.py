"""The statements that SQLite and PostgreSQL spell differently: words, points, and rows of many ids.

SQLite: FTS5 (https://sqlite.org/fts5.html), which must be told again what it shall forget, and R*Tree
(https://sqlite.org/rtree.html). PostgreSQL: ``tsvector`` with GIN, and a plain index for points. The texts of tokens
hold letters and digits alone, whatever a question has, so that they need no quoting.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from footbridge.directory.search.geography import Box
from footbridge.directory.search.packed import token_of

SLOT_BITS = 32
SLOT_MASK = (1 << SLOT_BITS) - 1
POINT_BITS = 10  # a service has at most a thousand points

# One statement for any number of tokens: each is looked up by itself.
_SQLITE_EACH = (
    f"SELECT asked.key, (SELECT json_group_array(rowid & {SLOT_MASK}) FROM directory_text"  # noqa: S608 - our own names
    " WHERE directory_text MATCH asked.value) FROM json_each(?) AS asked"
)
_SLOTS = f"'[' || string_agg((id & {SLOT_MASK})::text, ',') || ']'"
_POSTGRESQL_EACH = (
    f"SELECT asked.place, (SELECT {_SLOTS} FROM directory_text WHERE words @@ asked.token::tsquery)"  # noqa: S608
    " FROM unnest(%s::int[], %s::text[]) AS asked(place, token)"
)
_POSTGRESQL_PASS = (
    f"SELECT lexeme, {_SLOTS} FROM directory_text, unnest(tsvector_to_array(words)) AS lexeme"  # noqa: S608 - as above
    " WHERE id BETWEEN %s AND %s AND lexeme = ANY(%s) GROUP BY lexeme HAVING count(*) >= %s"
)
_POSTGRESQL_SOME = (
    f"SELECT lexeme, {_SLOTS} FROM directory_text, unnest(tsvector_to_array(words)) AS lexeme"  # noqa: S608 - as above
    " WHERE id = ANY(%s) AND lexeme = ANY(%s) GROUP BY lexeme"
)

_INSIDE = "latitude BETWEEN {} AND {} AND longitude BETWEEN {} AND {}"
# The tree has 32 bits of a coordinate, rounded outwards: what it holds within the inner box is within it. Only its own
# columns are asked for, and the slot is in the id: each other column would be looked up for each point.
_SQLITE_INSIDE = "min_latitude >= ? AND max_latitude <= ? AND min_longitude >= ? AND max_longitude <= ?"
_SQLITE_POINTS = (
    f"SELECT json_group_array(id >> {POINT_BITS} & {SLOT_MASK}) FILTER (WHERE {{inner}}),"  # noqa: S608 - our own names
    f" json_group_array(id >> {POINT_BITS} & {SLOT_MASK}) FILTER (WHERE NOT ({{inner}}))"
    " FROM directory_point WHERE min_index = ? AND max_index = ?"
    " AND max_latitude >= ? AND min_latitude <= ? AND max_longitude >= ? AND min_longitude <= ?"
)
_POSTGRESQL_POINTS = (
    "SELECT '[' || coalesce(string_agg(slot::text, ',') FILTER (WHERE {inner}), '') || ']',"
    " '[' || coalesce(string_agg(slot::text, ',') FILTER (WHERE NOT ({inner})), '') || ']'"
    " FROM directory_point WHERE index = %s AND latitude BETWEEN %s AND %s AND longitude BETWEEN %s AND %s"
)
_NOTHING = Box(1.0, -1.0, 1.0, -1.0)  # no point is in it

Expression = Sequence[Sequence[Sequence[str]]]
"""Alternatives; each is a list of choices, and a service must have a token out of each choice."""

Point = tuple[int, int, int, float, float]
"""Id, index, slot, latitude, longitude."""


def is_sqlite(connection: Connection) -> bool:
    """Whether the connection leads to SQLite."""
    return connection.dialect.name == "sqlite"


def entry_id(index: int, slot: int) -> int:
    """The id of an entry."""
    return index << SLOT_BITS | slot


def add_words(connection: Connection, rows: Sequence[tuple[int, str]]) -> None:
    """Write the tokens (separated by spaces) of new entries, in the order of their ids."""
    if not rows:
        return
    if is_sqlite(connection):
        connection.exec_driver_sql("INSERT INTO directory_text (rowid, words) VALUES (?, ?)", sorted(rows))
        return
    _copy(connection, "directory_text (id, words)", rows)


def remove_words(connection: Connection, rows: Sequence[tuple[int, bytes | None]]) -> None:
    """Forget the words of entries: their ids, and what ``stored`` gave."""
    if not rows:
        return
    if is_sqlite(connection):
        told = [(entry, zlib.decompress(words or b"").decode()) for entry, words in sorted(rows)]
        connection.exec_driver_sql(
            "INSERT INTO directory_text (directory_text, rowid, words) VALUES ('delete', ?, ?)", told
        )
        return
    connection.exec_driver_sql("DELETE FROM directory_text WHERE id = ANY(%s)", ([entry for entry, _ in rows],))


def add_points(connection: Connection, points: Sequence[Point]) -> None:
    """Write where services are."""
    if not points:
        return
    if is_sqlite(connection):
        connection.exec_driver_sql(
            "INSERT INTO directory_point (id, min_latitude, max_latitude, min_longitude, max_longitude, min_index,"
            " max_index, slot, latitude, longitude) VALUES (?1, ?4, ?4, ?5, ?5, ?2, ?2, ?3, ?4, ?5)",
            list(points),
        )
        return
    _copy(connection, "directory_point (id, index, slot, latitude, longitude)", points)


def remove_points(connection: Connection, ids: Sequence[int]) -> None:
    """Forget points."""
    if not ids:
        return
    if is_sqlite(connection):
        connection.exec_driver_sql("DELETE FROM directory_point WHERE id = ?", [(one,) for one in ids])
        return
    connection.exec_driver_sql("DELETE FROM directory_point WHERE id = ANY(%s)", (list(ids),))


def add_rows(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write many rows of one of our tables."""
    if not rows:
        return
    names = ", ".join(f'"{column}"' for column in columns)
    if is_sqlite(connection):
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(map(tuple, rows)))  # noqa: S608 - our own names
        return
    _copy(connection, f"{table} ({names})", rows)


def _copy(connection: Connection, target: str, rows: Iterable[Sequence[Any]]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def slots_with_each(connection: Connection, index: int, tokens: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    """Each token that an entry of an index has, with the slots of these: all versions, in no order."""
    written = [token_of(index, token) for token in tokens]
    if is_sqlite(connection):
        parameters: tuple[object, ...] = (orjson.dumps([f'"{token}"' for token in written]).decode(),)
        rows = connection.exec_driver_sql(_SQLITE_EACH, parameters)
    else:
        parameters = (list(range(len(written))), [f"'{token}'" for token in written])
        rows = connection.exec_driver_sql(_POSTGRESQL_EACH, parameters)
    for place, slots in rows:
        if slots and slots != "[]":
            yield tokens[place], orjson.loads(slots)


def slots_with(
    connection: Connection, index: int, tokens: Sequence[str], fewest: int
) -> Iterator[tuple[str, list[int]]]:
    """The same for those tokens that at least ``fewest`` entries have; PostgreSQL reads all entries once for them."""
    if is_sqlite(connection):
        for token, slots in slots_with_each(connection, index, tokens):
            if len(slots) >= fewest:
                yield token, slots
        return
    written = {token_of(index, token): token for token in tokens}
    bounds = (entry_id(index, 0), entry_id(index, SLOT_MASK))
    rows = connection.exec_driver_sql(_POSTGRESQL_PASS, (*bounds, list(written), fewest))
    for token, found in rows:
        yield written[token], orjson.loads(found)


def slots_among(
    connection: Connection, index: int, tokens: Sequence[str], entries: Sequence[int]
) -> dict[str, list[int]]:
    """On PostgreSQL: each token that one of some entries has, with the slots of these."""
    written = {token_of(index, token): token for token in tokens}
    rows = connection.exec_driver_sql(_POSTGRESQL_SOME, (list(entries), list(written)))
    return {written[token]: orjson.loads(found) for token, found in rows}


def points_in(connection: Connection, index: int, box: Box, inner: Box | None = None) -> tuple[list[int], list[int]]:
    """The slots of an index with a point in the inner box, and those with one in the rest of the box.

    One that is at the edge of the inner box may count to either.
    """
    within = tuple(inner or _NOTHING)
    scope: tuple[int, ...] = (index, index)
    statement = _SQLITE_POINTS.format(inner=_SQLITE_INSIDE)
    if not is_sqlite(connection):
        scope, statement = (index,), _POSTGRESQL_POINTS.format(inner=_INSIDE.format(*["%s"] * 4))
    sure, rest = connection.exec_driver_sql(statement, (*within, *within, *scope, *box)).one()
    return orjson.loads(sure), orjson.loads(rest)


def rows_of(connection: Connection, columns: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Columns of entries by their ids, in no order."""
    if is_sqlite(connection):
        statement = f"SELECT {columns} FROM directory_entry WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - our own names
        rows = connection.exec_driver_sql(statement, (orjson.dumps(list(ids)).decode(),))
    else:
        statement = f"SELECT {columns} FROM directory_entry WHERE id = ANY(%s)"  # noqa: S608 - as above
        rows = connection.exec_driver_sql(statement, (list(ids),))
    return [tuple(row) for row in rows]
