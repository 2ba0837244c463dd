"""Counts what an import makes visible: one snapshot of a source, read whole by every question after it.

A snapshot is written once and never changed. Its parts, by name:

``sets``        bitmaps by facet and value: ``category:food-insecurity``, ``language:fr``, ``cost:free``, ``live`` ...
``hours``       which opening hours a slot has, and ``hour-rules``: their rules (the first is: unknown)
``towns``       which towns a slot has, and ``town-sets``: their keys
``verified``    the day (its ordinal) when a slot was verified last; 0: not known
``youngest``, ``oldest``  the first month of age that a service is for, and the first that it is no longer for
``points``      where slots are: columns in JSON, slots ascending; ``about``: those with only a town or postal code
``areas``       slots by key of a service area, and ``populations``: by code and label
``places``      the centre of each postal code and town of its own records
``vocabulary``  words as they are, and how many services have them
``frequent``    bitmaps of the words that many services have, see ``postings``
``names``       slots in the order of names
``groups``      keys that the same service has in another source, and their slots
"""

from collections import Counter
from collections.abc import Iterator

import orjson
from sqlalchemy import Connection, delete, func, insert, literal, or_, select

from footbridge.directory.search.counting import Counted
from footbridge.directory.search.dialect import SLOT_MASK, is_sqlite
from footbridge.directory.search.index import index_of
from footbridge.directory.search.names import order_of_names, without
from footbridge.directory.search.packing import pack, pack_column, unpack
from footbridge.directory.search.postings import frequent, frequent_after
from footbridge.store.engine import Database
from footbridge.store.tables.directory_search import directory_entry, directory_snapshot, directory_vocabulary

_ROWS = 5000


def publish(database: Database, tenant: str, source: str, number: int) -> int:
    """Write the snapshot of a source as it will be when the import is current; how many services it has.

    It reads in one transaction, and writes in another, some milliseconds long. To call it twice does no harm.
    """
    with database.read() as connection:
        key = index_of(connection, tenant, source)
        if key is None:
            return 0
        before = _before(connection, key, number)
        is_same = before is not None and _is_unchanged(connection, key, before, number)
    if before is not None and is_same:
        return _repeat(database, key, before, number)
    with database.read() as connection:
        order = order_of_names(connection, key)  # each step when the memory of the one before is free again
        parts, live = _counted(connection, key, number)
        parts["names"] = pack_column(without(order, live))
        words = _vocabulary(connection, key, number)
        parts["vocabulary"] = pack(words)
        few = None if before is None else frequent_after(connection, key, number, live, before)
        parts["frequent"] = few or frequent(connection, key, live, words)
    rows = [{"index": key, "number": number, "name": name, "data": data} for name, data in parts.items()]
    with database.write() as connection:
        same = (directory_snapshot.c.index == key, directory_snapshot.c.number == number)
        connection.execute(delete(directory_snapshot).where(*same))
        connection.execute(insert(directory_snapshot), rows)
        # What was added up is in the snapshot now.
        connection.execute(
            delete(directory_vocabulary).where(
                directory_vocabulary.c.index == key, directory_vocabulary.c.number < number
            )
        )
    _tidy(database)
    return live.bit_count()


def _before(connection: Connection, key: int, number: int) -> int | None:
    """The number of the snapshot before."""
    snapshot = directory_snapshot.c
    found: int | None = connection.scalar(
        select(func.max(snapshot.number)).where(snapshot.index == key, snapshot.number < number)
    )
    return found


def _is_unchanged(connection: Connection, key: int, before: int, number: int) -> bool:
    """Whether no version of a service began or ended since a snapshot."""
    entry = directory_entry.c
    for column in (entry.since, entry.until):
        moved = select(entry.id).where(entry.index == key, column > before, column <= number).limit(1)
        if connection.execute(moved).first() is not None:
            return False
    return True


def _repeat(database: Database, key: int, before: int, number: int) -> int:
    """Write a snapshot once more, under another number; how many services it has."""
    snapshot, entry = directory_snapshot.c, directory_entry.c
    with database.write() as connection:
        connection.execute(delete(directory_snapshot).where(snapshot.index == key, snapshot.number == number))
        parts = select(snapshot.index, literal(number), snapshot.name, snapshot.data).where(
            snapshot.index == key, snapshot.number == before
        )
        connection.execute(insert(directory_snapshot).from_select(["index", "number", "name", "data"], parts))
    with database.read() as connection:
        found: int | None = connection.scalar(
            select(func.count()).where(entry.index == key, or_(entry.until.is_(None), entry.until > number))
        )
        return found or 0


def _counted(connection: Connection, key: int, number: int) -> tuple[dict[str, bytes], int]:
    """What is counted of the services, as parts of the snapshot, and the bitmap of those that count."""
    counted = Counted()
    for slot, data in _live(connection, key, number):
        counted.add(slot, orjson.loads(data))
    return counted.parts(), counted.live()


def _live(connection: Connection, key: int, number: int) -> Iterator[tuple[int, str]]:
    entry = directory_entry.c
    rows = connection.execution_options(yield_per=_ROWS).execute(
        select(entry.id, entry.data)
        .where(entry.index == key, entry.since <= number, or_(entry.until.is_(None), entry.until > number))
        .order_by(entry.id)
    )
    for entry_id, data in rows:
        yield entry_id & SLOT_MASK, data


def _vocabulary(connection: Connection, key: int, number: int) -> dict[str, int]:
    """The words of the snapshot before, with what was written since; a word goes with its last service."""
    words: Counter[str] = Counter()
    snapshot, batch = directory_snapshot.c, directory_vocabulary.c
    before = _before(connection, key, number)
    if before is not None:
        same = (snapshot.index == key, snapshot.number == before, snapshot.name == "vocabulary")
        words.update(unpack(connection.scalars(select(snapshot.data).where(*same)).one()))
    since = batch.number > (-1 if before is None else before)
    for data in connection.scalars(select(batch.data).where(batch.index == key, batch.number <= number, since)):
        words.update(unpack(data))
    return {word: count for word, count in words.items() if count > 0}


def _tidy(database: Database) -> None:
    """Let the database know what it has: statistics on PostgreSQL, and words that it has put aside for later."""
    with database.write() as connection:
        if is_sqlite(connection):
            connection.exec_driver_sql("INSERT INTO directory_text (directory_text, rank) VALUES ('merge', 200)")
            return
        connection.exec_driver_sql("SELECT gin_clean_pending_list('ix_directory_text_words')")
        for table in ("directory_entry", "directory_text", "directory_point", "directory_snapshot"):
            connection.exec_driver_sql(f"ANALYZE {table}")
