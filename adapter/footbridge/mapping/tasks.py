"""Who is to do what: the first Task of a prescription.

A warm connection or a navigator: Task for Referral Management, owned by the navigator, the partner or the
service. A signpost: Task for Patient, which nobody but the client fulfils: make-contact where there is a
contact, else general-information.
"""

from typing import Any

from footbridge.mapping.draft import Draft
from footbridge.mapping.elements import as_written
from footbridge.mapping.graph import Graph, Node
from footbridge.mapping.request import PROHIBITED
from footbridge.mapping.requester import task_requester
from footbridge.mapping.sensitivity import gives_away, hidden_values
from footbridge.mapping.service import has_appointment_contact
from footbridge.mapping.supports import is_required, support_inputs
from footbridge.mapping.terms import guide_coding, label, own_concept, own_system, own_text
from footbridge.mapping.values import code_in

FULFILL = {"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}
MAKE_CONTACT, GENERAL_INFORMATION, CONTACT_ENTITY = "make-contact", "general-information", "contact-entity"
# A Task for Patient is routine or urgent (SDOHCC-ValueSetTaskPriority).
PATIENT_PRIORITY = {"routine": "routine", "urgent": "urgent", "asap": "urgent", "stat": "urgent"}


def write_task(draft: Draft) -> None:
    """Add the first Task (role ``task``, which was placed)."""
    if draft.prescription.kind == "signpost":
        _write_patient_task(draft)
    else:
        _write_referral_task(draft)


def _write_referral_task(draft: Draft) -> None:
    prescription = draft.prescription
    body: dict[str, Any] = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "priority": prescription.priority,
        "code": {"coding": [FULFILL], "text": label("referral-task", draft.language)},
        **_common(draft),
    }
    if prescription.kind == "navigator":
        body["performerType"] = [own_concept("requester-role", "navigator", draft.language)]
    if (owner := owner_role(draft)) is not None:
        body["owner"] = draft.ref(owner)
    if inputs := _inputs(draft):
        body["input"] = inputs
    draft.put("task", body, origin="", claim="referral-task", lines=_lines(draft, body))


def owner_role(draft: Draft) -> str | None:
    """Role of whoever gets the referral; None while that is open."""
    navigator = ["navigator"] if draft.prescription.kind == "navigator" else []
    candidates = (*navigator, "partner", "service-organization", "service")
    return next((role for role in candidates if draft.has(role)), None)


def _write_patient_task(draft: Draft) -> None:
    prescription, speak = draft.prescription, draft.language
    contact = has_appointment_contact(draft)
    code = MAKE_CONTACT if contact else GENERAL_INFORMATION
    told = prescription.instructions.text if prescription.instructions is not None else None
    body: dict[str, Any] = {
        "resourceType": "Task",
        "status": "ready",
        "intent": "order",
        "priority": PATIENT_PRIORITY[prescription.priority],
        "code": {"coding": [guide_coding(code)], "text": own_text("prescription-kind", "signpost", speak)},
        "description": told or _standing_instruction(draft, contact, draft.language),
        **_common(draft),
        "owner": draft.ref("patient"),
    }
    inputs = _inputs(draft)
    if contact:
        kind = {"coding": [guide_coding(CONTACT_ENTITY)]}
        inputs.insert(0, {"type": kind, "valueReference": draft.ref("service")})
    if inputs:
        body["input"] = inputs
    draft.put("task", body, origin="", claim="patient-task", lines=_lines(draft, body))


def _standing_instruction(draft: Draft, contact: bool, speak: str) -> str:
    """What the profile wants said where the prescriber said nothing to the client."""
    words = label("signpost-task" if contact else "information-task", speak)
    service = draft.prescription.service
    return words if service is None or service.description is None else f"{words}: {service.description}"


def _common(draft: Draft) -> dict[str, Any]:
    """What both kinds of Task share."""
    found: dict[str, Any] = {
        "focus": draft.ref("service-request"),
        "for": draft.ref("patient"),
        "authoredOn": as_written(draft.prescription.authored),
        "requester": task_requester(draft),
    }
    if (journey := draft.prescription.journey) is not None:
        found["groupIdentifier"] = {"system": journey.system, "value": journey.value}
    return found


def _inputs(draft: Draft) -> list[dict[str, Any]]:
    client = draft.prescription.client
    found: list[dict[str, Any]] = []
    if not client.safe_to_contact:
        kind = {"coding": [guide_coding(PROHIBITED)], "text": label("do-not-contact", draft.language)}
        found.append({"type": kind, "valueBoolean": True})
    note = client.contact_note
    if note is not None and draft.hides_contact and gives_away(note, hidden_values(draft.prescription)):
        draft.withheld.append("/client/contactNote")
    elif note is not None and (draft.hides_contact or not client.contacts):
        found.append({"type": own_concept("task-input", "contact-note", draft.language), "valueString": note})
    return found + support_inputs(draft)


def _lines(draft: Draft, body: dict[str, Any]) -> list[tuple[str, str | None]]:
    prescription, speak = draft.prescription, draft.speech()
    service = prescription.service
    said: list[tuple[str, str | None]] = []
    if not prescription.client.safe_to_contact:
        said.append(("", label("do-not-contact", speak)))
    said += [
        (label("kind", speak), own_text("prescription-kind", prescription.kind, speak)),
        (label("text", speak), _told(draft, body, speak)),
        (label("asked", speak), draft.prose(service.description, service.language) if service is not None else None),
    ]
    notes = (one for one in body.get("input", ()) if "valueString" in one)
    return said + [(label("contact-note", speak), draft.prose(one["valueString"])) for one in notes]


def _told(draft: Draft, body: dict[str, Any], speak: str) -> str | None:
    """What the Task asks for: the prescriber's words, else ours."""
    if draft.context.narrative is None:
        return str(body.get("description") or body["code"]["text"])
    told = draft.prescription.instructions
    if told is not None and body.get("description") == told.text:
        return draft.prose(told.text, told.language)
    if "description" in body:
        return _standing_instruction(draft, has_appointment_contact(draft), speak)
    return label("referral-task", speak)


def read_inputs(graph: Graph, node: Node, client: dict[str, Any]) -> tuple[list[tuple[Node, bool]], list[Node]]:
    """Inputs of the first Task: supports (each with whether it is required) and whom to contact.

    Sets ``safeToContact`` and ``contactNote`` of the client where an input says them.
    """
    supports: list[tuple[Node, bool]] = []
    contacts: list[Node] = []
    for one in graph.cursor(node).each("input"):
        kind = one.child("type")
        guide = code_in(kind, guide_coding(PROHIBITED)["system"])
        own = code_in(kind, own_system("task-input"))
        if guide == PROHIBITED and one.peek("valueBoolean") is True:
            client["safeToContact"] = False
            one.take()
        elif own == "contact-note" and one.peek("valueString") is not None:
            client.setdefault("contactNote", one.peek("valueString"))
            one.take()
        elif (target := graph.target(node, one.child("valueReference"))) is not None:
            if own == "support":
                supports.append((target, is_required(kind)))
                one.take()
            elif guide == CONTACT_ENTITY:
                contacts.append(target)
                one.take()
    return supports, contacts
