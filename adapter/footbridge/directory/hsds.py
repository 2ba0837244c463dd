"""A service as HSDS 3.1 writes one with all that belongs to it (``service_full``), for systems that read HSDS.

https://docs.openreferral.org/en/3.1/hsds/schema_reference.html. Which members an object has is in the table of names
(``mappings/directory/hsds-aliases.json``); what is ours alone is left out, but for two things without which the copy
would say more than the original: that a source takes no referrals, and that a place has an address that is not told.
Ids are ours, which are UUIDs as HSDS asks; a child has one of its own. Where HSDS demands a member that the source does
not give, it is what the rest of the object says, or it is missing.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from footbridge.directory.model import ServiceDocument
from footbridge.directory.packed_json import SORTED, as_json
from footbridge.directory.readers.hsds_types import is_id, types

Json = dict[str, Any]
NOT_WRITTEN: Final = ("translations", "keywords")
"""Members of a service for which HSDS has no place, and which nothing else can tell."""

_ANYWHERE: Final = ("id", "location_type", "name", "email", "phones", "schedules", "languages", "withheld_region")
_SPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:footbridge:directory:hsds")
_DEMANDED: Final[Mapping[str, Mapping[str, str]]] = {
    # what HSDS demands -> the member of the same object that says it, or a word
    "taxonomy_term": {"description": "name"},
    "organization": {"description": "name"},
    "address": {"address_type": "=physical"},
    "location": {"location_type": "=physical"},
    "service": {"status": "=active"},
}


def hsds_service(one: ServiceDocument) -> Json:
    """The service as an object of HSDS 3.1, with its organization and the places where it is given."""
    found = _object("service", one)
    found |= {"id": one["id"], "status": found.get("status", "active")}
    if not one["can_refer"] and found["status"] == "active":
        found["available_for_referral"] = False
    owner = one.get("organization")
    if owner is not None:
        found["organization"] = _object("organization", owner) | {"id": owner["id"]}
        found["organization_id"] = owner["id"]
        if "parent_organization_id" in owner:
            found["organization"]["parent_organization_id"] = owner["parent_organization_id"]
    places = one.get("locations", [])
    if places:
        found["service_at_locations"] = [_at(one["id"], place) for place in places]
    return found


def _at(service: str, place: Mapping[str, Any]) -> Json:
    location = _object("location", place) | {"id": place["id"]}
    if place.get("address_withheld"):  # as it would be after another import: without all that says where it is
        location = {name: location[name] for name in _ANYWHERE if name in location} | {"address_withheld": True}
    key = {"service_id": service, "location_id": place["id"]}
    return {"id": str(uuid.uuid5(_SPACE, f"{service}@{place['id']}")), **key, "location": location}


def _object(kind: str, given: Mapping[str, Any], within: str = "") -> Json:
    """The members that HSDS has for this type of object; each child with an id."""
    spec = types()[kind]
    found: Json = {}
    for name, value in given.items():
        if name in spec.lists and isinstance(value, list):
            found[name] = [_child(spec.lists[name], row, f"{within}/{kind}/{name}") for row in value]
        elif name in spec.one and isinstance(value, dict):
            found[name] = _child(spec.one[name], value, f"{within}/{kind}/{name}")
        elif name in spec.members and not is_id(name):
            found[name] = value
    for name, told_by in _DEMANDED.get(kind, {}).items():
        said = told_by[1:] if told_by.startswith("=") else found.get(told_by)
        if name not in found and said:
            found[name] = said
    extension = str(found.get("extension", ""))
    if kind == "phone" and extension.isdigit():
        found["extension"] = int(extension)
    return found


def _child(kind: str, given: Any, within: str) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(given, dict):
        return given
    made = _object(kind, given, within)
    mark = as_json(made, option=SORTED, default=str).decode()
    return {"id": str(uuid.uuid5(_SPACE, f"{within}:{mark}")), **made}
