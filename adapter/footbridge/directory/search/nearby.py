"""Which services are within a radius, and which of many are the nearest.

Few services are measured one by one. Of many the database gives those in a box; what lies within a square inside of
the circle is not measured at all.
"""

import math
from collections import defaultdict

from sqlalchemy import Connection

from footbridge.directory.search.bitmaps import bitmap_of, slots_of
from footbridge.directory.search.dialect import points_in
from footbridge.directory.search.geography import Box, Point, boxes_around, distance
from footbridge.directory.search.query import FURTHEST_KM
from footbridge.directory.search.snapshot import Snapshot, SourceSnapshot

FEW = 1500  # services that are measured one by one
_FLAT = 1000.0  # km within which the Earth is flat enough for that square
_INNER = 0.7  # of the radius: half the side of a square whose corners stay inside of the circle


def within(connection: Connection, snapshot: Snapshot, point: Point, radius: float, among: int) -> int:
    """Those of a set with a site, or the town of one whose point is not known, within a radius in km."""
    found = 0
    if among.bit_count() <= FEW:
        for part, own, offset in snapshot.split(among):
            measured = part.distances(connection, point, slots_of(own))
            found |= bitmap_of([slot for slot, far, _ in measured if far <= radius]) << offset
        return found
    for part, own, offset in snapshot.split(among):
        found |= _in_circle(connection, part, point, radius, own) << offset
    return found


def _in_circle(connection: Connection, part: SourceSnapshot, point: Point, radius: float, among: int) -> int:
    boxes = boxes_around(point, radius)
    inner = _square(point, radius) if len(boxes) == 1 else None
    found = doubtful = 0
    for box in boxes:
        sure, others = points_in(connection, part.index, box, inner)
        found |= bitmap_of(sure)
        doubtful |= bitmap_of(others)
    measured = part.distances(connection, point, slots_of(doubtful & among & ~found))
    found |= bitmap_of([slot for slot, far, _ in measured if far <= radius])
    for where, services in _about(connection, part).items():
        if abs(where.latitude - point.latitude) < radius / 100 and distance(point, where) <= radius:
            found |= services
    return found & among


def _square(point: Point, radius: float) -> Box | None:
    if radius > _FLAT:
        return None
    reach = radius * _INNER / 111.2
    narrow = math.cos(math.radians(min(abs(point.latitude - reach), abs(point.latitude + reach))))
    wide = math.cos(math.radians(max(abs(point.latitude - reach), abs(point.latitude + reach))))
    if wide < 0.1:
        return None  # too near a pole
    east = reach / narrow
    return Box(point.latitude - reach, point.latitude + reach, point.longitude - east, point.longitude + east)


def _about(connection: Connection, part: SourceSnapshot) -> dict[Point, int]:
    """The services of each place that stands for their own, which is not known."""

    def make() -> dict[Point, int]:
        slots_at: defaultdict[Point, list[int]] = defaultdict(list)
        for slot, latitude, longitude in zip(*part.part(connection, "about"), strict=True):
            slots_at[Point(latitude, longitude)].append(slot)
        return {point: bitmap_of(slots) for point, slots in slots_at.items()}

    found: dict[Point, int] = part.made("about by point", make)
    return found


def nearest(
    connection: Connection, snapshot: Snapshot, point: Point, among: int, count: int
) -> dict[int, tuple[float, bool]]:
    """At least the ``count`` nearest of a set (fewer where fewer have a place): kilometres, and whether exact."""
    among &= snapshot.set(connection, "placed")
    radius = 1.0
    if among.bit_count() > FEW:
        while radius < FURTHEST_KM:
            near = within(connection, snapshot, point, radius, among)
            if near.bit_count() >= count:
                among = near
                break
            radius *= 2.5
    found: dict[int, tuple[float, bool]] = {}
    for part, own, offset in snapshot.split(among):
        for slot, far, exact in part.distances(connection, point, slots_of(own)):
            found[slot + offset] = (far, exact)
    return found
