"""The parts of a message that two messages of a referral are compared by, each in a form that ignores order and ids."""

import json
from dataclasses import dataclass
from typing import Final

from footbridge.partners.ocean.entries import Entry
from footbridge.partners.ocean.listing import Listing
from footbridge.partners.ocean.loose import Json, Object, last_part, obj, objects, text, texts
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.parties import name_in_words, practitioner_of
from footbridge.partners.ocean.translate.attachments import documents_of
from footbridge.partners.ocean.translate.client import patient_of
from footbridge.partners.ocean.translate.forms import forms_of
from footbridge.partners.ocean.translate.limits import Lost
from footbridge.partners.ocean.translate.plain import plain
from footbridge.partners.ocean.translate.telecom import address

LOOKED_AT: Final = frozenset({
    "MessageHeader", "ServiceRequest", "Patient", "PractitionerRole", "Practitioner", "Organization", "Location",
    "QuestionnaireResponse", "DocumentReference", "Task", "Appointment", "Communication", "HealthcareService",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Booking:
    """An Appointment: its status, start and end as they are written."""

    status: str | None
    start: str | None
    end: str | None
    confirmed: tuple[str, ...]


def status(message: OceanMessage) -> str | None:
    """ServiceRequest.status."""
    return text((message.request or {}).get("status"))


def priority(message: OceanMessage) -> str | None:
    """ServiceRequest.priority."""
    return text((message.request or {}).get("priority"))


def task_status(message: OceanMessage) -> str | None:
    """Status of the newest Task; of several without a time, of the last."""
    tasks = message.entries.of_type("Task")
    tasks.sort(key=lambda task: text(task.get("lastModified")) or text(task.get("authoredOn")) or "")
    return text(tasks[-1].get("status")) if tasks else None


def service_types(message: OceanMessage) -> tuple[str, ...]:
    """Displays, else codes, of ServiceRequest.category."""
    codings = [
        coding
        for concept in objects((message.request or {}).get("category"))
        for coding in objects(concept.get("coding"))
    ]
    return tuple(sorted({text(row.get("display")) or text(row.get("code")) or "-" for row in codings}))


def notes(message: OceanMessage) -> str:
    """The notes of the ServiceRequest as plain text."""
    rows = [plain(text(row.get("text")) or "") for row in objects((message.request or {}).get("note"))]
    return "\n".join(row for row in rows if row)


def requester(message: OceanMessage) -> str:
    """The name of who refers, and of the clinic."""
    role, person = practitioner_of(message.entries, (message.request or {}).get("requester"))
    clinic = message.entries.resolve((role or {}).get("organization"), "Organization")
    names = (name_in_words(person or {}), text((clinic or {}).get("name")))
    return ", ".join(name for name in names if name)


def client(message: OceanMessage) -> dict[str, str]:
    """The client's members in words; empty where the message has no client."""
    patient = patient_of(message)
    if not patient:
        return {}
    found = {
        "name": sorted(filter(None, (_name(row) for row in objects(patient.get("name"))))),
        "telecom": sorted(filter(None, (text(row.get("value")) for row in objects(patient.get("telecom"))))),
        "address": sorted(filter(None, (_address(row) for row in objects(patient.get("address"))))),
        "birthDate": [text(patient.get("birthDate")) or ""],
        "gender": [text(patient.get("gender")) or ""],
        "identifier": sorted(_identifiers(patient)),
        "communication": sorted(_canonical(row.get("language")) for row in objects(patient.get("communication"))),
        "deceased": [str(patient.get("deceasedDateTime") or patient.get("deceasedBoolean") or "")],
    }
    return {name: "; ".join(rows) for name, rows in found.items()}


def answers(message: OceanMessage) -> dict[str, str]:
    """Answers of all forms by question."""
    found: dict[str, str] = {}
    for form in forms_of(message, Listing(target=None)):
        for row in form.fields:
            key = row.question or row.link_id
            found[key] = "; ".join(filter(None, [found.get(key, ""), *row.answers]))
    return found


def documents(message: OceanMessage) -> dict[str, str]:
    """Titles of the documents of the referral, by their address, else by their content."""
    found = {}
    for document in documents_of(message):
        for row in objects(document.get("content")):
            attachment = obj(row.get("attachment"))
            key = text(attachment.get("url")) or _canonical(attachment)
            found[key] = text(attachment.get("title")) or text(document.get("description")) or "-"
    return found


def appointments(message: OceanMessage) -> dict[str, Booking]:
    """Appointments by id."""
    return {_key(row): _booking(row.resource) for row in message.entries.rows if row.type == "Appointment"}


def communications(message: OceanMessage) -> dict[str, str]:
    """The words of Communications by id."""
    return {_key(row): words_of(row.resource) for row in message.entries.rows if row.type == "Communication"}


def words_of(communication: Object) -> str:
    """What a Communication says as plain text: its payload, with titles of what is attached, then its notes."""
    parts: list[str | None] = []
    for row in objects(communication.get("payload")):
        parts.append(text(row.get("contentString")))
        parts.append(text(obj(row.get("contentAttachment")).get("title")))
        parts.append(text(obj(row.get("contentReference")).get("display")))
    parts += [text(row.get("text")) for row in objects(communication.get("note"))]
    return "\n".join(shown for part in parts if part and (shown := plain(part)))


def others(message: OceanMessage) -> frozenset[tuple[str, str]]:
    """Type and content of every resource that nothing else here looks at."""
    rows = [row for row in message.entries.rows if row.type not in LOOKED_AT]
    return frozenset((row.type if row.type.isalpha() else "-", _canonical(_without_meta(row.resource))) for row in rows)


def _booking(resource: Object) -> Booking:
    statuses = {text(row.get("status")) or "" for row in objects(resource.get("participant"))}
    start, end = text(resource.get("start")), text(resource.get("end"))
    return Booking(text(resource.get("status")), start, end, tuple(sorted(statuses)))


def _key(row: Entry) -> str:
    return row.id or _canonical(_without_meta(row.resource))


def _name(row: Object) -> str:
    parts = [*texts(row.get("given")), *texts(row.get("family"))]
    return " ".join(parts) or text(row.get("text")) or ""


def _address(row: Object) -> str:
    found = address(row, "", Lost()) or {}
    return ", ".join(str(part) for value in found.values() for part in (value if isinstance(value, list) else [value]))


def _identifiers(patient: Object) -> list[str]:
    rows = objects(patient.get("identifier"))
    return [f"{last_part(row.get('system'))} {value}" for row in rows if (value := text(row.get("value")))]


def _without_meta(resource: Object) -> Object:
    return {name: value for name, value in resource.items() if name not in {"meta", "id"}}


def _canonical(value: Json) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=True)
