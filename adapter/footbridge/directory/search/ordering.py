"""The page of a question: the best classes of equals first, within a class the nearest, then by name, then by id."""

import heapq
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, text

from footbridge.directory.search.bitmaps import Membership, bitmap_of, in_order, slots_of
from footbridge.directory.search.dialect import SLOT_MASK, entry_id, first_by_name, rows_of
from footbridge.directory.search.geography import Point
from footbridge.directory.search.nearby import FEW, nearest
from footbridge.directory.search.snapshot import Snapshot, SourceSnapshot

_STEP = 500  # rows that a walk in the order of names reads at once
_WALK = text(
    'SELECT id, sort, service FROM directory_entry WHERE "index" = :index'
    " AND (sort, service, id) > (:sort, :service, :id) ORDER BY sort, service, id LIMIT :step"
)


def page(
    connection: Connection, snapshot: Snapshot, criteria: Sequence[int], among: int, point: Point | None, upto: int
) -> tuple[list[int], dict[int, tuple[float, bool]]]:
    """The first ``upto`` slots of a set in order, and the distances of those that were measured."""
    ordered: list[int] = []
    distances: dict[int, tuple[float, bool]] = {}
    for equals in in_order(criteria, among):
        missing = upto - len(ordered)
        if missing <= 0:
            break
        if point is not None:
            near = nearest(connection, snapshot, point, equals, missing)
            distances.update(near)
            some = _by_distance(connection, snapshot, near, missing)
            ordered += some
            missing -= len(some)
            # Where there are fewer than were asked for, they are all that have a place.
            rest = equals & ~bitmap_of(list(near))
        else:
            rest = equals
        if missing > 0:
            ordered += by_name(connection, snapshot, rest, missing)
    return ordered, distances


def _by_distance(
    connection: Connection, snapshot: Snapshot, near: dict[int, tuple[float, bool]], count: int
) -> list[int]:
    """The nearest; those that are as far as is shown go by name."""
    far = {slot: round(kilometres, 1) for slot, (kilometres, _) in near.items()}
    if len(far) > count:
        furthest = heapq.nsmallest(count, far.values())[-1]
        far = {slot: kilometres for slot, kilometres in far.items() if kilometres <= furthest}
    names = _names(connection, snapshot, list(far))
    return sorted(far, key=lambda slot: (far[slot], *names[slot]))[:count]


def by_name(connection: Connection, snapshot: Snapshot, among: int, count: int) -> list[int]:
    """The first of a set in the order of names and ids."""
    if among.bit_count() <= FEW:
        entries = [snapshot.entry(slot) for slot in slots_of(among)]
        return [snapshot.slot_of(one >> 32, one & SLOT_MASK) for one in first_by_name(connection, entries, count)]
    found: list[int] = []
    walks = [_walk(connection, part, own, offset) for part, own, offset in snapshot.split(among)]
    for *_, slot in heapq.merge(*walks):
        found.append(slot)
        if len(found) == count:
            break
    return found


def _walk(connection: Connection, part: SourceSnapshot, among: int, offset: int) -> Iterator[tuple[str, str, int]]:
    wanted = Membership(among)
    last: dict[str, Any] = {"sort": "", "service": "", "id": 0}
    while True:
        rows = connection.execute(_WALK, {"index": part.index, "step": _STEP, **last}).all()
        for entry, sort, service in rows:
            slot = entry & SLOT_MASK
            if slot in wanted:
                yield sort, service, slot + offset
        if len(rows) < _STEP:
            return
        last = {"sort": rows[-1].sort, "service": rows[-1].service, "id": rows[-1].id}


def _names(connection: Connection, snapshot: Snapshot, slots: Sequence[int]) -> dict[int, tuple[str, str]]:
    rows = rows_of(connection, "id, sort, service", [snapshot.entry(slot) for slot in slots]) if slots else []
    return {snapshot.slot_of(entry >> 32, entry & SLOT_MASK): (sort, service) for entry, sort, service in rows}


def named(connection: Connection, snapshot: Snapshot, name: str) -> int:
    """The services whose folded name is this."""
    found = 0
    for part, offset in zip(snapshot.parts, snapshot.offsets, strict=False):
        live = part.part(connection, "sets").get("live", 0)
        rows = connection.execute(_NAMED, {"index": part.index, "sort": name})
        for entry in rows.scalars():
            slot = entry - entry_id(part.index, 0)
            found |= (live & 1 << slot) << offset
    return found


_NAMED = text('SELECT id FROM directory_entry WHERE "index" = :index AND sort = :sort')
