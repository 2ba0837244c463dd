"""Messages between a requester and a service about a referral: questions, answers, documents.

A message becomes a Communication of ours (https://hl7.org/fhir/R4/communication.html), whose text never stands in the
timeline or a log, and is queued for the other side. A network that carries no messages gets none: the referral says so.
What a service writes where no system of a requester gets it waits for a person, who answers here.
"""

import base64
import uuid
from typing import Any

from footbridge.i18n import Language, language_of_tag
from footbridge.mapping import narrative
from footbridge.mapping.draft import own_identifier_system
from footbridge.mapping.references import Resource, local
from footbridge.mapping.terms import label
from footbridge.model.clock import utc_instant
from footbridge.model.principals import Principal
from footbridge.partners.ports import ActingPerson, Document, Message, Outgoing, OutgoingMessage
from footbridge.referrals.demographics import at_work
from footbridge.referrals.documents import document_message, is_document
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import Key, PrescriptionUnit
from footbridge.store import resource_rows
from footbridge.store.client_messages import messages_about
from footbridge.store.fhir_dates import span
from footbridge.store.resource_rows import Scope
from footbridge.store.worklist import clear_questions, mark_question
from footbridge.uris import own_uri


def store_message(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, said: Message) -> None:
    """Store a message and queue it for the other side; ``said`` comes once, so it is stored once."""
    made = _communication(unit, row, principal, said)
    unit.create([made])
    from_service = principal.role == "recipient"
    detail = {"direction": "from-recipient" if from_service else "from-requester"}
    at = said.at or unit.scope.now
    unit.note(principal, "message", row.id, at=at, detail=detail)
    for document in said.documents:
        unit.note(
            principal, "document", row.id, at=at, detail={"title": document.title, "mediaType": document.media_type}
        )
    others = _others(unit, row, from_service=from_service)
    for partner, about in others:
        unit.enqueue_message(partner, about, f"Communication/{made['id']}")
    scope = unit.scope
    if not from_service:
        clear_questions(scope.connection, scope.tenant, [row.id, *(about.id for _partner, about in others)])
    elif not others:  # nobody's system gets it: whoever looks at the worklist answers
        mark_question(scope.connection, scope.tenant, row.id, scope.now)


def message_of(scope: Scope, about: Outgoing, reference: str) -> OutgoingMessage:
    """A stored message, or document, as a network sends it. Raises LookupError where it is missing."""
    if is_document(reference):
        return document_message(scope, about, reference)
    body = _stored(scope, reference)
    sender = body.get("sender", {}).get("display", "")
    payload = body.get("payload", [])
    return OutgoingMessage(
        about=about,
        id=body["id"],
        text="\n\n".join(part["contentString"] for part in payload if "contentString" in part),
        sender=ActingPerson(sender, "requester" if about.partner.role == "recipient" else "recipient"),
        sent=span(body["sent"]).first,
        documents=tuple(_document(part["contentAttachment"]) for part in payload if "contentAttachment" in part),
    )


def has_documents(scope: Scope, reference: str) -> bool:
    """Whether documents go with a stored message, or it is one. Raises LookupError where it is missing."""
    return is_document(reference) or any(
        "contentAttachment" in part for part in _stored(scope, reference).get("payload", [])
    )


def messages_known(unit: PrescriptionUnit, row: ReferralRow) -> set[Key]:
    """Type and id of the messages that the service of a referral may know because of it.

    Those about the referral itself; of a part also those about the whole, since there was the part.
    """
    patient = unit.prescription.resources["patient"]
    whole = next((one for one in unit.rows if one.id == row.parent), None)
    since = None if whole is None else span(unit.resource(("Task", row.task))["authoredOn"]).first
    found: set[Key] = set()
    for message in messages_about(unit.scope, patient):
        about = {one.get("reference") for one in message.resource.get("about", [])}
        of_whole = whole is not None and f"Task/{whole.task}" in about
        if f"Task/{row.task}" in about or (of_whole and since is not None and message.last_updated >= since):
            found.add((message.type, message.id))
    return found


def _stored(scope: Scope, reference: str) -> Resource:
    key = local(reference)
    stored = None if key is None else resource_rows.current(scope, *key)
    if stored is None or stored.deleted:
        raise LookupError("a message of a referral is missing")
    return stored.resource


def _communication(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, said: Message) -> Resource:
    name = f"{own_uri('')}{unit.scope.tenant}/{principal.partner or ''}/{said.message_id}"
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
    language = unit.prescription.document.language
    patient = unit.prescription.resources["patient"]
    payload: list[dict[str, Any]] = [{"contentString": said.text}] if said.text else []
    payload += [{"contentAttachment": _attachment(document)} for document in said.documents]
    made: Resource = {
        "resourceType": "Communication",
        "id": identity,
        "text": _narrative(said.text, language, unit.narrative),
        "identifier": [{"system": own_identifier_system(), "value": identity}],
        "status": "completed",
        "subject": {"reference": patient},
        "about": [{"reference": f"Task/{row.task}"}],
        "sent": utc_instant(said.at or unit.scope.now),
        "sender": {"display": principal.name or principal.role},
        "payload": payload,
    }
    if row.service_request is not None:
        made["basedOn"] = [{"reference": f"ServiceRequest/{row.service_request}"}]
    return made


def _narrative(text: str | None, language: str, wanted: Language | None) -> dict[str, Any]:
    if wanted is None or language_of_tag(language) == wanted:
        return narrative.generated(label("message", language), [("", text)], language)
    words = None if text is None else narrative.Prose(text, language)
    return narrative.generated(label("message", wanted), [("", words)], wanted)


def _others(unit: PrescriptionUnit, row: ReferralRow, *, from_service: bool) -> list[tuple[str, ReferralRow]]:
    """Who gets it: the requester of a service's message; of a requester's, each service at work on what it is about."""
    if from_service:
        return [] if unit.requester is None else [(unit.requester.name, row)]
    asked = [one for one in unit.rows if at_work(one) and row.id in {one.id, one.parent}]
    return [(one.partner, one) for one in asked if one.partner is not None]


def _attachment(document: Document) -> dict[str, str]:
    data = base64.b64encode(document.content).decode()
    return {"contentType": document.media_type, "data": data, "title": document.title}


def _document(attachment: dict[str, str]) -> Document:
    content = base64.b64decode(attachment.get("data", ""))
    return Document(attachment.get("title", ""), attachment.get("contentType", ""), content)
