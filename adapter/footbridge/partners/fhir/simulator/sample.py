"""A small referral to try a server with: a client, a practice, a service, a need, an order and its Task."""

import uuid
from typing import Any

from footbridge.partners.fhir.server import Resource
from footbridge.terminology.codesystems import sdohcc_system


def referral_bundle() -> Resource:
    """A transaction Bundle of six conditional creates, under identifiers that no other has.

    The entries stand in the reverse of the order in which they could be created.
    """
    urls = {role: f"urn:uuid:{uuid.uuid4()}" for role in ("patient", "practice", "service", "need", "order", "task")}
    refs = {role: {"reference": url} for role, url in urls.items()}
    resources = {
        "task": _task(refs),
        "order": _order(refs),
        "need": {"resourceType": "Condition", "code": {"text": "Lonely"}, "subject": refs["patient"]},
        "patient": {"resourceType": "Patient", "gender": "unknown", "managingOrganization": refs["practice"]},
        "service": {"resourceType": "Organization", "active": True, "name": "Good Neighbours"},
        "practice": {"resourceType": "Organization", "active": True, "name": "Riverside Practice"},
    }
    entries = [_entry(urls[role], resource) for role, resource in resources.items()]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _task(refs: dict[str, Any]) -> Resource:
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]},
        "focus": refs["order"],
        "for": refs["patient"],
        "authoredOn": "2026-03-01T10:00:00Z",
        "requester": refs["practice"],
        "owner": refs["service"],
    }


def _order(refs: dict[str, Any]) -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "category": [{"coding": [{"system": sdohcc_system(), "code": "social-connection"}]}],
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "308440001"}], "text": "Company"},
        "subject": refs["patient"],
        "requester": refs["practice"],
        "reasonReference": [refs["need"]],
    }


def _entry(url: str, resource: Resource) -> Resource:
    value = f"urn:uuid:{uuid.uuid4()}"
    named = {**resource, "identifier": [{"system": "urn:ietf:rfc:3986", "value": value}]}
    condition = f"identifier=urn:ietf:rfc:3986|{value}"
    request = {"method": "POST", "url": resource["resourceType"], "ifNoneExist": condition}
    return {"fullUrl": url, "resource": named, "request": request}
