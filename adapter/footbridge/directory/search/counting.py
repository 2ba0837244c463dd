"""Counts the services of a snapshot as they go by, and packs what was counted; its parts stand in ``publish``."""

import functools
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from statistics import median
from typing import Any

import orjson

from footbridge.directory.packed_json import as_json
from footbridge.directory.search.bitmaps import bitmap_of
from footbridge.directory.search.geography import postal_code
from footbridge.directory.search.packing import pack, pack_column

MOST_MONTHS = 1800  # an age that nobody exceeds
_ENOUGH = 200  # records that describe a place


class Counted:
    """What is counted while the services of a snapshot go by."""

    def __init__(self) -> None:
        self.count = 0
        self._sets: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        self._areas: defaultdict[str, list[int]] = defaultdict(list)
        self._populations: defaultdict[str, list[int]] = defaultdict(list)
        self._labels: dict[str, str] = {}
        self._groups: tuple[array[int], array[int]] = (array("Q"), array("I"))
        self._rules: dict[bytes, int] = {b"": 0}
        self._towns: dict[tuple[str, ...], int] = {(): 0}
        self._hours, self._town = Column("I"), Column("I")
        self._verified, self._youngest, self._oldest = Column("I"), Column("H"), Column("H")
        self._points = Points()
        self._unlocated: list[tuple[int, list[list[Any]]]] = []
        self._places: dict[tuple[str, str, str], Place] = {}

    def add(self, slot: int, data: Mapping[str, Any]) -> None:
        """Count one service; ``data`` as ``prepare`` makes it."""
        self.count += 1
        for name in _set_names(data):
            self._sets[name].append(slot)
        if rules := data.get("h"):
            known = as_json([rules, data.get("hx", 0)])
            self._hours.put(slot, self._rules.setdefault(known, len(self._rules)))
        if verified := _ordinal(data.get("v")):
            self._verified.put(slot, verified)
        if ages := data.get("a"):
            youngest, oldest = ages
            self._sets["aged"].append(slot)
            self._youngest.put(slot, _months(youngest, 0))
            self._oldest.put(slot, _first_too_old(oldest))
        for _, keys in data.get("z", ()):
            for key in keys:
                self._areas[key].append(slot)
        for code, label in data.get("p", ()):
            self._populations[code].append(slot)
            self._labels.setdefault(code, label)
        for key in data.get("g", ()):
            self._groups[0].append(key)
            self._groups[1].append(slot)
        self._add_sites(slot, data)

    def _add_sites(self, slot: int, data: Mapping[str, Any]) -> None:
        sites = data.get("s", [])
        towns = tuple(sorted({f"{key}|{region}" for key, _, region, *_ in sites if key}))
        if towns:
            self._town.put(slot, self._towns.setdefault(towns, len(self._towns)))
        for latitude, longitude in data.get("q", ()):
            self._points.put(slot, latitude, longitude)
        for key, name, region, code, latitude, longitude in sites:
            point = None if latitude is None else (latitude, longitude)
            self._place(("town", key, region), name, key, point)
            read = postal_code(code) if code else None
            if read is not None:
                self._place(("area", read.area.lower(), read.region or region), name or read.area, key, point)
                if read.code:
                    self._place(("code", read.code.lower(), read.region or region), name or read.code, key, point)
        if sites and not data.get("q"):
            self._unlocated.append((slot, sites))

    def _place(self, place: tuple[str, str, str], name: str, town: str, point: tuple[float, float] | None) -> None:
        if not place[1]:
            return
        found = self._places.setdefault(place, Place())
        found.weight += 1
        if len(found.names) < _ENOUGH:
            found.names.append((sys.intern(name), sys.intern(town)))
        if point is not None and len(found.points) < _ENOUGH:
            found.points.append(point)

    def live(self) -> int:
        """The bitmap of all that were counted."""
        return bitmap_of(self._sets["live"])

    def parts(self) -> dict[str, bytes]:
        """The parts of the snapshot by name."""
        size = 1 + max(self._sets["live"], default=-1)
        places = {
            kind: [
                [key, region, *place.described()]
                for (found, key, region), place in sorted(self._places.items())
                if found == kind
            ]
            for kind in ("town", "area", "code")
        }
        about = self._about(places)
        self._sets["placed"] = array("I", sorted({*self._points.slots, *about.slots}))
        return {
            "sets": pack({name: f"{bitmap_of(slots):x}" for name, slots in self._sets.items()}),
            "hours": self._hours.packed(size),
            "hour-rules": pack([orjson.loads(rules) if rules else None for rules in self._rules]),
            "towns": self._town.packed(size),
            "town-sets": pack([list(towns) for towns in self._towns]),
            "town-names": pack(self._town_names()),
            "verified": self._verified.packed(size),
            "youngest": self._youngest.packed(size),
            "oldest": self._oldest.packed(size),
            "points": self._points.packed(),
            "about": about.packed(),
            "areas": pack(self._areas),
            "populations": pack([[code, self._labels[code], slots] for code, slots in self._populations.items()]),
            "places": pack(places),
            "groups": pack([list(column) for column in self._groups]),
        }

    def _town_names(self) -> dict[str, str]:
        return {
            f"{key}|{region}": place.described()[0]
            for (kind, key, region), place in self._places.items()
            if kind == "town"
        }

    def _about(self, places: Mapping[str, Iterable[list[Any]]]) -> "Points":
        """Slot, latitude and longitude for services whose sites have a town or postal code, but no point."""
        known = {
            (kind, one[0], one[1]): (one[4], one[5])
            for kind, some in places.items()
            for one in some
            if one[4] is not None
        }
        found: set[tuple[int, float, float]] = set()
        for slot, sites in self._unlocated:
            for key, _, region, code, *_ in sites:
                read = postal_code(code) if code else None
                area = known.get(("area", read.area.lower(), read.region or region)) if read else None
                point = area or known.get(("town", key, region))
                if point:
                    found.add((slot, *point))
        about = Points()
        for one in sorted(found):
            about.put(*one)
        return about


def _set_names(data: Mapping[str, Any]) -> Iterator[str]:
    yield "live"
    for code in dict.fromkeys(code for code, *_ in data.get("c", ())):
        yield f"category:{code}"
    for code in {code for code, basis, _ in data.get("c", ()) if basis != "keyword"}:
        yield f"sure:{code}"
    for code in data.get("l", ()):
        yield f"language:{code}"
    for code in data.get("t", ()):
        yield f"interpretation:{code}"
    yield f"cost:{data['f']}"
    yield f"canRefer:{'true' if data.get('r') else 'false'}"
    yield f"capacity:{data['k']}"
    if data.get("e"):
        yield f"written:{data['e']}"
    if data.get("m"):
        yield "remote"
    if data.get("w") and not data.get("z"):
        yield "withheld"
        if data.get("wr"):
            yield f"withheld-in:{data['wr']}"
    if data.get("p"):
        yield "for-group"


@functools.lru_cache(maxsize=4_096)
def _ordinal(text: object) -> int:
    try:
        return date.fromisoformat(str(text)).toordinal()
    except ValueError:
        return 0


def _first_too_old(years: float | None) -> int:
    """The first month of age beyond a highest age: 17 is until the 18th birthday, half a year is that month."""
    if years is None:
        return MOST_MONTHS
    return _months(years + 1, 0) if float(years).is_integer() else _months(years, 0) + 1


def _months(years: float | None, default: int) -> int:
    return default if years is None else max(0, min(MOST_MONTHS, round(years * 12)))


class Column:
    """Numbers by slot; a slot that was not put has 0."""

    def __init__(self, kind: str) -> None:
        self._numbers: array[int] = array(kind)

    def put(self, slot: int, number: int) -> None:
        """Set the number of a slot."""
        if slot >= len(self._numbers):
            self._numbers.extend(array(self._numbers.typecode, bytes(self._numbers.itemsize * (slot + 1000))))
        self._numbers[slot] = number

    def packed(self, size: int) -> bytes:
        """The numbers of as many slots."""
        self.put(size, 0)
        return pack_column(self._numbers[:size])


class Points:
    """Where slots are, in columns: there are a hundred thousand of them."""

    def __init__(self) -> None:
        self.slots: array[int] = array("I")
        self._latitudes, self._longitudes = array("d"), array("d")

    def put(self, slot: int, latitude: float, longitude: float) -> None:
        """Add one; slots ascend."""
        self.slots.append(slot)
        self._latitudes.append(latitude)
        self._longitudes.append(longitude)

    def packed(self) -> bytes:
        """The columns."""
        return pack([list(column) for column in (self.slots, self._latitudes, self._longitudes)])


class Place:
    """A place as the records of a source describe it."""

    __slots__ = ("names", "points", "weight")

    def __init__(self) -> None:
        self.weight = 0
        self.names: list[tuple[str, str]] = []
        self.points: list[tuple[float, float]] = []

    def described(self) -> tuple[str, str, float | None, float | None, int]:
        """Its commonest name and town, the median of its points, and how many sites are there."""
        name, town = map(_commonest, zip(*self.names, strict=True))
        if not self.points:
            return name, town, None, None, self.weight
        latitudes, longitudes = zip(*self.points, strict=True)
        return name, town, round(median(latitudes), 6), round(median(longitudes), 6), self.weight


def _commonest(texts: Iterable[str]) -> str:
    counts = Counter(texts)
    return min(counts, key=lambda one: (-counts[one], one))
