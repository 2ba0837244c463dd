"""Addresses and positions: codes of countries and states, swapped members, wrong signs."""

import functools
import re
from typing import Any

from footbridge.directory.cleaning.changes import Changes
from footbridge.directory.cleaning.tables import fold, table

_LONGEST_CODE = 3  # characters of a province's or state's code
_HOUSE = re.compile(r"\d+\w?\s+\w{2}")
_AS_DIGIT = str.maketrans("OIL", "011")
_DIRECTION = re.compile(r"[NSEW]{1,2}", re.IGNORECASE)


def country_code(text: str) -> str | None:
    """The ISO 3166-1 code of a country's code or name."""
    name = fold(text)
    found = table("places")["countries"].get(name) or table("places")["countries"].get(name.replace(".", ""))
    if found:
        return str(found)
    return text.strip().upper() if text.strip().upper() in _country_codes() else None


@functools.cache
def _country_codes() -> frozenset[str]:
    return frozenset(table("places")["countries"].values())


@functools.lru_cache(maxsize=4_096)
def state_code(text: str, country: str | None) -> tuple[str, str] | None:
    """The code of a state or province, and its country."""
    rows = table("places")
    for candidate in (country,) if country in rows["codes"] else ("CA", "US"):
        code = rows["states"][candidate].get(fold(text)) or (
            text.strip().upper() if text.strip().upper() in rows["codes"][candidate] else None
        )
        if code:
            return str(code), str(candidate)
    return None


@functools.cache
def _postal(country: str) -> re.Pattern[str]:
    return re.compile(table("places")["postal"][country], re.IGNORECASE)


def postal_country(text: str) -> str | None:
    """The country whose postal codes look like this one."""
    return next((country for country in ("CA", "US", "GB") if _postal(country).fullmatch(text.strip())), None)


def clean_address(out: dict[str, Any], changes: Changes, prefix: str) -> None:
    """An address: codes instead of names, each value in its own member."""
    if isinstance(country := out.get("country"), str):
        code = country_code(country)
        if code and code != country:
            changes.note("place.country", prefix + "country", country, code)
            out["country"] = code
        elif not code:
            changes.note("place.country-unknown", prefix + "country", country, country)
    country = out.get("country") if out.get("country") in _country_codes() else changes.country
    _swap_columns(out, changes, prefix, country)
    _clean_swapped(out, changes, prefix, country)
    if isinstance(state := out.get("state_province"), str) and (found := state_code(state, country)):
        if found[0] != state:
            changes.note("place.state", prefix + "state_province", state, found[0])
            out["state_province"] = found[0]
        country = country or found[1]
    _clean_postal(out, changes, prefix, country)


def _swap_columns(out: dict[str, Any], changes: Changes, prefix: str, country: str | None) -> None:
    """Town and province, or street and postal code, in each other's column."""
    members = ("city", "state_province", "address_1", "postal_code")
    city, state, street, postal = (value if isinstance(value := out.get(one), str) else "" for one in members)
    if (
        city
        and state
        and len(city) <= _LONGEST_CODE
        and state_code(city, country)
        and not state_code(state, country)
        and not postal_country(state)
    ):
        changes.note("place.swapped", prefix + "city", f"{city} | {state}", f"{state} | {city}")
        out["city"], out["state_province"] = state, city
    if street and postal and postal_country(street) and _HOUSE.match(postal) and not postal_country(postal):
        changes.note("place.swapped", prefix + "address_1", f"{street} | {postal}", f"{postal} | {street}")
        out["address_1"], out["postal_code"] = postal, street


def _clean_swapped(out: dict[str, Any], changes: Changes, prefix: str, country: str | None) -> None:
    state, postal, city = (out.get(member) for member in ("state_province", "postal_code", "city"))
    if isinstance(postal, str) and state_code(postal, country) and not postal_country(postal):
        if isinstance(state, str) and postal_country(state):
            changes.note("place.swapped", prefix + "postal_code", f"{state} | {postal}", f"{postal} | {state}")
            out["state_province"], out["postal_code"] = postal, state
        elif not state:
            changes.note("place.swapped", prefix + "postal_code", postal, f"state_province: {postal}")
            out["state_province"] = out.pop("postal_code")
    elif isinstance(state, str) and postal_country(state) and not postal:
        changes.note("place.swapped", prefix + "state_province", state, f"postal_code: {state}")
        out["postal_code"] = out.pop("state_province")
    if not isinstance(city, str):
        return
    if postal_country(city):
        done = None
        if not out.get("postal_code"):
            done = out["postal_code"] = city
        changes.note("place.swapped", prefix + "city", city, done and f"postal_code: {done}")
        del out["city"]
    elif _DIRECTION.fullmatch(city):
        changes.note("place.no-city", prefix + "city", city)
        del out["city"]


def _clean_postal(out: dict[str, Any], changes: Changes, prefix: str, country: str | None) -> None:
    postal = out.get("postal_code")
    if not isinstance(postal, str):
        return
    kind = postal_country(postal)
    done = postal
    if kind != "CA" and country == "CA" and (mended := _with_digits(postal)):
        kind, done = "CA", mended
    if kind == "CA" and country in (None, "CA"):
        compact = re.sub(r"[\s-]", "", done).upper()
        done = f"{compact[:3]} {compact[3:]}"
    elif kind == "GB" and country == "GB":
        compact = re.sub(r"\s", "", postal).upper()
        done = f"{compact[:-3]} {compact[-3:]}"
    elif country == "US" and re.fullmatch(r"\d{4}", postal):
        if out.get("state_province") in table("places")["zero-led"]["states"]:
            done = "0" + postal
    elif country == "US" and re.fullmatch(r"\d{9}", postal):
        done = f"{postal[:5]}-{postal[5:]}"
    if done != postal:
        changes.note("place.postal-code", prefix + "postal_code", postal, done)
        out["postal_code"] = done


def _with_digits(postal: str) -> str | None:
    """A Canadian code whose digits were written as letters that it never has (``POM 2R0``, ``P3E 5JI``); or None."""
    compact = re.sub(r"[\s-]", "", postal).upper()
    if len(compact) != 6:
        return None
    mended = "".join(char.translate(_AS_DIGIT) if at % 2 else char for at, char in enumerate(compact))
    return mended if mended != compact and postal_country(mended) == "CA" else None


def clean_position(out: dict[str, Any], changes: Changes, prefix: str) -> None:
    """``latitude`` and ``longitude`` as numbers that lie in the country; None of both where one is not sure."""
    if "latitude" not in out and "longitude" not in out:
        return
    raw = (out.get("latitude"), out.get("longitude"))
    shown = ", ".join("" if value is None else str(value) for value in raw)
    latitude, longitude = (_degrees(value) for value in raw)
    place = prefix + "latitude"
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        rule = "position.zero" if latitude == longitude == 0 else "position.not-parsed"
        _without(out, changes, rule, place, shown)
        return
    placed = _placed(latitude, longitude, changes.country)
    if placed is None:
        _without(out, changes, "position.elsewhere", place, shown)
        return
    out["latitude"], out["longitude"] = placed
    if placed != (latitude, longitude):
        rule = "position.swapped" if abs(placed[0]) == abs(longitude) else "position.sign"
        changes.note(rule, place, shown, f"{placed[0]}, {placed[1]}")
    elif any(isinstance(value, str) for value in raw):
        done = f"{placed[0]}, {placed[1]}"
        if done != shown:
            changes.note("position.form", place, shown, done)


def _without(out: dict[str, Any], changes: Changes, rule: str, member: str, shown: str) -> None:
    out.pop("latitude", None)
    out.pop("longitude", None)
    if shown.strip(" ,"):
        changes.note(rule, member, shown)


def _degrees(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        number = float(value)
    elif isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,3}(?:[.,]\d{1,20})?\s*°?\s*", value):
        number = float(value.strip(" °\t\n").replace(",", "."))
    else:
        return None
    return number if abs(number) <= 180 else None


def _placed(latitude: float, longitude: float, country: str | None) -> tuple[float, float] | None:
    boxes = table("coordinates")["boxes"].get(country) if country else None
    if not boxes:
        if abs(latitude) <= 90:
            return latitude, longitude
        return (longitude, latitude) if abs(longitude) <= 90 else None
    if any(_inside((latitude, longitude), box) for box in boxes):
        return latitude, longitude
    candidates = [
        (latitude, -longitude), (-latitude, longitude), (-latitude, -longitude),
        (longitude, latitude), (longitude, -latitude), (-longitude, latitude), (-longitude, -latitude),
    ]  # fmt: skip
    inside = [pair for pair in candidates if any(_inside(pair, box) for box in boxes)]
    different = list(dict.fromkeys(inside))
    return different[0] if len(different) == 1 else None


def _inside(pair: tuple[float, float], box: list[float]) -> bool:
    south, north, west, east = box
    return south <= pair[0] <= north and west <= pair[1] <= east
