"""The order of names, for ties: it stands in the snapshot, so that nothing is read to sort by it.

Within a source a service has a rank. Of several sources the best of each are compared by their names themselves.
"""

from array import array
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from footbridge.directory.search.bitmaps import Membership, slots_of
from footbridge.directory.search.dialect import SLOT_MASK, rows_of
from footbridge.directory.search.snapshot import Snapshot, SourceSnapshot
from footbridge.store.tables.directory_search import directory_entry

PART = "names"  # the name in the snapshot: slots in the order of names
_FEW = 50  # a set of less than one in so many is sorted; of a larger one the first come soon


def order_of_names(connection: Connection, index: int) -> "array[int]":
    """The slots of an index, those that do not count too, in the order of names and ids of services."""
    entry = directory_entry.c
    rows = connection.execution_options(yield_per=5000).execute(
        select(entry.id).where(entry.index == index).order_by(entry.sort, entry.service, entry.id)
    )
    return array("I", [one & SLOT_MASK for one in rows.scalars()])


def first_by_name(connection: Connection, snapshot: Snapshot, among: int, count: int) -> list[int]:
    """The first of a set in the order of names and ids."""
    found = []
    for part, own, offset in snapshot.split(among):
        found += [slot + offset for slot in _first_of_source(connection, part, own, count)]
    return _sorted(connection, snapshot, dict.fromkeys(found, 0.0), found)[:count]


def first_by_distance(connection: Connection, snapshot: Snapshot, far: Mapping[int, float], count: int) -> list[int]:
    """The nearest of some slots; those that are as far go by name."""
    by_part: dict[SourceSnapshot, list[tuple[float, int, int]]] = {}
    for slot, kilometres in far.items():
        part, own = snapshot.where(slot)
        by_part.setdefault(part, []).append((kilometres, _ranks(connection, part)[own], slot))
    found = [slot for some in by_part.values() for *_, slot in sorted(some)[:count]]
    return _sorted(connection, snapshot, far, found)[:count]


def _first_of_source(connection: Connection, part: SourceSnapshot, among: int, count: int) -> list[int]:
    order = _order(connection, part)
    if among.bit_count() * _FEW < len(order):
        ranks = _ranks(connection, part)
        return sorted(slots_of(among), key=ranks.__getitem__)[:count]
    found: list[int] = []
    wanted = Membership(among)
    for slot in order:
        if slot in wanted:
            found.append(slot)
            if len(found) == count:
                break
    return found


def _sorted(connection: Connection, snapshot: Snapshot, far: Mapping[int, float], slots: list[int]) -> list[int]:
    """What is in the order of its source already, in that of all of them."""
    if len({snapshot.where(slot)[0].index for slot in slots}) < 2:
        return slots
    rows = rows_of(connection, "id, sort, service", [snapshot.entry(slot) for slot in slots])
    names = {snapshot.slot_of(entry >> 32, entry & SLOT_MASK): (sort, service) for entry, sort, service in rows}
    return sorted(slots, key=lambda slot: (far[slot], *names[slot]))


def _order(connection: Connection, part: SourceSnapshot) -> "array[int]":
    stored: array[int] = part.part(connection, PART)
    # A snapshot of an earlier version of this software has none; it is worked out once.
    return stored or part.made("names of an earlier version", lambda: order_of_names(connection, part.index))


def _ranks(connection: Connection, part: SourceSnapshot) -> "array[int]":
    """The place in the order of names, by slot."""

    def make() -> "array[int]":
        order = _order(connection, part)
        ranks = array("I", bytes(4 * (1 + max(order, default=0))))
        for rank, slot in enumerate(order):
            ranks[slot] = rank
        return ranks

    found: array[int] = part.made("ranks of names", make)
    return found


def without(order: Iterable[int], live: int) -> "array[int]":
    """An order without the slots that do not count."""
    wanted = Membership(live)
    return array("I", [slot for slot in order if slot in wanted])
