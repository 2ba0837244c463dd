"""The organization of a service, as an Organization; its contacts as PractitionerRoles."""

from typing import Any

from footbridge.directory.fhir.values import Json, identifiers, table, telecom
from footbridge.directory.model import DirectoryOrganization


def organization(source: str, one: DirectoryOrganization) -> Json:
    """An Organization; its description stands in the narrative, for R4 has no element for it."""
    found: Json = {
        "resourceType": "Organization",
        "id": one["id"],
        "identifier": identifiers("organization", source, one) + _others(_given(one)),
        "active": True,
    }
    if one.get("name"):  # it may be withheld
        found["name"] = one["name"]
    if one.get("alternate_name"):
        found["alias"] = [one["alternate_name"]]
    if points := telecom(one):
        found["telecom"] = points
    return found


def _given(one: DirectoryOrganization) -> list[dict[str, Any]]:
    tax = [{"identifier_type": table()["taxIdentifier"], "identifier": one["tax_id"]}] if one.get("tax_id") else []
    return [*one.get("organization_identifiers", []), *tax]


def _others(given: list[dict[str, Any]]) -> list[Json]:
    return [
        {
            "type": {"text": row.get("identifier_type") or row.get("identifier_scheme") or "identifier"},
            "value": str(row["identifier"]),
        }
        for row in given
        if row.get("identifier")
    ]


def practitioner_role(
    contact: dict[str, Any], position: int, service: str, owner: str | None, place: str | None = None
) -> Json | None:
    """A contact who is named, as the role of a person, at a place or not; None for one without a name."""
    if not contact.get("name"):
        return None
    found: Json = {
        "resourceType": "PractitionerRole",
        "id": f"{service}-{position}",
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
