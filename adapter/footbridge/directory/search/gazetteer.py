"""Reads files of places in the form of GeoNames, for postal codes and towns that the directory's records do not have.

Tab-separated, without a header, in UTF-8: postal codes (12 columns,
https://download.geonames.org/export/zip/readme.txt) or towns (19 columns,
https://download.geonames.org/export/dump/readme.txt). Which one it is, the number of columns tells. A file may be a
gigabyte: it is read line by line, and written in batches.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select

from footbridge.directory.errors import DirectoryError
from footbridge.directory.search.geography import geonames_region, is_on_earth, key_of, postal_code
from footbridge.i18n import _
from footbridge.store.dialect import inserting
from footbridge.store.engine import Database
from footbridge.store.tables.directory_search import directory_place

BATCH = 1000  # places of one transaction
_POSTAL, _TOWNS = 12, 19  # columns
_LONGEST_LINE = 100_000  # characters; towns have up to 10,000 of other names

_UPSERT = inserting(
    directory_place,
    lambda statement: statement.on_conflict_do_update(
        index_elements=[column.name for column in directory_place.primary_key],
        set_={name: statement.excluded[name] for name in ("name", "county", "latitude", "longitude", "weight")},
    ),
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file gave: places written, and lines that were left out because they are not in the form."""

    places: int
    skipped: int


def load_places(database: Database, tenant: str, lines: Iterable[str]) -> Loaded:
    """Add the places of a file to those that a tenant has; one that is there already is replaced.

    Raises:
        DirectoryError: no line has the form; nothing was written.
    """
    places = skipped = 0
    batch: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in _rows(tenant, lines):
        if row is None:
            skipped += 1
            if not places and not batch and skipped >= BATCH:
                break
            continue
        key = (row["key"], row["kind"], row["country"], row["region"])
        known = batch.get(key)
        if known is None or known["weight"] < row["weight"]:
            batch[key] = row
        if len(batch) == BATCH:
            places += _write(database, batch)
    places += _write(database, batch)
    if not places and skipped:
        raise DirectoryError(
            _(
                "The file of places has no line in the form of GeoNames: it needs 12 columns (postal "
                "codes) or 19 (towns), separated by tabs, without a header."
            )
        )
    return Loaded(places, skipped)


def forget_places(connection: Connection, tenant: str) -> int:
    """Remove all places that files gave a tenant; how many there were."""
    same = directory_place.c.tenant == tenant
    count = connection.scalar(select(func.count()).select_from(directory_place).where(same)) or 0
    connection.execute(delete(directory_place).where(same))
    return count


def _write(database: Database, batch: dict[tuple[Any, ...], dict[str, Any]]) -> int:
    if not batch:
        return 0
    with database.write() as connection:
        connection.execute(_UPSERT[connection.dialect.name], list(batch.values()))
    written = len(batch)
    batch.clear()
    return written


def _rows(tenant: str, lines: Iterable[str]) -> Iterator[dict[str, Any] | None]:
    for line in lines:
        if not line.rstrip("\r\n"):
            continue
        columns = line[:_LONGEST_LINE].replace("\0", "").rstrip("\r\n").split("\t")
        read = _postal(columns) if len(columns) == _POSTAL else _town(columns) if len(columns) == _TOWNS else None
        if not read:
            yield None
            continue
        for row in read:
            yield {"tenant": tenant, **row}


def _postal(columns: Sequence[str]) -> list[dict[str, Any]]:
    """A postal code, and the town that it belongs to."""
    country, code, name, _, region, county, *_ = columns
    point = _point(columns[9], columns[10])
    read = postal_code(code)
    if point is None or read is None or len(country) != 2:
        return []
    shown = _town_name(name)
    same = {
        "country": country.upper(), "region": geonames_region(country.upper(), region)[:20], "county": county[:200],
        "latitude": point[0], "longitude": point[1],
    }  # fmt: skip
    kind, key = ("code", read.code.lower()) if read.code else ("area", read.area.lower())
    rows = [{"key": key, "kind": kind, "name": shown, "weight": 1, **same}]
    if town := key_of(shown):
        rows.append({"key": town[:120], "kind": "town", "name": shown, "weight": 1, **same})
    return rows


def _town_name(name: str) -> str:
    """The town of a delivery area: ``Toronto (Downtown)`` and ``Ottawa East`` are kept as far as the bracket."""
    return name.partition("(")[0].strip()[:200] or name[:200]


def _town(columns: Sequence[str]) -> list[dict[str, Any]]:
    """A town; other feature classes (hills, lakes) are no places where people live."""
    name, point = columns[1], _point(columns[4], columns[5])
    if point is None or columns[6] != "P" or len(columns[8]) != 2:
        return []
    key = key_of(name)
    if not key:
        return []
    country = columns[8].upper()
    people = min(int(columns[14]), 2**31 - 1) if columns[14].isdecimal() and len(columns[14]) < 12 else 0
    return [
        {"key": key[:120], "kind": "town", "country": country, "region": geonames_region(country, columns[10])[:20],
         "name": name[:200], "county": "", "latitude": point[0], "longitude": point[1], "weight": people}
    ]  # fmt: skip


def _point(latitude: str, longitude: str) -> tuple[float, float] | None:
    try:
        point = (float(latitude), float(longitude))
    except ValueError:
        return None
    return point if is_on_earth(*point) else None
