"""Professionals: a Practitioner, and the PractitionerRole that ties one to an organization.

SDOHCC-practitionerrole wants a telecom (invariant pd-1). Where the professional gave none, the contact of the
organization stands in, marked by a comment; where that is not known either, telecom is said to be absent.
"""

from typing import Any

from footbridge.mapping.draft import Draft, own_identifier_system
from footbridge.mapping.elements import ABSENT, COMMENT_URL, contact, names, spoken_name
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.terms import is_label, label, said_concept
from footbridge.mapping.tracked_reader import Cursor
from footbridge.mapping.values import comment, extension, read_contacts, read_identifiers, read_name
from footbridge.model.prescription import Navigator, OrganizationReference, Requester


def write_practitioner(draft: Draft, role: str, person: Requester | Navigator, origin: str) -> None:
    """Add a Practitioner. Its seed is its first business identifier, else this prescription."""
    first = person.identifiers[0] if person.identifiers else None
    draft.place(role, "Practitioner", f"{first.system}\x1f{first.value}" if first else None)
    body = {"resourceType": "Practitioner", "active": True, "name": names(person.name, family_required=True)}
    draft.put(
        role,
        body,
        origin=origin,
        claim="practitioner",
        identifiers=person.identifiers,
        lines=[(label("name", draft.speech()), spoken_name(person.name))],
    )


def write_practitioner_role(  # noqa: PLR0913 - each names one end of the tie
    draft: Draft,
    role: str,
    person: Requester | Navigator,
    origin: str,
    *,
    practitioner: str,
    organization: str,
    of: OrganizationReference,
    codes: list[dict[str, Any]],
) -> None:
    """Add a PractitionerRole; ``practitioner`` and ``organization`` are roles that were placed."""
    kind = "\x1f".join(code.get("text", "") for code in codes)
    known = f"{draft.roles[practitioner]}\x1f{draft.roles[organization]}\x1f{kind}" if person.identifiers else None
    draft.place(role, "PractitionerRole", known)
    telecom = [contact(point) for point in person.contacts] or _stand_in(draft, of)
    body = {
        "resourceType": "PractitionerRole",
        "active": True,
        "practitioner": draft.ref(practitioner),
        "organization": draft.ref(organization),
        "code": codes,
        "telecom": telecom,
    }
    speak = draft.speech()
    draft.put(
        role,
        body,
        origin=origin,
        claim="practitioner-role",
        lines=[
            (label("name", speak), spoken_name(person.name)),
            *((label("role", speak), said_concept(code, speak)) for code in codes),
            (label("at", speak), of.name),
            *((label("contact", speak), point.get("value")) for point in telecom),
        ],
    )


def _stand_in(draft: Draft, organization: OrganizationReference) -> list[dict[str, Any]]:
    words = label("organization-contact", draft.language)
    mark = [{"url": COMMENT_URL, "valueString": words}]
    found = [{"extension": mark, **contact(point)} for point in organization.contacts]
    return found or [{"system": "other", "_value": ABSENT}]


def read_practitioner(graph: Graph, node: Node) -> dict[str, Any]:
    """Name and identifiers of a Practitioner or a RelatedPerson."""
    source = graph.cursor(node)
    found: dict[str, Any] = {}
    if name := read_name(source):
        found["name"] = name
    if identifiers := read_identifiers(source, own=own_identifier_system()):
        found["identifiers"] = identifiers
    return found


def read_own_contacts(source: Cursor) -> list[dict[str, Any]]:
    """The telecom that is the professional's own."""
    minted = []
    for point in source.each("telecom"):
        words = comment(point)
        if words is not None and is_label("organization-contact", words):
            point.take()
            minted.append(point.value)
            continue
        if (found := extension(point, COMMENT_URL)) is not None and words is None:
            found.take()
    if minted:
        source.get("telecom")
        return []
    return read_contacts(source)
