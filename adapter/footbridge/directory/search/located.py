"""Towns that a source names without coordinates are where the tenant's own files of places say.

Many records have an address and no coordinates. A snapshot holds what a source says; what the gazetteer adds stands
beside it in the process that searches, so that a file of places helps the directory that is there already.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, select

from footbridge.directory.search.bitmaps import bitmap_of, slots_of, values_of
from footbridge.store.tables.directory_search import directory_place

_AT_ONCE = 500  # keys of towns in one statement
_PLACE = directory_place.c
_ANY = select(_PLACE.key)
Town = tuple[str, str]
"""Key and region; the region may be empty."""


class Part(Protocol):
    """The snapshot of a source, as far as it is looked at here."""

    def part(self, connection: Connection, name: str) -> Any:  # noqa: ANN401 - each part has a form of its own
        """A part by name."""

    def replace(self, name: str, value: Any) -> None:  # noqa: ANN401 - as above
        """Put another in its place."""


def has_places(connection: Connection, tenant: str) -> bool:
    """Whether a tenant has any place of a file."""
    return connection.execute(_ANY.where(_PLACE.tenant == tenant).limit(1)).first() is not None


def locate(connection: Connection, tenant: str, part: Part) -> None:
    """Add the points of towns to a snapshot: to the places that it knows, and to services that have no other point."""
    places: Mapping[str, list[list[Any]]] = part.part(connection, "places")
    missing = {(row[0], row[1]) for row in places["town"] if row[4] is None}
    points = _points(connection, tenant, missing)
    if not points:
        return
    towns = [[*row[:4], *points[row[0], row[1]], row[6]] if _is_new(row, points) else row for row in places["town"]]
    part.replace("places", {**places, "town": towns})
    sets: Mapping[str, int] = part.part(connection, "sets")
    among = sets.get("live", 0) & ~sets.get("placed", 0)
    found = _services(part.part(connection, "town-sets"), part.part(connection, "towns"), among, points)
    old = part.part(connection, "about")
    rows = sorted([*zip(*old, strict=True), *found])
    part.replace("about", tuple(array(kind, column) for kind, column in zip("Idd", _columns(rows), strict=True)))
    part.replace("sets", {**sets, "placed": sets.get("placed", 0) | bitmap_of([slot for slot, *_ in found])})


def _is_new(row: list[Any], points: Mapping[Town, tuple[float, float]]) -> bool:
    return row[4] is None and (row[0], row[1]) in points


def _columns(rows: list[tuple[int, float, float]]) -> Iterable[Iterable[Any]]:
    return zip(*rows, strict=True) if rows else ((), (), ())


def _points(connection: Connection, tenant: str, towns: set[Town]) -> dict[Town, tuple[float, float]]:
    by_key: dict[str, list[Any]] = {}
    every = sorted({key for key, _ in towns})
    for start in range(0, len(every), _AT_ONCE):
        rows = connection.execute(
            select(_PLACE.key, _PLACE.region, _PLACE.weight, _PLACE.latitude, _PLACE.longitude).where(
                _PLACE.tenant == tenant, _PLACE.kind == "town", _PLACE.key.in_(every[start : start + _AT_ONCE])
            )
        )
        for row in rows:
            by_key.setdefault(row.key, []).append(row)
    found = {}
    for key, region in sorted(towns):
        fit = [row for row in by_key.get(key, ()) if region in ("", row.region)]
        if fit:
            best = max(fit, key=lambda row: (row.weight, row.region))
            found[key, region] = (best.latitude, best.longitude)
    return found


def _services(
    sets: list[list[str]],
    column: Sequence[int],
    among: int,
    points: Mapping[Town, tuple[float, float]],
) -> list[tuple[int, float, float]]:
    """Slot, latitude and longitude of services that have a town with a point."""
    of_set: list[list[tuple[float, float]]] = []
    for towns in sets:
        named = [tuple(town.rpartition("|")[::2]) for town in towns]
        of_set.append([points[key, region] for key, region in named if (key, region) in points])
    numbers = values_of(among, column)
    return [(slot, *point) for slot, number in zip(slots_of(among), numbers, strict=True) for point in of_set[number]]
