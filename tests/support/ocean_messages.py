"""Messages of Ocean in the shape of the real sample, with every value a test's own; and the same in the shape of 0.10.0.

Written from the public facts on Ocean, not with the code under test.
"""

import copy
import json
from typing import Any

Bundle = dict[str, Any]

BASE = "https://ocean.test.invalid/svc/fhir/v1"
NAMING = f"{BASE}/NamingSystem"
REFERRAL = "3b0c9c61-6a67-4a86-9c39-3f0a1f0f7d11"
LISTING = "example_hub12345678"
EXTERNAL = "hub-programs"
SITE = "1234"
HCN = "9000000404"
EVENTS = "https://ehealthontario.ca/fhir/CodeSystem/message-event-code"
PROFILE = "http://ehealthontario.ca/fhir/StructureDefinition/ca-on-eReferral-profile-"
HIDDEN = {"url": f"{BASE}/StructureDefinition/ext-ocean-eform-item-visibility", "valueString": "hidden"}
IDS = {
    "header": "d0000000-0000-4000-8000-000000000000",
    "patient": "d0000000-0000-4000-8000-000000000001",
    "target": "d0000000-0000-4000-8000-000000000002",
    "role": "d0000000-0000-4000-8000-000000000003",
    "practitioner": "d0000000-0000-4000-8000-000000000004",
    "organization": "d0000000-0000-4000-8000-000000000005",
    "place": "d0000000-0000-4000-8000-000000000006",
    "letter": "d0000000-0000-4000-8000-000000000007",
    "form": "d0000000-0000-4000-8000-000000000008",
    "document": "d0000000-0000-4000-8000-000000000009",
    "request": REFERRAL,
}


def url(name: str) -> str:
    """The fullUrl of a resource by its name here."""
    return f"urn:uuid:{IDS[name]}"


def ref(name: str) -> dict[str, str]:
    return {"reference": url(name)}


def item(link_id: str, *answers: Any, text: str | None = None, hidden: bool = False) -> dict[str, Any]:
    """A form's item; an answer is a text, or a dict like ``{"valueBoolean": True}``."""
    rows = [answer if isinstance(answer, dict) else {"valueString": answer} for answer in answers]
    found: dict[str, Any] = {"linkId": link_id}
    found |= {"text": text} if text else {}
    found |= {"answer": rows} if rows else {}
    return found | ({"extension": [HIDDEN]} if hidden else {})


def add_service_request(event: str = "add-service-request") -> Bundle:
    """A whole message: everything that a referral may have is there."""
    header = {
        "resourceType": "MessageHeader",
        "id": IDS["header"],
        "meta": {"profile": [f"{PROFILE}MessageHeader|1.0.1"]},
        "extension": [
            {
                "url": "http://ehealthontario.ca/fhir/StructureDefinition/ext-referral-identifier",
                "valueIdentifier": {"system": f"{NAMING}/id-ereferral-reference", "value": REFERRAL},
            }
        ],
        "eventCoding": {"system": EVENTS, "code": event, "display": event},
        "destination": [{"name": "Example Hub", "endpoint": "https://us.test.invalid/x", "receiver": ref("target")}],
        "sender": ref("role"),
        "author": ref("role"),
        "source": {"name": "Ocean", "endpoint": f"{BASE}/$process-messages"},
        "reason": {"text": "Initial"},
        "focus": [ref("request")],
    }
    resources: dict[str, dict[str, Any]] = {
        "patient": {
            "resourceType": "Patient",
            "identifier": [
                {
                    "extension": [
                        {
                            "url": "http://ehealthontario.ca/fhir/StructureDefinition/ext-id-health-card-version-code",
                            "valueString": "AB",
                        }
                    ],
                    "use": "official",
                    "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "JHN"}]},
                    "system": "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn",
                    "value": HCN,
                },
                {
                    "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]},
                    "system": f"{NAMING}/id-external-patient-reference",
                    "value": "4711",
                },
            ],
            "active": True,
            "name": [{"use": "official", "family": "Tremblay", "given": ["Odile", "Marie"]}],
            "telecom": [
                {"system": "phone", "value": "416-555-0134", "use": "mobile", "rank": 1},
                {"system": "email", "value": "odile@mail.invalid"},
                {"system": "phone"},
            ],
            "gender": "female",
            "birthDate": "1948-04-01",
            "address": [
                {"use": "home", "type": "postal"},
                {
                    "use": "home",
                    "type": "physical",
                    "line": ["12 Elm St", "Unit 4"],
                    "city": "Toronto",
                    "state": "ON",
                    "postalCode": "M4P 0C6",
                    "country": "CA",
                },
            ],
            "communication": [
                {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "fr"}]}, "preferred": True}
            ],
        },
        "target": {
            "resourceType": "PractitionerRole",
            "identifier": [
                {"system": f"{NAMING}/id-referral-target-reference", "value": LISTING},
                {"system": f"{NAMING}/id-site-number", "value": SITE},
                {"system": f"{NAMING}/id-referral-target-external-service", "value": EXTERNAL},
            ],
            "active": True,
            "location": [ref("place")],
        },
        "role": {
            "resourceType": "PractitionerRole",
            "identifier": [
                {
                    "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MD"}]},
                    "system": "http://infoway-inforoute.ca/fhir/NamingSystem/ca-on-license-physician",
                    "value": "77001",
                }
            ],
            "active": True,
            "practitioner": ref("practitioner"),
            "organization": ref("organization"),
            "code": [
                {"coding": [{"system": "http://snomed.info/sct", "code": "59058001", "display": "Family Physician"}]}
            ],
            "telecom": [{"system": "phone", "value": "416-555-0102", "use": "work"}],
        },
        "practitioner": {"resourceType": "Practitioner", "name": [{"family": "Osei", "given": ["Abena"]}]},
        "organization": {"resourceType": "Organization", "name": "Riverside Family Health Team"},
        "place": {"resourceType": "Location", "status": "active", "address": {"city": "Toronto", "state": "ON"}},
        "letter": {
            "resourceType": "DocumentReference",
            "identifier": [{"system": f"{NAMING}/id-ereferral-reference", "value": REFERRAL}],
            "status": "current",
            "content": [
                {
                    "attachment": {
                        "contentType": "application/pdf",
                        "url": f"{BASE}/ServiceRequest/{REFERRAL}/$letter",
                        "title": "letter.pdf",
                    }
                }
            ],
        },
        "document": {
            "resourceType": "DocumentReference",
            "identifier": [{"system": f"{NAMING}/id-attachment-reference", "value": "att-9"}],
            "status": "current",
            "content": [
                {
                    "attachment": {
                        "contentType": "image/png",
                        "url": f"{BASE}/DocumentReference/att-9/$binary",
                        "size": 2048,
                        "title": "map.png",
                    }
                }
            ],
        },
        "request": {
            "resourceType": "ServiceRequest",
            "identifier": [{"system": f"{NAMING}/id-ereferral-reference", "value": REFERRAL}],
            "status": "active",
            "intent": "proposal",
            "category": [
                {
                    "coding": [
                        {"system": "http://snomed.info/sct", "code": "385759002", "display": "HOME_AND_COMMUNITY_CARE"}
                    ]
                }
            ],
            "priority": "urgent",
            "subject": ref("patient"),
            "authoredOn": "2026-01-15T10:00:00-05:00",
            "requester": ref("role"),
            "performer": [ref("target")],
            "supportingInfo": [ref("letter"), ref("document"), ref("form")],
            "note": [
                {
                    "time": "2026-01-15T10:00:00-05:00",
                    "text": "<b>Reason for Referral:</b> Skips meals, cannot pay for groceries.&nbsp;",
                }
            ],
        },
        "form": {
            "resourceType": "QuestionnaireResponse",
            "identifier": {"system": f"{NAMING}/id-form-reference", "value": "links2wellbeing"},
            "status": "completed",
            "subject": ref("patient"),
            "item": [
                item("interests", "Walking group; euchre", text="Program interests:"),
                item("consent", "Yes", text="Patient consents to contact:"),
                item("prob", "Hypertension", hidden=True),
            ],
        },
    }
    entries = [{"fullUrl": IDS["header"], "resource": header}]  # a bare UUID, as the real sample has it
    entries += [{"fullUrl": url(name), "resource": resource} for name, resource in resources.items()]
    return {
        "resourceType": "Bundle",
        "id": "c0000000-0000-4000-8000-000000000000",
        "meta": {"lastUpdated": "2026-01-15T10:00:01.000-05:00"},
        "type": "message",
        "timestamp": "2026-01-15T10:00:01.000-05:00",
        "entry": entries,
    }


def resource(bundle: Bundle, name: str) -> dict[str, Any]:
    """The resource of that name here."""
    wanted = IDS[name]
    found: dict[str, Any] = next(
        row["resource"] for row in bundle["entry"] if (row.get("fullUrl") or row["resource"].get("id")).endswith(wanted)
    )
    return found


def without(bundle: Bundle, *names: str) -> Bundle:
    """The message without some resources; references to them lead nowhere then."""
    made = copy.deepcopy(bundle)
    gone = {IDS[name] for name in names}
    made["entry"] = [row for row in made["entry"] if row["fullUrl"].removeprefix("urn:uuid:") not in gone]
    return made


def as_v010(bundle: Bundle) -> Bundle:
    """The same in the shape of 0.10.0: ids, one with underscores, no fullUrls, ``Type/id``, the older extension."""
    made = copy.deepcopy(bundle)
    ids, types = {}, {}
    for row in made["entry"]:
        full = row["fullUrl"].removeprefix("urn:uuid:")
        kind = row["resource"]["resourceType"]
        ids[full] = LISTING if full == IDS["target"] else full
        types[full] = kind
    text = json.dumps(made)
    for full, own in ids.items():
        text = text.replace(f"urn:uuid:{full}", f"{types[full]}/{own}")
    made = json.loads(text)
    for row, full in zip(made["entry"], ids, strict=True):
        del row["fullUrl"]
        row["resource"]["id"] = ids[full]
        if "profile" in row["resource"].get("meta", {}):
            row["resource"]["meta"]["profile"] = [f"{PROFILE}{types[full]}%7C1.0.0"]
    header = made["entry"][0]["resource"]
    header["extension"] = [
        {"url": "http://ehealthontario.ca/fhir/StructureDefinition/ext-id-message-header", "valueString": REFERRAL}
    ]
    for row in made["entry"]:
        for found in (
            row["resource"].get("identifier", []) if isinstance(row["resource"].get("identifier"), list) else []
        ):
            for coding in found.get("type", {}).get("coding", []):
                coding["system"] = "http://hl7.org/fhir/v2/0203/"  # the wrong address that real payloads have
    return made


def encoded(bundle: Bundle) -> bytes:
    return json.dumps(bundle).encode()
