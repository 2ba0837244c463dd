"""What an answer adds to the received Bundle: a Task, an Appointment, a Communication, a new ServiceRequest, edits."""

import copy
import uuid
from datetime import timedelta
from typing import Any

from footbridge.partners.inbound import AppointmentTime
from footbridge.partners.ocean.loose import Object, last_part, obj, objects
from footbridge.partners.ocean.referral_reference import REFERENCE
from footbridge.partners.ocean.translate.client import patient_of
from footbridge.partners.ocean.translate.outgoing_draft import (
    Draft,
    Resource,
    listing_reference,
    referral_system,
    stamp,
)
from footbridge.partners.ocean.translate.tables import table
from footbridge.uris import own_uri

SNOMED = "http://snomed.info/sct"
NEEDS_REASON = frozenset({"rejected", "on-hold"})


def add_focus(draft: Draft, acting: Resource) -> list[Resource]:
    """Add what the answer is about, and return the references that are the header's focus.

    Raises:
        ValueError: an id is missing.
    """
    answer = draft.answer
    if answer.correction is not None:
        return _corrected(draft)
    if answer.text is not None:
        return [_communication(draft, acting)]
    if answer.appointment is not None or answer.instructions is not None:
        return [_appointment(draft)]
    if answer.forward_to is not None:
        return _forwarded(draft)
    return [_task(draft, _request(draft))]


def _request(draft: Draft) -> Resource:
    """A reference to the referral's ServiceRequest; by its identifier where the message does not have it."""
    found = draft.reference(draft.received.request)
    if found is not None:
        return found
    return {
        "type": "ServiceRequest",
        "identifier": {"system": referral_system(draft), "value": draft.received.referral},
    }


def _task(draft: Draft, based_on: Resource) -> Resource:
    answer, rules = draft.answer, table("answers")["task"]
    task: Resource = {
        "resourceType": "Task",
        "id": _required(answer.task, "task"),
        "identifier": [{"system": own_uri("NamingSystem/ocean-task"), "value": answer.task}],
        "basedOn": [based_on],
        "status": _required(answer.task_status, "task_status"),
        "intent": rules["intent"],
        "code": {"coding": [dict(rules["code"])]},
        "authoredOn": stamp(draft.envelope.authored or draft.envelope.at),
        "lastModified": stamp(draft.envelope.at),
        "owner": listing_reference(draft),
    }
    reason = answer.reason or (_no_reason(draft) if answer.task_status in NEEDS_REASON else None)
    if reason:
        task["statusReason"] = {"text": reason}
    if answer.outcome:
        task[rules["outcomeMember"]] = answer.outcome
    if answer.previous_task:
        task["partOf"] = [_earlier(draft, answer.previous_task)]
    if patient := draft.reference(patient_of(draft.received)):
        task["for"] = patient
    importing = table("answers")["importOnAccept"]
    if importing["send"] and answer.task_status == "accepted":
        task["extension"] = [{"url": importing["extension"], "valueBoolean": True}]
    return draft.add(task)


def _earlier(draft: Draft, task: str) -> Resource:
    """The Task that this one follows: the received one, else by its identifier."""
    for row in draft.received.entries.rows:
        if row.type == "Task" and row.id == task and (found := draft.reference(row.resource)):
            return found
    return {"type": "Task", "identifier": {"system": own_uri("NamingSystem/ocean-task"), "value": task}}


def _no_reason(draft: Draft) -> str:
    words: dict[str, str] = table("answers")["noReason"]
    return words.get(draft.envelope.language, words["en"])


def _appointment(draft: Draft) -> Resource:
    answer, rules = draft.answer, table("answers")["appointment"]
    time = answer.appointment
    state = "cancelled" if answer.cancelled else "withoutDate" if time is None else _confirmed(answer.confirmed)
    appointment: Resource = {
        "resourceType": "Appointment",
        "id": _required(answer.focus_id, "focus_id"),
        "status": rules["status"][state],
        "appointmentType": copy.deepcopy(rules["type"]),
        "basedOn": [_request(draft)],
        "participant": _participants(draft, rules["participant"][state], time),
    }
    if time is not None:
        end = time.end or time.start + timedelta(minutes=rules["minutes"])
        appointment |= {"start": stamp(time.start), "end": stamp(end)}
    if answer.instructions:
        appointment |= {"description": answer.instructions, "patientInstruction": answer.instructions}
    return draft.add(appointment)


def _confirmed(confirmed: bool) -> str:
    return "confirmed" if confirmed else "unconfirmed"


def _participants(draft: Draft, status: str, time: AppointmentTime | None) -> list[Resource]:
    """The client, whose status says whether the booking is confirmed; then the place, in words."""
    patient = draft.reference(patient_of(draft.received)) or {"display": "Patient"}
    rows: list[Resource] = [{"actor": patient, "status": status}]
    if time is not None and time.location:
        rows.append({"actor": {"display": time.location}, "status": "accepted"})
    return rows


def _communication(draft: Draft, acting: Resource) -> Resource:
    answer = draft.answer
    communication: Resource = {
        "resourceType": "Communication",
        "id": _required(answer.focus_id, "focus_id"),
        "basedOn": [_request(draft)],
        "status": "completed",
        "sent": stamp(draft.envelope.at),
        "sender": acting,
        "payload": [{"contentString": answer.text}],
    }
    if patient := draft.reference(patient_of(draft.received)):
        communication["subject"] = patient
    asking = draft.received.entries.resolve((draft.received.request or {}).get("requester"), "PractitionerRole")
    if receiver := draft.reference(asking):
        communication["recipient"] = [receiver]
    return draft.add(communication)


def _corrected(draft: Draft) -> list[Resource]:
    """The corrected resources, in place; the header's focus is each of them."""
    focus = []
    for kind, members in (draft.answer.correction or {}).items():
        received = draft.received.request if kind == "ServiceRequest" else patient_of(draft.received)
        entry = draft.copies.get(id(received))
        reference = draft.reference(received)
        if entry is None or reference is None:
            raise ValueError(f"The received message has no {kind} to correct.")
        entry["resource"] |= {name: _put_right(name, value, received) for name, value in members.items()}
        focus.append(reference)
    return focus


def _put_right(name: str, value: Any, received: Object | None) -> Any:  # noqa: ANN401 - any JSON
    """The corrected member. A code keeps the codings of other systems that it has: they are no business of ours."""
    made = copy.deepcopy(value)
    if name != "code" or received is None:
        return made
    systems = {coding.get("system") for coding in objects(made.get("coding"))}
    others = [dict(row) for row in objects(obj(received.get("code")).get("coding")) if row.get("system") not in systems]
    return {**made, "coding": [*others, *objects(made.get("coding"))]}


def _forwarded(draft: Draft) -> list[Resource]:
    """A new ServiceRequest that replaces the old one, its performer named by an identifier only, and its Task."""
    answer, old = draft.answer, draft.received.request
    if old is None:
        raise ValueError("The received message has no ServiceRequest to forward.")
    listing = _listing(draft)
    new = {name: copy.deepcopy(value) for name, value in old.items() if name not in {"id", "meta", "replaces"}}
    new |= {
        "id": _required(answer.focus_id, "focus_id"),
        "status": "active",
        "replaces": [_request(draft)],
        "performer": [listing],
        "identifier": [row for row in objects(old.get("identifier")) if last_part(row.get("system")) != REFERENCE],
        "category": _one_category(old),
    }
    reference = draft.add({name: value for name, value in new.items() if value})
    return [_task(draft, reference), reference]


def _listing(draft: Draft) -> Resource:
    """The PractitionerRole of the new listing, which has nothing but its identifier."""
    own = _required(draft.answer.focus_id, "focus_id")
    system = table("answers")["forward"]["identifierSystem"].format(fhirBase=draft.envelope.fhir_base)
    role: Resource = {
        "resourceType": "PractitionerRole",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, own_uri(f"ocean/{own}/listing"))),
        "identifier": [{"system": system, "value": draft.answer.forward_to}],
    }
    return draft.add(role)


def _one_category(request: Object) -> list[Resource]:
    """The first SNOMED CT code of the old referral: a forward has one."""
    for concept in objects(request.get("category")):
        for coding in objects(concept.get("coding")):
            if coding.get("system") == SNOMED:
                return [{"coding": [dict(coding)]}]
    return [dict(row) for row in objects(request.get("category"))[:1]]


def _required(value: str | None, name: str) -> str:
    if not value:
        raise ValueError(f"The answer needs '{name}'.")
    return value
