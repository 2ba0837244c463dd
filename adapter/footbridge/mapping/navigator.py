"""The link worker, where one is named: Practitioner, PractitionerRole, and an Organization of its own."""

from typing import Any

from footbridge.mapping.draft import Draft
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.organizations import read_organization, write_organization
from footbridge.mapping.practitioners import (
    read_own_contacts,
    read_practitioner,
    write_practitioner,
    write_practitioner_role,
)
from footbridge.mapping.terms import own_concept, own_system
from footbridge.mapping.values import code_in, codings_of

ROLE = "navigator"


def write_navigator(draft: Draft) -> None:
    """Add the navigator, when there is one; places the role ``navigator``."""
    navigator = draft.prescription.navigator
    if navigator is None:
        return
    organization, of = "organization", draft.prescription.requester.organization
    if navigator.organization is not None:
        organization, of = "navigator-organization", navigator.organization
        write_organization(draft, organization, of, "/navigator/organization")
    write_practitioner(draft, "navigator-practitioner", navigator, "/navigator")
    codes = [own_concept("requester-role", ROLE, draft.language)]
    if navigator.role is not None:
        codes.append({"text": navigator.role})
    write_practitioner_role(
        draft,
        "navigator",
        navigator,
        "/navigator",
        practitioner="navigator-practitioner",
        organization=organization,
        of=of,
        codes=codes,
    )


def is_navigator(node: Node) -> bool:
    """Whether a PractitionerRole is that of a navigator."""
    wanted = {"system": own_system("requester-role"), "code": ROLE}
    return node.type == "PractitionerRole" and wanted in codings_of(node.resource.get("code"))


def read_navigator(graph: Graph, node: Node, requester_organization: Node | None) -> dict[str, Any]:
    """A PractitionerRole (or Practitioner) as the navigator of a prescription."""
    if node.type == "Practitioner":
        return read_practitioner(graph, node)
    source = graph.cursor(node)
    source.get("identifier")
    practitioner = graph.target(node, source.child("practitioner"))
    organization = graph.target(node, source.child("organization"))
    found: dict[str, Any] = {} if practitioner is None else read_practitioner(graph, practitioner)
    words = _read_job(graph, node)
    if words is not None:
        found["role"] = words
    if contacts := read_own_contacts(source):
        found["contacts"] = contacts
    if organization is not None and organization is not requester_organization:
        said = read_organization(graph.cursor(organization))
        said.pop("partner")
        found["organization"] = said
    return found


def _read_job(graph: Graph, node: Node) -> str | None:
    job = None
    for concept in graph.cursor(node).each("code"):
        if code_in(concept, own_system("requester-role")) is not None:
            concept.take()
        elif concept.child("text") is not None and job is None:
            job = concept.text("text")
    return job
