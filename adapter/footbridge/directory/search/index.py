"""Writes the index of a source, in batches, each in a transaction of its caller; ``publish`` makes it searchable.

An import with the number N does, in this order:

1. ``discard(after=current)``, until it returns 0: what a failed import left.
2. ``index(number=N)`` for services that are new or changed, ``end(number=N)`` for those that changed or went.
3. ``publish(number=N)``: what will count is counted, in a moment that only reads, and written.
4. Its source's current number becomes N, in one short transaction: from then on questions find the new services.
5. ``purge(before=N)``, until it returns 0.

Until step 4 every question is answered from the number before. A repeated call does no harm.
"""

from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import Connection, and_, delete, func, insert, select, update

from footbridge.directory.model import ServiceDocument
from footbridge.directory.search.dialect import (
    POINT_BITS,
    SLOT_MASK,
    Point,
    add_points,
    add_rows,
    add_words,
    entry_id,
    is_sqlite,
    remove_points,
    remove_words,
    rows_of,
)
from footbridge.directory.search.packed import Packed, PackedService, pack_services
from footbridge.directory.search.packing import pack
from footbridge.directory.search.prepare import PreparedService, prepare
from footbridge.store.dialect import unindexed
from footbridge.store.tables.directory_search import (
    directory_entry,
    directory_index,
    directory_snapshot,
    directory_vocabulary,
)

BATCH = 500  # services that one transaction takes at most: some 50 ms of SQLite's write lock

_NO_WORDS = pack({})
_ENTRY = ("id", "index", "service", "since", "until", "sort", "data", "words")


def index_of(connection: Connection, tenant: str, source: str) -> int | None:
    """The number of a source's index; None before its first import."""
    found: int | None = connection.scalar(
        select(directory_index.c.id).where(directory_index.c.tenant == tenant, directory_index.c.source == source)
    )
    return found


def index_documents(
    connection: Connection, tenant: str, source: str, number: int, documents: Iterable[ServiceDocument]
) -> None:
    """``index`` for services that nobody has prepared yet."""
    index(connection, tenant, source, number, [prepare(document) for document in documents])


def index(connection: Connection, tenant: str, source: str, number: int, services: Sequence[PreparedService]) -> None:
    """Write the versions of services that begin with an import; one that it has written already is left as it is.

    Args:
        connection: of a transaction that may write.
        tenant: whose directory it is.
        source: of it.
        number: of the import.
        services: at most ``BATCH`` in one transaction, so that nobody waits for it.
    """
    key = begin(connection, tenant, source)
    written = set(
        connection.scalars(
            select(directory_entry.c.service).where(
                directory_entry.c.index == key,
                directory_entry.c.service.in_([one.id for one in services]),
                unindexed(directory_entry.c.since) == number,
            )
        )
    )
    new = list({one.id: one for one in services if one.id not in written}.values())
    write(connection, key, number, pack_services(key, new, keeps_words=is_sqlite(connection)))


def write(connection: Connection, key: int, number: int, packed: Packed) -> None:
    """Write the versions of services that begin with an import, none of which it has written yet."""
    write_services(connection, key, number, packed.services)
    write_vocabulary(connection, key, number, packed)


def write_services(connection: Connection, key: int, number: int, services: Sequence[PackedService]) -> None:
    """Write some of them, without what they say together."""
    if not services:
        return
    slots = _slots(connection, key, len(services))
    entries, texts, points = [], [], list[Point]()
    for slot, one in zip(slots, services, strict=True):
        entry = entry_id(key, slot)
        entries.append((entry, key, one.id, number, None, one.sort, one.data, one.words))
        texts.append((entry, one.text))
        points.extend((entry << POINT_BITS | place, key, slot, *point) for place, point in enumerate(one.points))
    add_rows(connection, "directory_entry", _ENTRY, entries)
    add_words(connection, texts)
    add_points(connection, points)


def write_vocabulary(connection: Connection, key: int, number: int, packed: Packed) -> None:
    """Write the words of all of them, once."""
    if packed.vocabulary == _NO_WORDS:
        return
    words = {"index": key, "number": number, "data": packed.vocabulary}
    connection.execute(insert(directory_vocabulary).values(words))


def end(connection: Connection, tenant: str, source: str, number: int, ids: Iterable[str]) -> None:
    """Let the versions of services that are older than an import end with it (``ids`` of service documents)."""
    key, ids = begin(connection, tenant, source), list(ids)
    for start in range(0, len(ids), BATCH):
        connection.execute(
            update(directory_entry)
            .where(
                directory_entry.c.index == key,
                directory_entry.c.service.in_(ids[start : start + BATCH]),
                unindexed(directory_entry.c.since) < number,
                unindexed(directory_entry.c.until).is_(None),
            )
            .values(until=number)
        )


def discard(connection: Connection, tenant: str, source: str, *, after: int, limit: int = BATCH) -> int:
    """Undo what imports with a number after the current one wrote; how many services it touched, 0 at the end."""
    key = index_of(connection, tenant, source)
    if key is None:
        return 0
    begun = and_(directory_entry.c.index == key, directory_entry.c.since > after)
    removed = _remove(connection, list(connection.scalars(select(directory_entry.c.id).where(begun).limit(limit))))
    ended = and_(directory_entry.c.index == key, directory_entry.c.until > after)
    some = list(connection.scalars(select(directory_entry.c.id).where(ended).limit(limit)))
    if some:
        connection.execute(update(directory_entry).where(directory_entry.c.id.in_(some)).values(until=None))
    for table in (directory_vocabulary, directory_snapshot):
        connection.execute(delete(table).where(table.c.index == key, table.c.number > after))
    return removed + len(some)


def purge(connection: Connection, tenant: str, source: str, *, before: int, limit: int = BATCH) -> int:
    """Remove versions that ended with or before an import, and older snapshots; how many, 0 at the end.

    Nobody must still read with a smaller number than ``before``.
    """
    key = index_of(connection, tenant, source)
    if key is None:
        return 0
    ended = and_(directory_entry.c.index == key, directory_entry.c.until <= before)
    removed = _remove(connection, list(connection.scalars(select(directory_entry.c.id).where(ended).limit(limit))))
    newest = select(func.max(directory_snapshot.c.number)).where(
        directory_snapshot.c.index == key, directory_snapshot.c.number <= before
    )
    old = and_(directory_snapshot.c.index == key, directory_snapshot.c.number < newest.scalar_subquery())
    connection.execute(delete(directory_snapshot).where(old))
    # The words of what was written are in the newest snapshot.
    added_up = and_(directory_vocabulary.c.index == key, directory_vocabulary.c.number <= newest.scalar_subquery())
    connection.execute(delete(directory_vocabulary).where(added_up))
    return removed


def remove_source(connection: Connection, tenant: str, source: str, *, limit: int = BATCH) -> int:
    """Remove all of a source, that nobody searches any more; how many services, 0 at the end."""
    key = index_of(connection, tenant, source)
    if key is None:
        return 0
    every = select(directory_entry.c.id).where(directory_entry.c.index == key).limit(limit)
    removed = _remove(connection, list(connection.scalars(every)))
    if not removed:
        for table in (directory_vocabulary, directory_snapshot):
            connection.execute(delete(table).where(table.c.index == key))
        connection.execute(delete(directory_index).where(directory_index.c.id == key))
    return removed


def begin(connection: Connection, tenant: str, source: str) -> int:
    """The number of a source's index, made where it has none yet."""
    found = index_of(connection, tenant, source)
    if found is not None:
        return found
    row = {"tenant": tenant, "source": source, "next_slot": 0, "free": "[]"}
    made: int = connection.execute(insert(directory_index).values(row).returning(directory_index.c.id)).scalar_one()
    return made


def _slots(connection: Connection, key: int, count: int) -> list[int]:
    """Slots for new versions, ascending; those that were given back first, so that bitmaps stay short."""
    row = connection.execute(
        select(directory_index.c.next_slot, directory_index.c.free).where(directory_index.c.id == key)
    ).one()
    free = orjson.loads(row.free)
    used, left = free[:count], free[count:]
    more = count - len(used)
    slots = used + list(range(row.next_slot, row.next_slot + more))
    connection.execute(
        update(directory_index)
        .where(directory_index.c.id == key)
        .values(next_slot=row.next_slot + more, free=orjson.dumps(left).decode())
    )
    return sorted(slots)


def _remove(connection: Connection, ids: Sequence[int]) -> int:
    if not ids:
        return 0
    rows = rows_of(connection, "id, words, data", ids)
    remove_words(connection, [(entry, words) for entry, words, _ in rows])
    points = [
        entry << POINT_BITS | place for entry, _, data in rows for place in range(len(orjson.loads(data).get("q", ())))
    ]
    remove_points(connection, points)
    connection.execute(delete(directory_entry).where(directory_entry.c.id.in_([entry for entry, *_ in rows])))
    _give_back(connection, rows[0][0] >> 32, [entry & SLOT_MASK for entry, *_ in rows])
    return len(rows)


def _give_back(connection: Connection, key: int, slots: Sequence[int]) -> None:
    free = orjson.loads(connection.scalar(select(directory_index.c.free).where(directory_index.c.id == key)) or "[]")
    merged = orjson.dumps(sorted({*free, *slots})).decode()
    connection.execute(update(directory_index).where(directory_index.c.id == key).values(free=merged))
