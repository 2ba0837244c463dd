"""Builds a message to Ocean: the received Bundle without its header, plus what the answer adds.

That is what OceanMD's own lab does (https://github.com/oceanmdlabs/autorouter). The message has the shape that came.
"""

import copy
import uuid
from dataclasses import replace
from typing import Any

from footbridge.partners.ocean.entries import URN
from footbridge.partners.ocean.loose import obj, objects, text
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.translate.answer_values import Answer, Envelope
from footbridge.partners.ocean.translate.outgoing_draft import (
    HTEST,
    Draft,
    Resource,
    listing_reference,
    referral_system,
    stamp,
)
from footbridge.partners.ocean.translate.outgoing_resources import add_focus
from footbridge.partners.ocean.translate.tables import table
from footbridge.uris import own_uri


def build(answer: Answer, received: OceanMessage, envelope: Envelope) -> dict[str, Any]:
    """The message.

    Raises:
        ValueError: the answer has no event, or lacks an id that its event needs.
    """
    if answer.event is None:
        raise ValueError("This answer is for a person: it has no message.")
    draft = Draft(received, answer, replace(envelope, fhir_base=envelope.fhir_base.rstrip("/")))
    _copy_received(draft)
    acting = _acting_person(draft)
    focus = add_focus(draft, acting)
    header = _header(draft, answer.event, acting, focus)
    at = stamp(envelope.at)
    return {
        "resourceType": "Bundle",
        "id": envelope.bundle_id,
        "meta": {"lastUpdated": at} | ({"security": [dict(HTEST)]} if received.test else {}),
        "type": "message",
        "timestamp": at,
        "entry": [header, *draft.added, *draft.entries],
    }


def _copy_received(draft: Draft) -> None:
    """Every entry but the header; a fullUrl that is a bare UUID gets its prefix, so that references lead to it."""
    header = draft.received.header
    for row in objects(draft.received.bundle.get("entry")):
        resource = row.get("resource")
        if not isinstance(resource, dict) or resource is header or resource.get("resourceType") == "MessageHeader":
            continue
        copied: Resource = {"resource": copy.deepcopy(resource)}
        if url := text(row.get("fullUrl")):
            copied = {"fullUrl": f"{URN}{url}" if _is_uuid(url) else url, **copied}
        draft.entries.append(copied)
        draft.copies[id(resource)] = copied


def _is_uuid(url: str) -> bool:
    try:
        return str(uuid.UUID(url)) == url.casefold()
    except ValueError:
        return False


def _acting_person(draft: Draft) -> Resource:
    """The person who acted, as a PractitionerRole with its Practitioner.

    Ids are the same for the same person of a referral: Ocean's messages accumulate what they were sent, and a person
    takes the place of itself.
    """
    envelope = draft.envelope
    person: Resource = {"resourceType": "Practitioner", "id": _made(draft, "practitioner"), "active": True}
    person["name"] = [{"text": envelope.by.name}]
    role: Resource = {"resourceType": "PractitionerRole", "id": _made(draft, "practitioner-role"), "active": True}
    if envelope.by_id:
        role["identifier"] = [{"system": own_uri("NamingSystem/user"), "value": envelope.by_id}]
    role["practitioner"] = draft.add(person)
    role["code"] = [{"text": envelope.by.role}]
    return draft.add(role)


def _made(draft: Draft, name: str) -> str:
    by = draft.envelope.by
    who = "/".join([draft.received.referral or "", by.name, by.role, draft.envelope.by_id or ""])
    return str(uuid.uuid5(uuid.NAMESPACE_URL, own_uri(f"ocean/{who}/{name}")))


def _header(draft: Draft, event: str, acting: Resource, focus: list[Resource]) -> Resource:
    rules, envelope, received = table("answers"), draft.envelope, draft.received
    header: Resource = {
        "resourceType": "MessageHeader",
        "id": envelope.header_id,
        "meta": draft.meta("MessageHeader"),
        "extension": _extensions(draft),
        "eventCoding": {"system": rules["eventSystem"], "code": event, "display": event},
        "destination": [_destination(draft)],
        "sender": listing_reference(draft),
        "author": acting,
        "source": {"name": envelope.name, "endpoint": envelope.endpoint},
        "focus": focus,
    }
    if received.version == "0.10.0":
        return {"resource": header}
    return {"fullUrl": f"{URN}{envelope.header_id}", "resource": header}


def _extensions(draft: Draft) -> list[Resource]:
    """Both: OceanMD's own lab answers messages of 0.11 with the extension of 0.10."""
    value, rules = draft.received.referral, table("answers")["headerExtensions"]
    if value is None:
        raise ValueError("The received message names no referral, so it cannot be answered.")
    return [
        {"url": rules["valueIdentifier"], "valueIdentifier": {"system": referral_system(draft), "value": value}},
        {"url": rules["valueString"], "valueString": value},
    ]


def _destination(draft: Draft) -> Resource:
    """Ocean's own endpoint; the receiver is who sent the message that is answered."""
    endpoint = f"{draft.envelope.fhir_base}{table('answers')['operation']}"
    found: Resource = {"name": "Ocean", "endpoint": endpoint}
    sender = draft.received.entries.resolve(obj(draft.received.header).get("sender"), "PractitionerRole")
    receiver = draft.reference(sender)
    return found | ({"receiver": receiver} if receiver else {})
