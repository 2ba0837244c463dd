"""Requests as the guide's reference implementation of 2023 sends them: everything in transactions, through HAPI's client.

Its EHR reads what it needs in one transaction and refers in another, with an Organization as the requester and a Consent
under a policy rule; its app of a service lists by the owner's identifier and answers in transactions that hold the
Task of the last list.
"""

import uuid
from typing import Any

import pytest
from support.fhir_http import System
from support.spine import World

from footbridge.validation import Validator
from footbridge.validation.writing import write_xml

Json = dict[str, Any]
GUIDE = "http://hl7.org/fhir/us/sdoh-clinicalcare"
CODES = f"{GUIDE}/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
HAPI = {
    "Accept": "application/fhir+xml;q=1.0, application/fhir+json;q=1.0, application/xml+fhir;q=0.9,"
    " application/json+fhir;q=0.9",
    "Accept_Charset": "utf-8",
    "Content_Type": "application/fhir+json; charset=UTF-8",
}
TYPES = "http://hl7.org/gravity/CodeSystem/sdohcc-temporary-organization-type-codes"
NOW = "2026-03-02T12:00:00.123+00:00"


@pytest.fixture
def conforms() -> bool:
    return False


@pytest.fixture
def hub_title() -> str:
    return "Better Health CBO"


def concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": code.title()}]}


def profile(name: str) -> Json:
    return {"profile": [f"{GUIDE}/StructureDefinition/SDOHCC-{name}"]}


def new(kind: str, full_url: str, **members: Any) -> Json:
    return {
        "fullUrl": full_url,
        "resource": {"resourceType": kind, **members},
        "request": {"method": "POST", "url": kind},
    }


def put(resource: Json) -> Json:
    """As HAPI's client has it: with the whole address of the version that it read."""
    version = resource["meta"]["versionId"]
    url = f"http://localhost/fhir/{resource['resourceType']}/{resource['id']}/_history/{version}"
    return {"fullUrl": url, "resource": resource, "request": {"method": "PUT", "url": url}}


def send(system: System, *entries: Json, status: int = 200, **headers: str) -> Json:
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
    answer = system.ask("POST", "", bundle, **{**HAPI, **headers})
    assert answer.status_code == status, answer.text
    return answer.json


@pytest.fixture
def chart(annex: System) -> dict[str, str]:
    """What the EHR has already: the ids by name."""
    clinic = annex.create({"resourceType": "Organization", "active": True, "name": "Example Clinic"})["id"]
    service = annex.create({"resourceType": "Organization", "active": True, "name": "Better Health CBO",
                            "type": [concept(TYPES, "cp")]})["id"]  # fmt: skip
    patient = annex.create({"resourceType": "Patient", "identifier": [{"system": "urn:example:mrn", "value": "53"}],
                            "gender": "female", "name": [{"family": "Blow", "given": ["Jo"]}],
                            "birthDate": "1980-01-02"})["id"]  # fmt: skip
    subject = {"reference": f"Patient/{patient}"}
    condition = annex.create({
        "resourceType": "Condition", "meta": profile("Condition"), "subject": subject,
        "category": [concept("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item"),
                     concept(CODES, "food-insecurity")],
        "code": concept("http://snomed.info/sct", "733423003"),
    })["id"]  # fmt: skip
    goal = annex.create({
        "resourceType": "Goal", "meta": profile("Goal"), "lifecycleStatus": "active", "subject": subject,
        "category": [concept(CODES, "food-insecurity")], "description": concept("http://snomed.info/sct", "1078229009"),
        "addresses": [{"reference": f"Condition/{condition}"}],
    })["id"]  # fmt: skip
    return {"clinic": clinic, "service": service, "patient": patient, "condition": condition, "goal": goal}


def referral(chart: dict[str, str]) -> list[Json]:
    """The entries of a referral: neither identifiers nor a person who asks."""
    consent, order = (f"urn:uuid:{uuid.uuid4()}" for _ in range(2))
    subject = {"reference": f"Patient/{chart['patient']}"}
    code = {"code": concept("http://snomed.info/sct", "710925007"), "priority": "asap", "authoredOn": NOW}
    return [
        new("Consent", consent, meta=profile("Consent"), status="active", dateTime=NOW, patient=subject,
            scope=concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
            category=[concept("http://terminology.hl7.org/CodeSystem/v3-ActCode", "IDSCL")],
            policyRule=concept("http://terminology.hl7.org/CodeSystem/consentpolicycodes", "hipaa-auth"),
            provision={"actor": [{"role": concept("http://terminology.hl7.org/CodeSystem/v3-RoleClass", "PAT"),
                                  "reference": subject}],
                       "action": [concept("http://terminology.hl7.org/CodeSystem/consentaction", "disclose")]}),
        new("ServiceRequest", order, meta=profile("ServiceRequest"), status="active", intent="order", subject=subject,
            category=[concept(CODES, "food-insecurity")], **code,
            reasonReference=[{"reference": f"Condition/{chart['condition']}"}],
            supportingInfo=[{"reference": f"Goal/{chart['goal']}"}, {"reference": consent}],
            note=[{"text": "Please call first.", "time": NOW, "authorString": "Jan Water"}]),
        new("Task", f"urn:uuid:{uuid.uuid4()}", meta=profile("TaskForReferralManagement"), status="requested",
            intent="order", priority="asap", authoredOn=NOW, lastModified=NOW, description="Food box",
            code=concept("http://hl7.org/fhir/CodeSystem/task-code", "fulfill"), focus={"reference": order},
            owner={"reference": f"Organization/{chart['service']}"},
            requester={"reference": f"Organization/{chart['clinic']}"}, **{"for": subject}),
    ]  # fmt: skip


def test_an_ehr_reads_in_one_transaction_and_refers_in_another(
    town: World, annex: System, hub: System, chart: dict[str, str]
) -> None:
    core = "http://hl7.org/fhir/us/core/StructureDefinition"
    endpoint = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type|hl7-fhir-rest"
    urls = [
        f"Patient/{chart['patient']}",
        f"PractitionerRole?practitioner=none&_profile={core}/us-core-practitionerrole&organization._profile={core}/x",
        f"Organization?_id={chart['service']}&_include=Organization:endpoint&endpoint.connection-type={endpoint}",
        f"Condition?_id={chart['condition']}&_profile={GUIDE}/StructureDefinition/SDOHCC-Condition",
        f"Goal?_id={chart['goal']}&_profile={GUIDE}/StructureDefinition/SDOHCC-Goal",
    ]
    read = send(annex, *({"request": {"method": "GET", "url": url}} for url in urls))
    found = [one["resource"] for one in read["entry"]]
    assert found[0]["id"] == chart["patient"]
    matches = [
        [one["resource"]["id"] for one in page.get("entry", ()) if one["search"]["mode"] == "match"]
        for page in found[1:]
    ]
    assert matches == [[], [chart["service"]], [chart["condition"]], [chart["goal"]]]
    made = send(annex, *referral(chart))
    assert [entry["response"]["status"] for entry in made["entry"]] == ["201 Created"] * 3
    town.pass_time()
    task = hub.task()
    assert task["status"] == "requested"
    (mine,) = annex.found(
        f"Task?_sort=-_lastUpdated&patient={chart['patient']}&_include=Task:focus&_include=Task:owner"
    )
    role = hub.read(task["requester"]["reference"])
    assert hub.read(role["organization"]["reference"])["name"] == "Example Clinic"
    assert mine["requester"] == {"reference": f"Organization/{chart['clinic']}"}  # as it was written


def test_an_ehr_polls_what_is_open(town: World, annex: System, hub: System, chart: dict[str, str]) -> None:
    """What it asks besides, of types that are not here, is named and does no harm."""
    send(annex, *referral(chart))
    query = (
        f"Task?owner%3AOrganization.type={TYPES}%7Ccp&_include=Task%3Aowner&_include%3Aiterate=Organization%3Aendpoint"
    )
    query += "".join(f"&status%3Anot={status}" for status in ("failed", "rejected", "completed", "cancelled"))
    (mine,) = annex.found(query, **HAPI)
    assert [one["id"] for one in annex.found(query, "include", **HAPI)] == [chart["service"]]
    assert "_include:iterate" in annex.found(query, "outcome", **HAPI)[0]["issue"][0]["details"]["text"]
    town.pass_time()
    (task,) = hub.found("Task")
    assert hub.put({**task, "status": "rejected", "statusReason": {"text": "Full"}}).status_code == 200
    town.pass_time()
    assert annex.found(query, **HAPI) == []
    assert annex.read(f"Task/{mine['id']}")["statusReason"]["text"] == "Full"


def test_the_same_referral_in_xml(town: World, annex: System, hub: System, chart: dict[str, str]) -> None:
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": referral(chart)}
    body = write_xml(bundle, Validator().types)
    answer = annex.ask("POST", "", body, Content_Type="application/fhir+xml; charset=UTF-8", Accept=HAPI["Accept"])
    assert (answer.status_code, answer.mimetype) == (200, "application/fhir+xml")
    town.pass_time()
    assert hub.task()["status"] == "requested"


def test_a_service_answers_in_transactions(town: World, annex: System, hub: System, chart: dict[str, str]) -> None:
    send(annex, *referral(chart))
    town.pass_time()
    name = {"system": "urn:example:app", "value": "http://localhost:8082"}
    (first,) = hub.found("Task")
    assert hub.put({**first, "status": "accepted"}).status_code == 200
    town.pass_time()
    query = "Task?status%3Anot=requested&intent=filler-order%2Corder&owner%3AOrganization.identifier="
    includes = "&_include=Task%3Afocus&_include=Task%3Asubject&_include=Task%3Arequester&_sort=-_lastUpdated"
    assert hub.found(f"{query}{name['value']}{includes}", **HAPI) == []  # no owner has this identifier
    own = hub.read(first["owner"]["reference"])["identifier"][0]
    assert [one["id"] for one in hub.found(f"{query}{own['value']}{includes}", **HAPI)] == [first["id"]]
    task = hub.task()
    on_the_way = {**task, "status": "in-progress", "lastModified": NOW, "note": [{"text": "On our way", "time": NOW}]}
    send(hub, put(on_the_way))
    town.pass_time()
    task, order = hub.task(), hub.read(task["focus"]["reference"])
    activity, done = concept(CODES, "resulting-activity"), f"urn:uuid:{uuid.uuid4()}"
    procedure = new("Procedure", done, meta=profile("Procedure"), status="completed", category=order["category"][0],
                    code=order["code"], basedOn=[task["focus"]], subject=task["for"],
                    performedDateTime=NOW, reasonReference=order["reasonReference"])  # fmt: skip
    output = [
        {"type": activity, "valueCodeableConcept": {"text": "Box delivered"}},
        {"type": activity, "valueReference": {"reference": done, "display": "Provision of food"}},
    ]
    completed = put({**task, "status": "completed", "lastModified": NOW, "output": output})
    refused = send(hub, procedure, put({**order, "status": "completed"}), completed, status=403)
    assert refused["issue"][0]["expression"] == [
        "Bundle.entry[1]"
    ]  # the order is the requester's, and follows the Task
    assert hub.found("Procedure") == []
    assert hub.task()["status"] == "in-progress"
    send(hub, procedure, completed)
    town.pass_time()
    (mine,) = annex.found("Task")
    assert mine["status"] == "completed"
    assert annex.read(mine["focus"]["reference"])["status"] == "completed"
    assert [one["valueReference"]["reference"].split("/")[0] for one in mine["output"] if "valueReference" in one] == [
        "Procedure"
    ]
