"""A place of a service, as a Location. One whose address may not be shown has none, and says so."""

from footbridge.directory.fhir.values import Json, address, identifiers, reached, table, weekly, words
from footbridge.directory.model import DirectoryLocation


def location(
    source: str, one: DirectoryLocation, owner: str | None, name: str, language: str
) -> tuple[Json, list[str]]:
    """A Location, and the members that it could not carry.

    Args:
        source: the directory's source.
        one: the place.
        owner: id of the Organization.
        name: for a place that has none.
        language: of what we say ourselves.
    """
    found: Json = {
        "resourceType": "Location",
        "id": one["id"],
        "identifier": identifiers("location", source, one),
        "status": "active",
        "name": one.get("name") or name,
        "mode": "instance",
    }
    lost: list[str] = []
    if one.get("alternate_name"):
        found["alias"] = [one["alternate_name"]]
    said = [one.get("description"), one.get("transportation"), one.get("cross_street"), *_access(one)]
    if text := "\n".join(part for part in said if part):
        found["description"] = text
    if points := reached(one):
        found["telecom"] = points
    if one.get("location_type") == "virtual":
        found["physicalType"] = {"coding": [table()["virtual"]]}
        found["description"] = found.get("description", words("by phone or online", language))
    places = sorted(one.get("addresses", []), key=lambda row: row.get("address_type") == "postal")
    if places:
        found["address"] = address(places[0])
        lost += ["addresses"] if len(places) > 1 else []
    if not one.get("address_withheld") and one.get("latitude") is not None and one.get("longitude") is not None:
        found["position"] = {"longitude": one["longitude"], "latitude": one["latitude"]}
    times, rest = weekly(one.get("schedules", []), "openingTime", "closingTime")
    if times:
        found["hoursOfOperation"] = times
    if rest:
        found["availabilityExceptions"] = "\n".join(rest)
    if owner:
        found["managingOrganization"] = {"reference": f"Organization/{owner}"}
    return found, lost


def _access(one: DirectoryLocation) -> list[str]:
    return [
        str(row[name]) for row in one.get("accessibility", []) for name in ("description", "details") if row.get(name)
    ]
