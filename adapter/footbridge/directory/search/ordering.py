"""The page of a question: the best classes of equals first, within a class the nearest, then by name, then by id."""

import heapq
from collections.abc import Sequence

from sqlalchemy import Connection, text

from footbridge.directory.search.bitmaps import bitmap_of, in_order
from footbridge.directory.search.dialect import entry_id
from footbridge.directory.search.geography import Point
from footbridge.directory.search.names import first_by_distance, first_by_name
from footbridge.directory.search.nearby import nearest
from footbridge.directory.search.snapshot import Snapshot


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
            ordered += first_by_name(connection, snapshot, rest, missing)
    return ordered, distances


def _by_distance(
    connection: Connection, snapshot: Snapshot, near: dict[int, tuple[float, bool]], count: int
) -> list[int]:
    """The nearest; those that are as far as is shown go by name."""
    far = {slot: round(kilometres, 1) for slot, (kilometres, _) in near.items()}
    if len(far) > count:
        furthest = heapq.nsmallest(count, far.values())[-1]
        far = {slot: kilometres for slot, kilometres in far.items() if kilometres <= furthest}
    return first_by_distance(connection, snapshot, far, count)


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
