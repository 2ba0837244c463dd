"""The organization of a service, as an Organization."""

from typing import Any

from footbridge.directory.fhir.values import Json, identifiers, reached, table
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
    if points := reached(one):
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
