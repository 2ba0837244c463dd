"""The help that is prescribed: HealthcareService, the Organization that offers it, the partner that gets it.

A partner's Organization carries the partner's name as an identifier of ours; where nothing else is known of the
partner, its name stands in as the Organization's. A directory entry is an identifier of the HealthcareService.
"""

from typing import Any

from footbridge.mapping.draft import Draft, own_identifier_system
from footbridge.mapping.elements import contact
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.organizations import partner_system, read_organization, write_organization
from footbridge.mapping.terms import label, own_text
from footbridge.mapping.tracked_reader import Cursor
from footbridge.mapping.values import read_contacts, read_identifiers
from footbridge.model.prescription import ContactPoint, Identifier, OrganizationReference, Service
from footbridge.uris import own_uri

APPOINTMENT_URL = (
    "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceTelecomAppointment"
)


def directory_system() -> str:
    """The system of identifiers of services in the directory."""
    return own_uri("NamingSystem/directory-service")


def write_service(draft: Draft) -> None:
    """Add what is named of the service; places ``partner``, ``service-organization``, ``service``."""
    service = draft.prescription.service
    if service is None:
        return
    known: OrganizationReference | None = None
    if service.partner is not None:
        known = draft.context.partners.get(service.partner) or OrganizationReference(name=service.partner)
        write_organization(draft, "partner", known, "/service/partner", partner=service.partner)
    if service.organization is not None:
        known = service.organization
        write_organization(draft, "service-organization", known, "/service/organization")
    if known is not None or service.directory_id is not None:
        _write_healthcare_service(draft, service, known)


def _write_healthcare_service(draft: Draft, service: Service, known: OrganizationReference | None) -> None:
    entry = service.directory_id
    draft.place("service", "HealthcareService", None if entry is None else f"directory\x1f{entry}")
    body: dict[str, Any] = {"resourceType": "HealthcareService", "active": True}
    listed = draft.context.directory if entry is not None and service.organization is None else None
    said = listed or known
    offered = "service-organization" if draft.has("service-organization") else "partner"
    if draft.has(offered):
        body["providedBy"] = draft.ref(offered)
    name = said.name if said is not None else None
    body["name"] = name or own_text("service-form", "open", draft.language)
    points = said.contacts if said is not None else ()
    if points:
        body["telecom"] = [_for_appointment(point) for point in points]
    draft.put(
        "service",
        body,
        origin="/service",
        claim="healthcare-service",
        unclaimed=None if points else "no-appointment-contact",
        identifiers=() if entry is None else (Identifier(system=directory_system(), value=entry),),
        lines=[
            (label("name", draft.speech()), name),
            *((label("contact", draft.speech()), point.value) for point in points),
        ],
    )


def _for_appointment(point: ContactPoint) -> dict[str, Any]:
    return {"extension": [{"url": APPOINTMENT_URL, "valueBoolean": True}], **contact(point)}


def has_appointment_contact(draft: Draft) -> bool:
    """Whether the service can be called or written to by the client."""
    service = draft.prescription.service
    if service is None or not draft.has("service"):
        return False
    listed = draft.context.directory if service.directory_id is not None else None
    known = service.organization or listed or draft.context.partners.get(service.partner or "")
    return known is not None and bool(known.contacts)


def read_service(graph: Graph, nodes: list[Node]) -> dict[str, Any]:
    """Partner, directory entry and organization out of the resources that do or offer the work."""
    found: dict[str, Any] = {}
    organizations: list[Node] = []
    for node in nodes:
        if node.type == "HealthcareService":
            organizations += _read_healthcare_service(graph, node, found)
        elif node.type == "Organization":
            organizations.append(node)
    for node in dict.fromkeys(organizations):
        _take_organization(graph, node, found)
    return found


def _take_organization(graph: Graph, node: Node, found: dict[str, Any]) -> None:
    if any(one.peek("system") == partner_system() for one in Cursor(node.resource).each("identifier")):
        source = graph.cursor(node)
        found["partner"] = read_organization(source)["partner"]
        for name in ("name", "telecom", "address", "identifier"):
            source.get(name)
    elif "organization" not in found:
        said = read_organization(graph.cursor(node))
        said.pop("partner")
        found["organization"] = said


def _read_healthcare_service(graph: Graph, node: Node, found: dict[str, Any]) -> list[Node]:
    source = graph.cursor(node)
    for one in read_identifiers(source, own=own_identifier_system()):
        if one["system"] == directory_system():
            found["directoryId"] = one["value"]
    offered = graph.target(node, source.child("providedBy"))
    if offered is not None:
        source.get("name")
        source.get("telecom")
        return [offered]
    if "directoryId" in found:  # name and telecom are those of the directory
        source.get("name")
        source.get("telecom")
    else:
        said: dict[str, Any] = {"name": source.get("name")}
        for point in source.each("telecom"):
            for mark in point.each("extension"):
                if mark.peek("url") == APPOINTMENT_URL:
                    mark.take()
        if contacts := read_contacts(source):
            said["contacts"] = contacts
        if said["name"]:
            found["organization"] = said
    return []
