"""Who asks: a professional in a role, the person in question, or a relative.

A Task's requester is a PractitionerRole or an Organization by profile, so for a person or a relative it is
the organization; the ServiceRequest names the person
(https://hl7.org/fhir/us/sdoh-clinicalcare/referral_workflow.html, self-referral).
"""

import functools
from typing import Any

from footbridge.data import read_json
from footbridge.i18n import _
from footbridge.mapping.draft import Draft, own_identifier_system
from footbridge.mapping.elements import contact, names, spoken_name
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.organizations import read_organization, write_organization
from footbridge.mapping.practitioners import (
    read_own_contacts,
    read_practitioner,
    write_practitioner,
    write_practitioner_role,
)
from footbridge.mapping.terms import label, own_concept, own_system, said_concept
from footbridge.mapping.tracked_reader import Cursor
from footbridge.mapping.values import code_in, read_contacts, read_identifiers
from footbridge.model.prescription import Requester
from footbridge.model.prescription.people import NO_PROFESSION

ROLE_CODE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
ONESELF, FAMILY = "ONESELF", "FAMMEMB"


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "requester-roles.json")
    return table


def _roles() -> list[dict[str, Any]]:
    roles: list[dict[str, Any]] = _table()["roles"]
    return roles


def write_requester(draft: Draft) -> None:
    """Add the organization and whoever asks; places the roles ``requester`` and ``organization``."""
    requester = draft.prescription.requester
    write_organization(draft, "organization", requester.organization, "/requester/organization")
    if requester.role == "person" and not (
        requester.name or requester.identifiers or requester.contacts or requester.profession
    ):
        draft.roles["requester"] = draft.roles["patient"]
    elif requester.role in NO_PROFESSION:
        _write_related(draft, requester)
    else:
        _write_professional(draft, requester)


def _write_professional(draft: Draft, requester: Requester) -> None:
    write_practitioner(draft, "practitioner", requester, "/requester")
    write_practitioner_role(
        draft,
        "requester",
        requester,
        "/requester",
        practitioner="practitioner",
        organization="organization",
        of=requester.organization,
        codes=[_role_concept(draft, requester.role), *_profession(requester)],
    )


def _profession(requester: Requester) -> list[dict[str, Any]]:
    """The profession in own words, a concept with text only; none where it is not said."""
    return [] if requester.profession is None else [{"text": requester.profession}]


def _role_concept(draft: Draft, role: str) -> dict[str, Any]:
    concept = own_concept("requester-role", role, draft.language)
    for row in _roles():
        if row["role"] == role and draft.jurisdiction in row["jurisdictions"]:
            concept["coding"].append({key: row[key] for key in ("system", "code", "display")})
    return concept


def _write_related(draft: Draft, requester: Requester) -> None:
    """A RelatedPerson: the client as the one who asks (ONESELF), or a relative or friend."""
    own = requester.role == "person"
    draft.place("requester", "RelatedPerson")
    relationship = own_concept("requester-role", requester.role, draft.language)
    relationship["coding"].append({"system": ROLE_CODE, "code": ONESELF if own else FAMILY})
    body: dict[str, Any] = {
        "resourceType": "RelatedPerson",
        "active": True,
        "patient": draft.ref("patient"),
        "relationship": [relationship, *_profession(requester)],
    }
    if requester.name is not None:
        body["name"] = names(requester.name, family_required=False)
    if telecom := _telecom(draft, requester):
        body["telecom"] = telecom
    speak = draft.speech()
    draft.put(
        "requester",
        body,
        origin="/requester",
        claim="related-person",
        identifiers=requester.identifiers,
        lines=[
            (label("name", speak), spoken_name(requester.name)),
            (label("role", speak), said_concept(relationship, speak)),
            *((label("contact", speak), point["value"]) for point in body.get("telecom", ())),
        ],
    )


def _telecom(draft: Draft, requester: Requester) -> list[dict[str, Any]]:
    """The contacts, without those of a client who is not safe to contact: the client's own, or the same number."""
    if not draft.hides_contact:
        return [contact(point) for point in requester.contacts]
    own = requester.role == "person"
    hidden = {point.value for point in draft.prescription.client.contacts}
    kept = [contact(point) for point in requester.contacts if not own and point.value not in hidden]
    if len(kept) < len(requester.contacts):
        draft.withheld.append("/requester/contacts")
    return kept


def task_requester(draft: Draft) -> dict[str, Any]:
    """Reference for Task.requester."""
    own = draft.prescription.requester.role in NO_PROFESSION
    return draft.ref("organization" if own else "requester")


def note_author(draft: Draft) -> dict[str, Any]:
    """Reference for a requester's note; Annotation takes no PractitionerRole, and the Patient's are own words."""
    role = draft.prescription.requester.role
    return draft.ref({"person": "organization", "relative": "requester"}.get(role, "practitioner"))


def read_requester(
    graph: Graph, node: Node | None, organization: Node | None, language: object = None
) -> dict[str, Any]:
    """The requester, from the ServiceRequest's (or Task's) requester and the organization of the Task.

    ``language``: of the order, for the words that take the place of a name where an organization names nobody.
    """
    found: dict[str, Any] = {}
    if node is not None and node.type == "PractitionerRole":
        found, organization = _read_professional(graph, node, organization)
    elif node is not None and node.type == "RelatedPerson":
        found = _read_related(graph, node)
    elif node is not None and node.type == "Patient":
        found = {"role": "person"}
    elif node is not None and node.type == "Practitioner":
        found = {"role": "clinician", **read_practitioner(graph, node)}
        graph.tell(
            "assumed", _("The role of the requester is missing; read as clinician."), node, severity="information"
        )
    elif node is not None and node.type == "Organization":
        organization = node
    if organization is not None:
        said = read_organization(graph.cursor(organization))
        said.pop("partner")
        found["organization"] = said
    if "role" not in found and "organization" in found:
        unnamed: dict[str, str] = _table()["unnamed"]
        name = unnamed.get(str(language).partition("-")[0], unnamed["en"])
        found |= {"role": "clinician", "name": {"family": name}}
        graph.tell("assumed", _("An organization asks; the requester's role is read as clinician."), organization or "")
    return found


def _read_professional(graph: Graph, node: Node, organization: Node | None) -> tuple[dict[str, Any], Node | None]:
    source = graph.cursor(node)
    practitioner = graph.target(node, source.child("practitioner"))
    own = graph.target(node, source.child("organization"))
    found: dict[str, Any] = {"role": _read_role(graph, node), **_read_profession(source, "code")}
    if practitioner is not None:
        found.update(read_practitioner(graph, practitioner))
    identifiers = read_identifiers(source, own=own_identifier_system())
    if identifiers:
        found.setdefault("identifiers", []).extend(identifiers)
    if contacts := read_own_contacts(source):
        found["contacts"] = contacts
    return found, own or organization


def _read_profession(source: Cursor, member: str) -> dict[str, Any]:
    """The words of the first concept that has text and no code."""
    for concept in source.each(member):
        if concept.child("coding") is None and isinstance(concept.peek("text"), str):
            return {"profession": concept.text("text")}
    return {}


def _read_role(graph: Graph, node: Node) -> str:
    source = graph.cursor(node)
    known = {(row["system"], row["code"]): row["role"] for row in _roles()}
    for concept in source.each("code"):
        if (code := code_in(concept, own_system("requester-role"))) is not None:
            concept.take()
            return code
        for coding in concept.each("coding"):
            role = known.get((coding.peek("system"), coding.peek("code")))
            if role is not None:
                concept.take()
                return str(role)
    graph.tell("assumed", _("The role of the requester is missing; read as clinician."), node, "code")
    return "clinician"


def _read_related(graph: Graph, node: Node) -> dict[str, Any]:
    source = graph.cursor(node)
    role = "relative"
    found = _read_profession(source, "relationship")
    for concept in source.each("relationship"):
        if code_in(concept, ROLE_CODE) == ONESELF:
            role = "person"
        concept.take()
    found |= {"role": role, **read_practitioner(graph, node)}
    if contacts := read_contacts(source):
        found["contacts"] = contacts
    return found
