"""The people whom a record names, as PractitionerRoles with ids that stay from import to import.

A role is known by the contact's own id, else by what it is called, not by its position in a list: when one contact
goes, the others stay who they are (https://hl7.org/fhir/R4/resource.html#id).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from footbridge.directory.fhir.values import Json, telecom
from footbridge.directory.model import ServiceDocument

Contacts = Sequence[Mapping[str, Any]] | None
_DIGEST = 8  # bytes of an id
_CALLED = ("name", "title", "department")


def roles_of(one: ServiceDocument) -> dict[str, Json]:
    """The roles of a service, by id: of its own contacts, of its organization's, and of those at its places."""
    owner = one.get("organization")
    groups: list[tuple[str, Contacts]] = [("service", one.get("contacts"))]
    groups.append(("organization", owner.get("contacts") if owner else None))
    groups += [(place["id"], place.get("contacts")) for place in one.get("locations", [])]
    places = {place["id"] for place in one.get("locations", [])}
    return {
        identity: _role(identity, contact, one["id"], owner["id"] if owner else None, at if at in places else None)
        for identity, (at, contact) in named(one["id"], groups).items()
    }


def named(service: str, groups: Iterable[tuple[str, Contacts]]) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """The contacts that have a name, by the id of their role (``SERVICE-DIGEST``), each with its group."""
    found: dict[str, tuple[str, Mapping[str, Any]]] = {}
    times: Counter[bytes] = Counter()
    for group, contacts in groups:
        for contact in contacts or ():
            if not contact.get("name"):
                continue
            known_by = contact["id"] if contact.get("id") else [contact.get(name) for name in _CALLED]
            key = orjson.dumps([group, known_by])
            times[key] += 1
            digest = hashlib.blake2b(key + b"\0" * (times[key] - 1), digest_size=_DIGEST).hexdigest()
            found[f"{service}-{digest}"] = (group, contact)
    return found


def _role(identity: str, contact: Mapping[str, Any], service: str, owner: str | None, place: str | None) -> Json:
    found: Json = {
        "resourceType": "PractitionerRole",
        "id": identity,
        "active": True,
        "practitioner": {"display": contact["name"]},
        "healthcareService": [{"reference": f"HealthcareService/{service}"}],
    }
    if place:
        found["location"] = [{"reference": f"Location/{place}"}]
    if owner:
        found["organization"] = {"reference": f"Organization/{owner}"}
    role = ", ".join(contact[name] for name in ("title", "department") if contact.get(name))
    if role:
        found["code"] = [{"text": role}]
    if points := telecom(contact):
        found["telecom"] = points
    return found
