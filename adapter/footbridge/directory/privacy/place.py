"""A location without its place, where that may not be shown; what else it says of itself stays."""

from collections.abc import Mapping
from typing import Any

from footbridge.directory.privacy.redaction import mentions_box_only, names_place
from footbridge.directory.privacy.shelters import says_that_place_is_withheld, withholds_place
from footbridge.directory.privacy.table import pattern, table
from footbridge.directory.privacy.walk import SHORTEST, Walk
from footbridge.directory.privacy.words import without_places
from footbridge.directory.records import Record
from footbridge.directory.search.geography import region_of

_SHELTER = "privacy.shelter-address"


def without_place(walk: Walk, record: Record, data: Mapping[str, Any], *, place_withheld: bool) -> Mapping[str, Any]:
    """A location without its place, where that may not be shown; its phones, hours and languages stay."""
    bare = isinstance(name := record.data.get("name"), str) and pattern("bare_name").fullmatch(name) is not None
    kind = str(record.data.get("location_type") or "").casefold()
    shelter = place_withheld or bare or kind in table()["withheld_location_types"] or withholds_place(record)
    if not shelter and not _lost_its_place(walk, data) and record.data.get("address_withheld") is not True:
        return data
    addresses = [entry for entry in record.data.get("addresses") or () if isinstance(entry, dict)]
    towns = [str(entry.get("city") or "") for entry in addresses]
    result = {key: value for key, value in data.items() if key not in _place_members()}
    for key in data:
        if key in _place_members() and data[key] not in (None, "", []):
            walk.findings.append(walk.finding("privacy.place", key))
    # What a location says of itself is often what its service says: only where it is, is a secret.
    walk.coordinates(record.data)
    _drop_addresses(walk, result, all_streets=shelter)
    found = walk.found_secrets()
    text = result.get("name")
    if isinstance(text, str) and (bare or names_place(text, found, towns) or says_that_place_is_withheld(text)):
        walk.findings.append(walk.finding("privacy.place", "name"))
        del result["name"]
    for key in ("accessibility", "contacts", "phones", "schedules", "attributes", "languages"):
        if key in result:
            result[key] = _without_places(walk, result[key], key)
    result["address_withheld"] = True
    result.pop("withheld_region", None)
    named = {str(entry.get("state_province") or "") for entry in addresses} or {
        str(record.data.get("withheld_region") or "")
    }
    if len(named) == 1 and (region := region_of(named.pop())):
        result["withheld_region"] = region[1]  # a province tells who can be helped there, and not where it is
    return result


def _lost_its_place(walk: Walk, data: Mapping[str, Any]) -> bool:
    """Whether an address was dropped that says where it is: not letters, nor another one beside a public place."""
    dropped = walk.dropped_types - {"postal"}
    if dropped != {"other"}:
        return bool(dropped)
    addresses = data.get("addresses")
    return not any(
        isinstance(entry, dict) and entry.get("address_type") == "physical" and entry.get("address_1")
        for entry in (addresses if isinstance(addresses, (list, tuple)) else ())
    )


def _without_places(walk: Walk, value: Any, path: str) -> Any:  # noqa: ANN401 - JSON is any value
    """What else a location says, without street lines: any of them may be its own."""
    if isinstance(value, str):
        text = without_places(value) if len(value) >= SHORTEST else value
        if text != value:
            walk.findings.append(walk.finding("privacy.place", path))
        return text
    if isinstance(value, dict):
        return {key: _without_places(walk, entry, f"{path}.{key}") for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_places(walk, entry, f"{path}[{index}]") for index, entry in enumerate(value)]
    return value


def _drop_addresses(walk: Walk, result: dict[str, Any], *, all_streets: bool) -> None:
    kept = []
    entries = result.get("addresses")
    for index, entry in enumerate(entries if isinstance(entries, (list, tuple)) else ()):
        postal = isinstance(entry, dict) and entry.get("address_type") == "postal"
        if postal and (mentions_box_only(entry) or not all_streets):
            kept.append(entry)
            continue
        walk.withheld(entry if isinstance(entry, dict) else {}, f"addresses[{index}]", "addresses", _SHELTER)
    if "addresses" in result:
        result["addresses"] = kept


def _place_members() -> frozenset[str]:
    return frozenset(table()["place_members"])
