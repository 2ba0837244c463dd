"""Where "near" is: coordinates, a postal code or a town, as the directory's own records or a gazetteer know it.

A place that nobody knows is still a name: the services whose area has that name are found, and the answer says so.
Gazetteer files have the form of https://download.geonames.org/export/zip/readme.txt (postal codes) or
https://download.geonames.org/export/dump/readme.txt (towns), and are read by ``gazetteer``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy import Connection

from footbridge.directory.search.geography import (
    Point,
    PostalCode,
    area_keys,
    coordinates,
    country_of,
    distance,
    is_on_earth,
    key_of,
    postal_code,
    region_of,
)
from footbridge.directory.search.known_places import (
    Row,
    Unlocated,
    commonest,
    country_of_region,
    gazetteer,
    own,
    regions_near,
    unlocated,
)
from footbridge.directory.search.snapshot import Snapshot

NEAREST_TOWN = 25.0  # km from coordinates or a postal code within which a town's name stands for it
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that was understood.

    Attributes:
        name: as people call it.
        how: ``coordinates``, ``postal-code``, ``postal-area``, ``town``, ``corrected-town``, ``town-unlocated``,
            ``region``, ``service-area`` or ``unknown``; words for people are in ``reasons.json``.
        point: where it is; None where that is not known.
        keys: of the service areas that hold it.
        country, region: codes; empty where not known.
        area: what a count of unmet need may say: a town or the first part of a postal code, never more.
        town: the key of the town that it is, or is in; empty where not known.
        neighbours: codes of the provinces and states that have a town near.
    """

    name: str
    how: str
    point: Point | None
    keys: frozenset[str]
    country: str = ""
    region: str = ""
    area: str = ""
    town: str = ""
    neighbours: frozenset[str] = frozenset()

    def has(self, town: str, region: str) -> bool:
        """Whether an address in a town and region (may be empty) is in the town that this is, or is in."""
        return bool(self.town) and town == self.town and (not region or not self.region or region == self.region)


def find_place(connection: Connection, tenant: str, snapshot: Snapshot, text: str | tuple[float, float]) -> FoundPlace:
    """Understand a place: ``(lat, lon)``, ``43.65,-79.38``, ``M5V 2T6``, ``M5V``, ``Sudbury``, ``Sudbury, ON``."""
    found = _find(connection, tenant, snapshot, text)
    if found.point is None:
        return found
    return replace(found, neighbours=regions_near(connection, snapshot, found.point))


def _find(connection: Connection, tenant: str, snapshot: Snapshot, text: str | tuple[float, float]) -> FoundPlace:
    if isinstance(text, tuple):
        if not is_on_earth(*text):
            return FoundPlace("", "unknown", None, frozenset())
        return _at(connection, tenant, snapshot, Point(*text))
    text = text[:_LONGEST].replace("\0", " ").strip()
    if (numbers := coordinates(text)) and is_on_earth(*numbers):
        return _at(connection, tenant, snapshot, Point(*numbers))
    code = postal_code(text)
    if code is not None:
        return _by_code(connection, tenant, snapshot, code)
    return _by_name(connection, tenant, snapshot, text)


def _at(connection: Connection, tenant: str, snapshot: Snapshot, point: Point) -> FoundPlace:
    town = _nearest_town(connection, snapshot, point)
    name = f"{point.latitude:g}, {point.longitude:g}"
    if town is None:
        return FoundPlace(name, "coordinates", point, frozenset())
    return FoundPlace(
        name, "coordinates", point, _keys(connection, tenant, town.key, town.region, town.country, town.county),
        town.country or country_of_region(town.region), town.region, town.name, town.key,
    )  # fmt: skip


def _nearest_town(connection: Connection, snapshot: Snapshot, point: Point) -> Row | None:
    near = [(distance(point, town.point), town.key, town) for town in own(connection, snapshot, "town")
            if abs(town.point.latitude - point.latitude) < 1]  # fmt: skip
    best = min(near, key=lambda one: one[:2], default=None)
    return best[2] if best and best[0] <= NEAREST_TOWN else None


def _by_code(connection: Connection, tenant: str, snapshot: Snapshot, code: PostalCode) -> FoundPlace:
    wanted = [("postal-code", "code", code.code.lower())] if code.code else []
    wanted.append(("postal-area", "area", code.area.lower()))
    for how, kind, key in wanted:
        rows = [row for row in own(connection, snapshot, kind) if row.key == key] or gazetteer(
            connection, tenant, kind, key
        )
        row = max(rows, key=lambda one: (one.weight, one.region), default=None)
        if row is not None:
            town = row.town or key_of(row.name)
            keys = _keys(connection, tenant, town, row.region or code.region, code.country, row.county)
            return FoundPlace(
                _shown(code, how), how, row.point, keys | {code.area.lower()}, code.country, row.region or code.region,
                code.area, town,
            )  # fmt: skip
    for _how, kind, key in wanted:
        if one := commonest(unlocated(connection, snapshot, kind), key, code.region, code.country):
            region = one.region or code.region
            keys = _keys(connection, tenant, one.town, region, code.country, "")
            if towns := _towns(connection, tenant, snapshot, one.town, region, code.country):
                best = max(towns, key=lambda row: (row.weight, row.region))
                shown = f"{_shown(code, 'postal-code')}, {best.name}"
                return FoundPlace(
                    shown, "town", best.point, keys | {code.area.lower()}, code.country, region, code.area, best.key
                )
            return FoundPlace(
                _shown(code, "postal-code"), "town-unlocated", None, keys | {code.area.lower()}, code.country,
                one.region or code.region, code.area, one.town,
            )  # fmt: skip
    keys = _keys(connection, tenant, "", code.region, code.country, "") | {code.area.lower()}
    how = _how_by_area(connection, snapshot, keys)
    return FoundPlace(_shown(code, "postal-code"), how, None, keys, code.country, code.region, code.area)


def _shown(code: PostalCode, how: str) -> str:
    if not code.code or how == "postal-area":
        return code.area if code.country != "US" else code.code or code.area
    return f"{code.area} {code.code[len(code.area) :]}" if code.country != "US" else code.code


def _by_name(connection: Connection, tenant: str, snapshot: Snapshot, text: str) -> FoundPlace:
    head, region, country = _parsed(text)
    key = key_of(head)
    if not key:
        return FoundPlace(text, "unknown", None, frozenset())
    found, how = _towns(connection, tenant, snapshot, key, region, country), "town"
    if not found and (place := region_of(head)):
        return FoundPlace(head, "region", None, frozenset({key, place[0].lower()}), *place, town=key)
    if not found and (one := commonest(unlocated(connection, snapshot, "town"), key, region, country)):
        return _unlocated_town(connection, tenant, one, country)
    if not found:
        key = _corrected(connection, snapshot, key, region)
        found, how = _towns(connection, tenant, snapshot, key, region, country) if key else [], "corrected-town"
        one = commonest(unlocated(connection, snapshot, "town"), key, region, country) if key else None
        if one is not None and not found:
            return _unlocated_town(connection, tenant, one, country)
    if found:
        town = max(found, key=lambda one: (one.weight, one.region))
        keys = _keys(connection, tenant, town.key, town.region, town.country, town.county)
        shown = f"{town.name}, {town.region}" if town.region else town.name
        return FoundPlace(
            shown,
            how,
            town.point,
            keys,
            town.country or country_of_region(town.region),
            town.region,
            town.name,
            town.key,
        )
    around = _keys(connection, tenant, "", region, country, "")
    keys = frozenset(area_keys(head)) | around
    return FoundPlace(head, _how_by_area(connection, snapshot, keys), None, keys, country, region, head[:120])


def _parsed(text: str) -> tuple[str, str, str]:
    """A town with the codes of its region and country, where the text names them after a comma."""
    head, *rest = [part.strip() for part in text.split(",") if part.strip()] or [text]
    region = country = ""
    for part in rest:
        if place := region_of(part):
            country, region = place
        elif found := country_of(part):
            country = found
    if not rest and " " in head:  # "Sudbury ON"
        town, _, last = head.rpartition(" ")
        if last.isupper() and (place := region_of(last)):
            return town, place[1], place[0]
    return head, region, country


def _towns(connection: Connection, tenant: str, snapshot: Snapshot, key: str, region: str, country: str) -> list[Row]:
    theirs = [row for row in own(connection, snapshot, "town") if row.key == key]
    for rows in (theirs, gazetteer(connection, tenant, "town", key)):
        fit = [row for row in rows if region in ("", row.region) and country in ("", _country_of(row))]
        if fit:
            return fit
    return []


def _country_of(row: Row) -> str:
    return row.country or country_of_region(row.region)


def _unlocated_town(connection: Connection, tenant: str, one: "Unlocated", country: str) -> FoundPlace:
    """A town that records name, and nobody says where it is."""
    keys = _keys(connection, tenant, one.key, one.region, country, "")
    shown = f"{one.name}, {one.region}" if one.region else one.name
    country = country or country_of_region(one.region)
    return FoundPlace(shown, "town-unlocated", None, keys, country, one.region, one.name, one.key)


def _corrected(connection: Connection, snapshot: Snapshot, key: str, region: str) -> str:
    if len(key) < 4:
        return ""
    weight: dict[str, int] = {}
    rows: list[Row | Unlocated] = [
        *own(connection, snapshot, "town"),
        *unlocated(connection, snapshot, "town"),
    ]
    for row in rows:
        if not region or row.region == region:
            weight[row.key] = weight.get(row.key, 0) + row.weight
    most = 2 if len(key) >= 7 else 1
    near = process.extract(key, sorted(weight), scorer=OSA.distance, score_cutoff=most, limit=None, processor=None)
    best = min(((errors, -weight[other], other) for other, errors, _ in near), default=None)
    return best[2] if best else ""


def _keys(connection: Connection, tenant: str, town: str, region: str, country: str, county: str) -> frozenset[str]:
    """Keys of the service areas that hold a town: itself, its county (where a gazetteer tells), region and country."""
    if town and not county:
        county = next((row.county for row in gazetteer(connection, tenant, "town", town) if row.region == region), "")
    country = country or country_of_region(region)
    keys = {town, key_of(county) if county else "", country.lower()}
    if region and country:
        keys.add(f"{country}-{region}".lower())
    return frozenset(keys - {""})


def _how_by_area(connection: Connection, snapshot: Snapshot, keys: Iterable[str]) -> str:
    served = any(key in part.part(connection, "areas") for part in snapshot.parts for key in keys)
    return "service-area" if served else "unknown"
