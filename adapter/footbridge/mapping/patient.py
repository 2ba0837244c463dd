"""The client: Patient, and an Observation for each language that needs an interpreter."""

from typing import Any

from footbridge.mapping.draft import Draft, own_identifier_system
from footbridge.mapping.elements import COMMENT_URL, address, as_written, contact, names, spoken_name
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.terms import label, own_concept, own_system, own_text, sdoh_concept
from footbridge.mapping.tracked_reader import Cursor
from footbridge.mapping.values import (
    code_in,
    codings_of,
    comment,
    extension,
    read_address,
    read_contacts,
    read_identifiers,
    read_name,
)
from footbridge.model.prescription import Client

BCP_47 = "urn:ietf:bcp:47"
INTERPRETER_URL = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"


def place_patient(draft: Draft) -> None:
    """Fix the Patient's id: of the person where we know it, else of this prescription."""
    person = draft.context.person
    draft.place("patient", "Patient", None if person is None else f"person\x1f{person}")


def write_patient(draft: Draft) -> None:
    """Add the Patient; contact stays here when the client is not safe to contact."""
    client = draft.prescription.client
    body: dict[str, Any] = {"resourceType": "Patient"}
    if any(skill.interpreter_needed for skill in client.languages):
        body["extension"] = [{"url": INTERPRETER_URL, "valueBoolean": True}]
    body["active"] = True
    body["name"] = names(client.name, family_required=False)
    if telecom := _telecom(draft, client):
        body["telecom"] = telecom
    body["gender"] = client.gender
    if client.birth_date is not None:
        body["birthDate"] = client.birth_date.isoformat()
    if client.address is not None:
        if draft.hides_contact:
            draft.withheld.append("/client/address")
        else:
            body["address"] = [address(client.address)]
    if client.languages:
        body["communication"] = [_communication(skill.code, skill.preferred) for skill in client.languages]
    lines = _lines(draft, client, body)
    draft.put("patient", body, origin="/client", claim="patient", lines=lines, identifiers=client.identifiers)


def _communication(code: str, preferred: bool) -> dict[str, Any]:
    spoken: dict[str, Any] = {"language": {"coding": [{"system": BCP_47, "code": code}], "text": code}}
    return spoken | {"preferred": True} if preferred else spoken


def _telecom(draft: Draft, client: Client) -> list[dict[str, Any]]:
    """The contacts, the contact note as a comment on the one to try first."""
    if draft.hides_contact:
        if client.contacts:
            draft.withheld.append("/client/contacts")
        return []
    points = [contact(point) for point in client.contacts]
    if points and client.contact_note is not None:
        first = next((point for point in points if "rank" in point), points[0])
        first["extension"] = [{"url": COMMENT_URL, "valueString": client.contact_note}]
    return points


def _lines(draft: Draft, client: Client, body: dict[str, Any]) -> list[tuple[str, str | None]]:
    speak = draft.speech()
    said = [
        (label("name", speak), spoken_name(client.name)),
        (label("preferred-name", speak), client.name.preferred if client.name else None),
        (label("birth-date", speak), body.get("birthDate")),
        (label("gender", speak), label(client.gender, speak)),
    ]
    interpreter = label("interpreter", speak)
    said += [
        (label("language", speak), f"{skill.code} ({interpreter})" if skill.interpreter_needed else skill.code)
        for skill in client.languages
    ]
    said += [(label("contact", speak), point["value"]) for point in body.get("telecom", ())]
    if "address" in body and client.address is not None:
        place = client.address
        parts = (*place.line, place.city, place.state, place.postal_code, place.country)
        said.append((label("address", speak), ", ".join(part for part in parts if part)))
    if not client.safe_to_contact:
        said.append(("", label("do-not-contact", speak)))
    return said


def write_interpreters(draft: Draft) -> list[str]:
    """Add an Observation for each language in which an interpreter is needed; gives their roles."""
    roles = []
    for index, skill in enumerate(draft.prescription.client.languages):
        if not skill.interpreter_needed:
            continue
        role = f"interpreter/{index}"
        roles.append(role)
        draft.place(role, "Observation")
        code = own_concept("finding-type", "interpreter-needed", draft.language)
        body = {
            "resourceType": "Observation",
            "status": "final",
            "category": [sdoh_concept()],
            "code": code,
            "subject": draft.ref("patient"),
            "effectiveDateTime": as_written(draft.prescription.authored),
            "performer": [draft.ref("patient")],
            "valueCodeableConcept": {"coding": [{"system": BCP_47, "code": skill.code}], "text": skill.code},
        }
        words = own_text("finding-type", "interpreter-needed", draft.speech())
        draft.put(role, body, origin=f"/client/languages/{index}", claim="assessment", lines=[(words, skill.code)])
    return roles


def read_patient(graph: Graph, node: Node) -> dict[str, Any]:
    """The client as far as the Patient says."""
    source = graph.cursor(node)
    client: dict[str, Any] = {}
    if found := read_identifiers(source, own=own_identifier_system()):
        client["identifiers"] = found
    if name := read_name(source):
        client["name"] = name
    if len(str(source.peek("birthDate") or "")) == 10:
        client["birthDate"] = source.get("birthDate")
    if gender := source.text("gender"):
        client["gender"] = gender
    if languages := [skill for one in source.each("communication") if (skill := _read_language(one))]:
        client["languages"] = languages
    note = next((words for one in source.each("telecom") if (words := _read_comment(one))), None)
    if contacts := read_contacts(source):
        client["contacts"] = contacts
    if place := read_address(source):
        client["address"] = place
    if note is not None:
        client["contactNote"] = note
    _read_interpreter(source, client)
    return client


def _read_comment(point: Cursor) -> str | None:
    words = comment(point)
    if words is not None and (found := extension(point, COMMENT_URL)) is not None:
        found.take()
    return words


def _read_language(source: Cursor) -> dict[str, Any] | None:
    concept = source.child("language")
    code = code_in(concept, BCP_47)
    if concept is None or code is None:
        return None
    concept.take()
    preferred = source.get("preferred")
    return {"code": code, "preferred": True} if preferred is True else {"code": code}


def _read_interpreter(source: Cursor, client: dict[str, Any]) -> None:
    """Mark the preferred language (else the first) when only the Patient says that an interpreter is needed."""
    found = extension(source, INTERPRETER_URL)
    languages = client.get("languages")
    if found is None or not languages:
        return
    found.take()
    if found.peek("valueBoolean") is True:
        preferred = next((skill for skill in languages if skill.get("preferred")), languages[0])
        preferred["interpreterNeeded"] = True


def read_interpreters(graph: Graph, client: dict[str, Any], nodes: list[Node]) -> None:
    """Mark the languages that Observations name as needing an interpreter; they know better than the Patient."""
    for skill in client.get("languages", ()) if nodes else ():
        skill.pop("interpreterNeeded", None)
    for node in nodes:
        source = graph.cursor(node)
        source.get("code")
        code = code_in(source.child("valueCodeableConcept"), BCP_47)
        source.get("valueCodeableConcept")
        for skill in client.get("languages", ()):
            if skill["code"] == code:
                skill["interpreterNeeded"] = True


def is_interpreter(node: Node) -> bool:
    """Whether an Observation says that an interpreter is needed."""
    wanted = {"system": own_system("finding-type"), "code": "interpreter-needed"}
    return node.type == "Observation" and wanted in codings_of(node.resource.get("code"))
