"""Accesses as AuditEvents, by IHE BALP 1.1 (https://profiles.ihe.net/ITI/BALP/); codes are ``mappings/audit.json``.

One access about several patients is several AuditEvents, one for each, as BALP asks. Where BALP wants a query as it
came, ours has ``...`` in place of each value that could name a person.
"""

import base64
from collections.abc import Iterator
from typing import Any, Final

from footbridge.data import read_json
from footbridge.model.clock import utc_instant
from footbridge.store.audit import OF_THE_API, AuditRow, Place
from footbridge.uris import own_uri

Json = dict[str, Any]
PROFILES: Final = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
_DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_THO: Final = "http://terminology.hl7.org/CodeSystem"
_REST: Final = {"system": f"{_THO}/audit-event-type", "code": "rest", "display": "Restful Operation"}
_SYSTEM_OBJECT: Final = {"system": f"{_THO}/audit-entity-type", "code": "2", "display": "System Object"}
_PERSON: Final = {"system": f"{_THO}/audit-entity-type", "code": "1", "display": "Person"}
_RESOURCE: Final = {"system": f"{_THO}/object-role", "code": "4", "display": "Domain Resource"}
_QUERY: Final = {"system": f"{_THO}/object-role", "code": "24", "display": "Query"}
_PATIENT: Final = {"system": f"{_THO}/object-role", "code": "1", "display": "Patient"}
_X_REQUEST_ID: Final = {
    "system": "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType",
    "code": "XrequestId",
}
_SOURCE: Final = {"system": _DICOM, "code": "110153", "display": "Source Role ID"}
_DESTINATION: Final = {"system": _DICOM, "code": "110152", "display": "Destination Role ID"}
_RECEIVES: Final = {"R": "IRCP", "E": "IRCP"}
"""Participation of a user who reads or searches; one who writes is the author."""


def audit_events(row: AuditRow, base_url: str) -> Iterator[Json]:
    """The AuditEvents of an access: one for each of its patients, or one without any."""
    if len(row.patients) <= 1:
        yield _event(row, str(row.id), row.patients[0] if row.patients else None, base_url)
        return
    for number, place in enumerate(row.patients, start=1):
        yield _event(row, f"{row.id}-{number}", place, base_url)


def _event(row: AuditRow, identity: str, patient: Place | None, base_url: str) -> Json:
    known = read_json("mappings", "audit.json")["interactions"][row.interaction]
    event: Json = {"resourceType": "AuditEvent", "id": identity}
    profile = known.get("profile")
    if profile is not None and row.status < 400 and row.address is not None and (row.resource or row.query is not None):
        event["meta"] = {"profile": [f"{PROFILES}{'' if patient is None else 'Patient'}{profile}"]}
    event |= _kind(row, known)
    event["action"] = known["action"]
    event["recorded"] = utc_instant(row.recorded)
    event["outcome"] = "0" if row.status < 400 else "4" if row.status < 500 else "8"
    if row.count is not None:
        event["outcomeDesc"] = f"Reads that were not noted: {row.count}"
    event["agent"] = list(_agents(row, known["action"], base_url))
    event["source"] = {"observer": {"display": "Footbridge", "identifier": {"value": base_url}}}
    event["entity"] = list(_entities(row, patient))
    return {name: value for name, value in event.items() if value != []}


def _kind(row: AuditRow, known: Json) -> Json:
    match row.interaction:
        case "token":
            login = {"system": _DICOM, "code": "110122", "display": "Login"}
            return {"type": {"system": _DICOM, "code": "110114", "display": "User Authentication"}, "subtype": [login]}
        case "lost":
            return {"type": {"system": _DICOM, "code": "110113", "display": "Security Alert"}}
        case _:
            code = known["subtype"]
            subtype = {"system": "http://hl7.org/fhir/restful-interaction", "code": code, "display": code}
            return {"type": _REST, "subtype": [subtype]}


def _agents(row: AuditRow, action: str, base_url: str) -> Iterator[Json]:
    """The caller's system, ours, and the user, where a user calls. Data flow from the source to the destination."""
    theirs, ours = (_DESTINATION, _SOURCE) if action == "R" else (_SOURCE, _DESTINATION)
    is_system = row.channel == "fhir" and row.partner is not None
    name = row.actor if row.partner is None else row.partner
    client: Json = {
        "type": {"coding": [theirs]},
        "who": {"identifier": {"system": own_uri("NamingSystem/partner"), "value": name}, "display": row.actor},
        "requestor": is_system,
    }
    if row.address is not None:
        client["network"] = {"address": row.address, "type": "2"}
    yield client
    network = {"address": base_url, "type": "5"}
    yield {"type": {"coding": [ours]}, "who": {"display": base_url}, "requestor": False, "network": network}
    if not is_system:
        part = {"system": f"{_THO}/v3-ParticipationType", "code": _RECEIVES.get(action, "AUT")}
        who = {"identifier": {"value": row.actor}}
        role = [{"text": row.role}]
        yield {"type": {"coding": [part]}, "who": who, "name": row.actor, "role": role, "requestor": True}


def _entities(row: AuditRow, patient: Place | None) -> Iterator[Json]:
    if row.request is not None:
        yield {"what": {"identifier": {"value": row.request}}, "type": _X_REQUEST_ID}
    if row.interaction == "token":
        if row.query is not None:
            yield {"type": _SYSTEM_OBJECT, "description": row.query}
    elif row.query is not None:
        asked = f"{row.type or ''}?{row.query}"
        query = base64.b64encode(asked.encode()).decode()
        yield {"type": _SYSTEM_OBJECT, "role": _QUERY, "description": asked, "query": query}
    elif row.resource is not None:
        yield {"what": _what(row), "type": _SYSTEM_OBJECT, "role": _RESOURCE}
    if patient is not None:
        yield {"what": {"reference": f"Patient/{patient[1]}"}, "type": _PERSON, "role": _PATIENT}


def _what(row: AuditRow) -> Json:
    if row.type == OF_THE_API:
        return {"identifier": {"system": own_uri("NamingSystem/prescription"), "value": row.resource}}
    version = f"/_history/{row.version}" if row.version is not None else ""
    return {"reference": f"{row.type}/{row.resource}{version}"}
