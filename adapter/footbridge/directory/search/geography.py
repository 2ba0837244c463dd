"""Names of places as keys, postal codes, regions, and distances on the Earth. No database.

A key is a folded name without the words that say what kind of place it is: ``City of Greater Sudbury`` and
``Grand Sudbury`` have the key ``sudbury``. Tables: ``mappings/directory/search/regions.json``.
"""

import functools
import math
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from footbridge.data import read_json
from footbridge.directory.search.words import words
from footbridge.model.earth import EARTH, Point, distance

__all__ = [
    "Box",
    "Point",
    "PostalCode",
    "area_keys",
    "boxes_around",
    "coordinates",
    "country_of",
    "distance",
    "geonames_region",
    "is_on_earth",
    "key_of",
    "postal_code",
    "region_of",
]

DEGREE = math.pi * EARTH / 180  # km of a degree of latitude

_COORDINATES = re.compile(
    r"\s*(?:geo:)?([+-]?\d{1,3}(?:\.\d+)?)\s*°?\s*([NS]?)\s*[,; ]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*°?\s*([EWO]?)\s*",
    re.IGNORECASE,
)
_CANADIAN = re.compile(r"([a-z]\d[a-z])\s*-?\s*(\d[a-z]\d)?", re.IGNORECASE)
_SLIPS = re.compile(r"([a-z])([\doil])([a-z])(\s*-?\s*)([\doil])([a-z])([\doil])", re.IGNORECASE)
_DIGITS = str.maketrans("OoIiLl", "001111")
_AMERICAN = re.compile(r"(\d{5})(?:-?\d{4})?")
_BROAD = re.compile(r"[a-z]{2}(-[a-z]{2,3})?")  # the key of a country, or of a region
_LEVELS = re.compile(r"\s[-–—>]\s")
_BRITISH = re.compile(r"([a-z]{1,2}\d[a-z\d]?)\s*(\d[a-z]{2})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PostalCode:
    """A postal code: ``code`` in full without spaces (empty: only its first part is known), ``area`` its first part."""

    code: str
    area: str
    country: str
    region: str  # "" where the code does not say


@functools.lru_cache(maxsize=1 << 14)
def postal_code(text: str) -> PostalCode | None:
    """Read a Canadian, US or UK postal code, whole or its first part; None for what is not one."""
    text = text.strip()
    # No code has O or I; for 0 and 1 people type them. Tofino is a town.
    if (match := _SLIPS.fullmatch(text)) and not text.isalpha():
        text = "".join(
            one.translate(_DIGITS) if place in (1, 4, 6) else one for place, one in enumerate(match.groups())
        )
    if match := _CANADIAN.fullmatch(text):
        area, rest = match[1].upper(), (match[2] or "").upper()
        region = _table()["postalRegions"].get(area[0])
        if region is not None:
            return PostalCode(area + rest if rest else "", area, "CA", region)
    if match := _AMERICAN.fullmatch(text):
        return PostalCode(match[1], match[1][:3], "US", "")
    if match := _BRITISH.fullmatch(text):
        area, rest = match[1].upper(), (match[2] or "").upper()
        return PostalCode(area + rest if rest else "", area, "GB", "")
    return None


@functools.cache
def _table() -> dict[str, Any]:
    read: dict[str, Any] = read_json("mappings", "directory", "search", "regions.json")
    return read


@functools.cache
def _area_words() -> frozenset[str]:
    return frozenset(_table()["areaWords"])


@functools.cache
def _regions() -> dict[str, tuple[str, str]]:
    """Country and code by what people write for a region, Canadian ones first where two countries share a code."""
    found: dict[str, tuple[str, str]] = {}
    for country, regions in _table()["regions"].items():
        for code, names in regions.items():
            for name in (code.lower(), *names):
                found.setdefault(name, (country, code))
    return found


@functools.cache
def _countries() -> dict[str, str]:
    return {name: code for code, names in _table()["countries"].items() for name in (*names, code.lower())}


@functools.lru_cache(maxsize=1 << 14)
def key_of(name: str) -> str:
    """The key of a place's name; a region or country gives ``ca-on`` or ``ca``; empty for no name."""
    found = words(name.replace(".", " "))
    whole = " ".join(found)
    bare = " ".join(word for word in found if word not in _area_words())
    for text in (whole, bare):
        if place := region_of(text):
            return "-".join(place).lower()
        if country := _countries().get(text):
            return country.lower()
    saints = _table()["saints"]
    return " ".join(saints.get(word, word) for word in bare.split()) if bare else whole


@functools.lru_cache(maxsize=1 << 12)
def region_of(text: str) -> tuple[str, str] | None:
    """Country and code of a province or state, by its code or name."""
    return _regions().get(" ".join(words(text.replace(".", " "))))


def country_of(text: str) -> str | None:
    """The code of a country, by its code or name."""
    return _countries().get(" ".join(words(text)))


def geonames_region(country: str, code: str) -> str:
    """The postal code of a region, from the code that GeoNames has for it."""
    return str(_table()["geonamesRegions"].get(country, {}).get(code, code))


@functools.lru_cache(maxsize=1 << 14)
def area_keys(name: str) -> tuple[str, ...]:
    """The keys of the places that the name of a service area lists: ``Peel and Halton Regions; Toronto`` has three.

    A name that has ``and`` within it is kept whole as well.
    """
    found: list[str] = []
    for part in (one for text in re.split(r"[;/|\n]|\s&\s", name) for one in _narrowest(text)):
        code = postal_code(part)
        if code is not None:
            found.append(code.area.lower())
            continue
        pieces = re.split(r"\s(?:and|et|y)\s", part)
        found.extend(key_of(piece) for piece in [part, *(pieces if len(pieces) > 1 else [])])
    return tuple(dict.fromkeys(key for key in found if key))


def _narrowest(text: str) -> list[str]:
    """The places that a text lists, without what only says where they are.

    ``Canada - Ontario - Espanola`` and ``Espanola, ON, Canada`` are Espanola, not all of Canada.
    """
    levels = _LEVELS.split(text)
    if len(levels) > 1 and _BROAD.fullmatch(key_of(levels[0])):
        text = levels[-1]
    parts = text.split(",")
    while len(parts) > 1:
        broad = [_BROAD.fullmatch(key_of(part)) for part in parts]
        last, before = broad[-1], broad[:-1]
        if last is None or not (all(one is None for one in before) or (last[1] is None and before[-1] is not None)):
            break
        parts.pop()
    return parts


class Box(NamedTuple):
    """Bounds in degrees."""

    south: float
    north: float
    west: float
    east: float


def boxes_around(point: Point, radius: float) -> list[Box]:
    """Boxes that hold everything within a radius in km; two where they cross the 180th meridian."""
    reach = radius / DEGREE * 1.0001 + 1e-7
    south, north = max(-90.0, point.latitude - reach), min(90.0, point.latitude + reach)
    narrowest = math.cos(math.radians(max(abs(south), abs(north))))
    if narrowest * 180 <= reach:
        return [Box(south, north, -180.0, 180.0)]
    wide = reach / narrowest
    if wide >= 180:
        return [Box(south, north, -180.0, 180.0)]
    west, east = point.longitude - wide, point.longitude + wide
    if west < -180:
        return [Box(south, north, west + 360, 180.0), Box(south, north, -180.0, east)]
    if east > 180:
        return [Box(south, north, west, 180.0), Box(south, north, -180.0, east - 360)]
    return [Box(south, north, west, east)]


def coordinates(text: str) -> tuple[float, float] | None:
    """Latitude and longitude, as ``43.65,-79.38`` or ``43.65° N, 79.38° W`` have them, on the Earth or not.

    None for what is not two numbers. West is ``W``, or ``O`` in French.
    """
    match = _COORDINATES.fullmatch(text)
    if match is None:
        return None
    latitude, longitude = float(match[1]), float(match[3])
    south, west = match[2].upper() == "S", match[4].upper() in ("W", "O")
    return -latitude if south else latitude, -longitude if west else longitude


def is_on_earth(latitude: object, longitude: object) -> bool:
    """Whether these are numbers in range; (0, 0), which stands for nothing, is not."""
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return False
    return -90 <= latitude <= 90 and -180 <= longitude <= 180 and (latitude, longitude) != (0, 0)
