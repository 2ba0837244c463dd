"""Organizations: the requester's, the navigator's, the service's, the partner's."""

from typing import Any

from footbridge.mapping.draft import Draft, own_identifier_system
from footbridge.mapping.elements import address, contact
from footbridge.mapping.terms import label
from footbridge.mapping.tracked_reader import Cursor
from footbridge.mapping.values import read_address, read_contacts, read_identifiers
from footbridge.model.prescription import Identifier, OrganizationReference
from footbridge.uris import own_uri


def partner_system() -> str:
    """The system of the names of configured partners."""
    return own_uri("NamingSystem/partner")


def write_organization(
    draft: Draft, role: str, organization: OrganizationReference, origin: str, *, partner: str | None = None
) -> None:
    """Add an Organization. Its seed is its first business identifier, else what is said of it."""
    seed = "\x1f".join(_seed(organization)) if partner is None else f"partner\x1f{partner}"
    draft.place(role, "Organization", seed)
    body: dict[str, Any] = {"resourceType": "Organization", "active": True, "name": organization.name}
    if organization.contacts:
        body["telecom"] = [contact(point) for point in organization.contacts]
    if organization.address is not None:
        body["address"] = [address(organization.address)]
    own = () if partner is None else (Identifier(system=partner_system(), value=partner),)
    speak = draft.speech()
    draft.put(
        role,
        body,
        origin=origin,
        claim="organization",
        identifiers=(*own, *organization.identifiers),
        lines=[
            (label("name", speak), organization.name),
            *((label("contact", speak), point.value) for point in organization.contacts),
        ],
    )


def _seed(organization: OrganizationReference) -> list[str]:
    if organization.identifiers:
        first = organization.identifiers[0]
        return [first.system, first.value]
    return [organization.model_dump_json()]


def read_organization(source: Cursor) -> dict[str, Any]:
    """An Organization as the prescription says it, the name of a partner under ``partner``."""
    found = read_identifiers(source, own=own_identifier_system())
    partner = [one["value"] for one in found if one["system"] == partner_system()]
    said: dict[str, Any] = {"name": source.get("name"), "partner": partner[0] if partner else None}
    if rest := [one for one in found if one["system"] != partner_system()]:
        said["identifiers"] = rest
    if contacts := read_contacts(source):
        said["contacts"] = contacts
    if place := read_address(source):
        said["address"] = place
    return said
