"""Points on the Earth, and how far they are from each other. No database, no network."""

import math
from typing import NamedTuple

EARTH = 6371.0088  # km, mean radius: https://www.iugg.org/


class Point(NamedTuple):
    """Degrees north and east."""

    latitude: float
    longitude: float


def distance(one: Point, other: Point) -> float:
    """Kilometres between two points along a great circle."""
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    half_north = math.sin((south - north) / 2)
    half_east = math.sin(math.radians(other.longitude - one.longitude) / 2)
    square = half_north * half_north + math.cos(north) * math.cos(south) * half_east * half_east
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(square)))
