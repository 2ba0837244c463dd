"""The order itself: ServiceRequest.

Its code.text is what is asked for, in words; its categories say the kind of the prescription and the SDOH
categories of the needs; needs, goals and findings hang on it in the order of the prescription.
``orderDetail`` is not used: no value of it passes the profile's slicing, so the guide's
contacting-subject-prohibited goes into a further category and into Task.input.
"""

from typing import Any

from footbridge.mapping.draft import Draft
from footbridge.mapping.elements import as_written, codings, put_text
from footbridge.mapping.requester import note_author
from footbridge.mapping.terms import (
    SNOMED,
    accepted,
    category_concept,
    guide_coding,
    label,
    own_concept,
    own_system,
    own_text,
    sdoh_concept,
    stand_in,
)
from footbridge.mapping.tracked_reader import Cursor
from footbridge.mapping.values import code_in
from footbridge.model.prescription import Coding, Service

SOCIAL_SERVICE = {"coding": [{"system": SNOMED, "code": "410606002", "display": "Social service procedure"}]}
GOAL_URL = "http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal"
UNSPECIFIED = "sdoh-category-unspecified"
COUNTRIES = "urn:iso:std:iso:3166"
PROHIBITED = "contacting-subject-prohibited"


def intent(draft: Draft) -> str:
    """A signpost asks nobody to act, so it is a proposal."""
    return "proposal" if draft.prescription.kind == "signpost" else "order"


def is_open(service: Service) -> bool:
    """Whether a service is prescribed without saying whose."""
    return not (service.partner or service.organization or service.directory_id or service.self_directed)


def write_request(draft: Draft, findings: list[str]) -> None:
    """Add the ServiceRequest (role ``service-request``, which was placed).

    Args:
        draft: the Bundle in the making; all that the order refers to was placed.
        findings: roles of strengths, interests, barriers and interpreter needs.
    """
    prescription = draft.prescription
    code, coded = _code(draft)
    body: dict[str, Any] = {"resourceType": "ServiceRequest"}
    if prescription.jurisdiction is not None:
        body["meta"] = {"tag": [{"system": COUNTRIES, "code": prescription.jurisdiction.upper()}]}
    if prescription.goals:
        goals = (draft.ref(f"goal/{index}") for index in range(len(prescription.goals)))
        body["extension"] = [{"url": GOAL_URL, "valueReference": goal} for goal in goals]
    if prescription.journey is not None:
        body["requisition"] = {"system": prescription.journey.system, "value": prescription.journey.value}
    body |= {"status": "active", "intent": intent(draft), "category": _categories(draft)}
    body |= {"priority": prescription.priority, "code": code, "subject": draft.ref("patient")}
    body |= {"authoredOn": as_written(prescription.authored), "requester": draft.ref("requester")}
    parties = [draft.ref(role) for role in ("navigator", "service", "partner") if draft.has(role)]
    if prescription.kind == "navigator":
        body["performerType"] = own_concept("requester-role", "navigator", draft.language)
    if prescription.kind != "signpost" and parties:
        body["performer"] = parties
    if prescription.needs:  # cut for a part that none of them is about, it has none
        body["reasonReference"] = [draft.ref(f"need/{index}") for index in range(len(prescription.needs))]
    info = [draft.ref(role) for role in (*(["consent"] if draft.has("consent") else []), *findings)]
    if prescription.kind == "signpost":
        info += parties
    if info:
        body["supportingInfo"] = info
    if notes := _notes(draft):
        body["note"] = notes
    if prescription.instructions is not None:
        put_text(body, "patientInstruction", prescription.instructions.text, prescription.instructions.language)
    draft.put(
        "service-request",
        body,
        origin="",
        claim="service-request",
        unclaimed=None if coded else "no-coded-service",
        identifiers=(prescription.identifier,),
        lines=_lines(draft),
    )


def _code(draft: Draft) -> tuple[dict[str, Any], bool]:
    """ServiceRequest.code, and whether it meets the profile's required binding."""
    prescription, service = draft.prescription, draft.prescription.service
    said: Coding | None = service.code if service is not None else None
    met = said is not None and accepted("service-request", said)
    default = None
    if not met:
        category = prescription.needs[0].category if prescription.needs else UNSPECIFIED
        default = stand_in(category, "service-request", draft.jurisdiction, prescription.kind)
    code: dict[str, Any] = {}
    if found := codings(said, default):
        code["coding"] = found
    elif service is None or service.description is None:
        code["coding"] = own_concept("prescription-kind", prescription.kind, draft.language)["coding"]
    if service is not None:
        put_text(code, "text", service.description, service.language)
    return code, met or default is not None


def _categories(draft: Draft) -> list[dict[str, Any]]:
    prescription, speak = draft.prescription, draft.language
    found = [SOCIAL_SERVICE, sdoh_concept()]
    categories = dict.fromkeys(need.category for need in prescription.needs)
    found += [category_concept(category, draft.context.guide) for category in categories]
    found.append(own_concept("prescription-kind", prescription.kind, speak))
    service = prescription.service
    if service is not None and service.self_directed:
        found.append(own_concept("service-form", "self-directed", speak))
    elif service is not None and is_open(service):
        found.append(own_concept("service-form", "open", speak))
    if not prescription.client.safe_to_contact:
        found.append({"coding": [guide_coding(PROHIBITED)], "text": label("do-not-contact", speak)})
    return found


def _notes(draft: Draft) -> list[dict[str, Any]]:
    """The client's own words by the Patient, then the requester's notes by the requester."""
    found = []
    for said in draft.prescription.in_their_words:
        note: dict[str, Any] = {"authorReference": draft.ref("patient")}
        if said.said is not None:
            note["time"] = as_written(said.said)
        put_text(note, "text", said.text, said.language)
        found.append(note)
    for remark in draft.prescription.notes:
        note = {"authorReference": note_author(draft)}
        put_text(note, "text", remark.text, remark.language)
        found.append(note)
    return found


def _lines(draft: Draft) -> list[tuple[str, str | None]]:
    prescription, speak = draft.prescription, draft.speech()
    client, service = prescription.client, prescription.service
    said: list[tuple[str, str | None]] = []
    if not client.safe_to_contact:
        said.append(("", label("do-not-contact", speak)))
    said += [
        (label("kind", speak), own_text("prescription-kind", prescription.kind, speak)),
        (label("authored", speak), prescription.authored.isoformat(" ", "minutes")),
        (label("asked", speak), draft.prose(service.description, service.language) if service is not None else None),
    ]
    said += [(label("need", speak), draft.prose(need.statement, need.language)) for need in prescription.needs]
    said += [(label("goal", speak), draft.prose(goal.description, goal.language)) for goal in prescription.goals]
    said += [
        (label("own-words", speak), draft.prose(words.text, words.language)) for words in prescription.in_their_words
    ]
    said += [(label("note", speak), draft.prose(note.text, note.language)) for note in prescription.notes]
    told = prescription.instructions
    said.append((label("instructions", speak), draft.prose(told.text, told.language) if told else None))
    return said


def read_categories(source: Cursor, found: dict[str, Any], service: dict[str, Any]) -> bool:
    """Kind, form of the service and whether contact is prohibited; True when the service is said to be open."""
    is_open_service = False
    for concept in source.each("category"):
        if (kind := code_in(concept, own_system("prescription-kind"))) is not None:
            found["kind"] = kind
            concept.take()
        elif (form := code_in(concept, own_system("service-form"))) is not None:
            concept.take()
            is_open_service = form == "open"
            if form == "self-directed":
                service["self"] = True
        elif code_in(concept, guide_coding(PROHIBITED)["system"]) == PROHIBITED:
            concept.take()
            found["client"]["safeToContact"] = False
    return is_open_service
