"""Places as the directory's own records, and the files of places of a tenant, know them: see ``places``."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from footbridge.directory.search.geography import Point, distance, key_of, region_of
from footbridge.directory.search.query import NEAR_KM
from footbridge.directory.search.snapshot import Snapshot
from footbridge.store.tables.directory_search import directory_place


@dataclass(frozen=True, slots=True)
class Row:
    """A place with a point, as records or a file of places have it."""

    key: str
    region: str
    name: str
    town: str
    point: Point
    weight: int
    country: str = ""
    county: str = ""


@dataclass(frozen=True, slots=True)
class Unlocated:
    """A place without a point, as records name it."""

    key: str
    region: str
    name: str
    town: str
    weight: int


def own(connection: Connection, snapshot: Snapshot, kind: str) -> list[Row]:
    """The located places of the directory's own records."""
    found: list[Row] = []
    for part in snapshot.parts:
        found.extend(
            part.made(
                f"place {kind}",
                lambda part=part: [
                    Row(key, region, name, town, Point(latitude, longitude), weight)
                    for key, region, name, town, latitude, longitude, weight in part.part(connection, "places")[kind]
                    if latitude is not None
                ],
            )
        )
    return found


def unlocated(connection: Connection, snapshot: Snapshot, kind: str) -> list["Unlocated"]:
    """The places of the directory's own records of which none has coordinates."""
    found: list[Unlocated] = []
    for part in snapshot.parts:
        found.extend(
            part.made(
                f"unlocated {kind}",
                lambda part=part: [
                    Unlocated(key, region, name, town, weight)
                    for key, region, name, town, latitude, _, weight in part.part(connection, "places")[kind]
                    if latitude is None
                ],
            )
        )
    return found


def commonest(rows: Iterable["Unlocated"], key: str, region: str, country: str) -> "Unlocated | None":
    """The one of this key that most records name, in a region and country where these are known."""
    fit = [
        row
        for row in rows
        if row.key == key
        and row.town
        and (not region or row.region in ("", region))
        and country in ("", country_of_region(row.region) or country)
    ]
    return max(fit, key=lambda one: (one.weight, one.region), default=None)


def gazetteer(connection: Connection, tenant: str, kind: str, key: str) -> list[Row]:
    """The places of a key in the tenant's files."""
    place = directory_place.c
    rows = connection.execute(
        select(directory_place).where(place.tenant == tenant, place.kind == kind, place.key == key)
    )
    return [
        Row(row.key, row.region, row.name, row.key if kind == "town" else key_of(row.name),
             Point(row.latitude, row.longitude), row.weight, row.country, row.county)
        for row in rows
    ]  # fmt: skip


def country_of_region(region: str) -> str:
    """The country of a province or state; empty where it is not known."""
    place = region_of(region) if region else None
    return place[0] if place else ""


def regions_near(connection: Connection, snapshot: Snapshot, point: Point) -> frozenset[str]:
    """The provinces and states that have a town near a point, as the records say."""
    return frozenset(
        town.region
        for town in own(connection, snapshot, "town")
        if abs(town.point.latitude - point.latitude) < 1 and distance(town.point, point) <= NEAR_KM
    )
