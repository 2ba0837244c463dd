"""Requests as public clients of the guide send them: no If-Match, no Prefer, bare ids, copies that are stale, cancels twice.

After the reference clients of the guide's authors: the EHR client creates ServiceRequest and Task one by one with neither
identifier nor requester on the order; the client of the service lists by profile and owner and writes back what it read.
"""

from typing import Any

import pytest
from support.emr import only
from support.fhir_http import System
from support.spine import LINK_WORKER, World

from footbridge.model.prescription import Consent

Json = dict[str, Any]
GUIDE = "http://hl7.org/fhir/us/sdoh-clinicalcare"
PROFILE = f"{GUIDE}/StructureDefinition/SDOHCC-TaskForReferralManagement"
CODES = f"{GUIDE}/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
RUBY = {"Content_Type": "application/fhir+json;charset=UTF-8", "Accept_Charset": "utf-8"}


@pytest.fixture
def conforms() -> bool:
    return False


@pytest.fixture
def hub_title() -> str:
    return "Better Health CBO"


def concept(system: str, code: str, display: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def chart(annex: System, *, intent: str = "order") -> dict[str, str]:
    """What an EHR has before it refers, and the referral itself; the ids."""
    made: dict[str, str] = {}

    def post(kind: str, **members: Any) -> str:
        answer = annex.ask("POST", kind, {"resourceType": kind, **members}, **RUBY)
        assert answer.status_code == 201, answer.text
        made[kind] = answer.json["id"]
        assert answer.headers["Location"].rsplit("/_history/", 1)[0].endswith(f"{kind}/{made[kind]}")
        return f"{kind}/{made[kind]}"

    clinic = post("Organization", active=True, name="Example Clinic")
    target = post("Organization", active=True, name="Better Health CBO")
    person = post("Practitioner", identifier=[{"system": "urn:example", "value": "7"}],
                  name=[{"family": "Water", "given": ["Jan"]}])  # fmt: skip
    role = post("PractitionerRole", active=True, practitioner={"reference": person},
                organization={"reference": clinic}, telecom=[{"system": "phone", "value": "+1 416 555 0100"}])  # fmt: skip
    patient = {"reference": post("Patient", identifier=[{"system": "urn:example:mrn", "value": "53"}], gender="female",
                                 name=[{"family": "Blow", "given": ["Jo"]}], birthDate="1980-01-02"),
               "display": "Jo Blow"}  # fmt: skip
    condition = post(
        "Condition",
        meta={"profile": [f"{GUIDE}/StructureDefinition/SDOHCC-Condition"]},
        category=[concept("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item", "Problem"),
                  concept(CODES, "food-insecurity", "Food Insecurity")],
        code=concept("http://snomed.info/sct", "733423003", "Food insecurity"),
        subject=patient,
    )  # fmt: skip
    order = post(
        "ServiceRequest",
        meta={"profile": [f"{GUIDE}/StructureDefinition/SDOHCC-ServiceRequest"]},
        status="active",
        intent=intent,
        category=[concept("http://snomed.info/sct", "410606002", "Social service procedure"),
                  concept(CODES, "food-insecurity", "Food Insecurity")],
        code=concept("http://snomed.info/sct", "710925007", "Provision of food"),
        priority="routine",
        subject=patient,
        reasonReference=[{"reference": condition}],
    )  # fmt: skip
    post(
        "Task",
        meta={"profile": [PROFILE]},
        status="requested",
        intent="order",
        code=concept("http://hl7.org/fhir/CodeSystem/task-code", "fulfill", "Fulfill the focal request"),
        focus={"reference": order},
        **{"for": patient},
        authoredOn="2026-03-02T09:00:00.123Z",
        requester={"reference": role, "display": "Jan Water"},
        owner={"reference": target, "display": "Better Health CBO"},
    )
    return made


@pytest.mark.parametrize("intent", ["order", "original-order"])
def test_an_ehr_client_refers_polls_and_cancels(town: World, annex: System, hub: System, intent: str) -> None:
    made = chart(annex, intent=intent)
    mine = f"Task?subject={made['Patient']}&_profile={PROFILE}&_sort=-_lastUpdated"
    mine += f"&requester=PractitionerRole/{made['PractitionerRole']}"
    assert [one["id"] for one in annex.found(mine)] == [made["Task"]]
    for kind in ("ServiceRequest", "Condition"):
        assert len(annex.found(f"{kind}?subject={made['Patient']}&_sort=-_lastUpdated")) == 1
    for query in ("Patient", "Organization", f"PractitionerRole?practitioner={made['Practitioner']}",
                  f"Goal?patient={made['Patient']}", f"Consent?patient={made['Patient']}", "Practitioner"):  # fmt: skip
        annex.found(query)
    town.pass_time()
    assert hub.found("Task") == []  # it sent no Consent
    town.command(only(town).id, "confirm-consent", LINK_WORKER, consent=Consent(status="given"), reason="By phone")
    town.pass_time()
    assert len(hub.found("Task?status=requested")) == 1
    task = annex.read(f"Task/{made['Task']}")
    answer = annex.ask("PUT", f"Task/{task['id']}", {**task, "status": "cancelled"}, **RUBY)
    assert answer.status_code == 200, answer.text
    order = annex.read(task["focus"]["reference"])
    answer = annex.ask("PUT", f"ServiceRequest/{order['id']}", {**order, "status": "revoked"}, **RUBY)
    assert answer.status_code == 200, answer.text
    town.pass_time()
    assert (annex.read(f"Task/{task['id']}")["status"], hub.task()["status"]) == ("cancelled", "cancelled")
    assert annex.read(f"ServiceRequest/{order['id']}")["status"] == "revoked"


def test_a_client_of_a_service_writes_back_what_it_cached(town: World, annex: System, hub: System) -> None:
    chart(annex)
    town.command(only(town).id, "confirm-consent", LINK_WORKER, consent=Consent(status="given"), reason="By phone")
    town.pass_time()
    (organization,) = {task["owner"]["reference"] for task in hub.found("Task")}
    (cached,) = hub.found(f"Task?_profile={PROFILE}&owner={organization}&_sort=-_lastUpdated")
    order = hub.read(f"ServiceRequest/{cached['focus']['reference'].split('/')[-1]}")
    for status in ("accepted", "in-progress"):  # each time the copy of the list, with its old version in it
        answer = hub.ask("PUT", f"Task/{cached['id']}", {**cached, "status": status}, **RUBY)
        assert answer.status_code == 200, answer.text
        town.pass_time()
    made = {}
    for kind, members in {
        "Observation": {
            "status": "final",
            "category": [concept("http://hl7.org/fhir/us/core/CodeSystem/us-core-category", "sdoh", "SDOH"),
                         concept(CODES, "program-enrollment", "Program Enrollment")],
            "code": concept("http://snomed.info/sct", "481021000124104", "Adult protective service"),
            "subject": cached["for"],
            "performer": [{"reference": organization}],
            "valueCodeableConcept": concept(CODES, "enrolled", "Enrolled"),
        },
        "Procedure": {
            "status": "completed",
            "basedOn": [{"reference": f"ServiceRequest/{order['id']}"}],
            "category": order["category"][0],
            "code": order["code"],
            "subject": order["subject"],
            "reasonReference": order["reasonReference"],
            "performedDateTime": "2026-03-02",
        },
    }.items():  # fmt: skip
        answer = hub.ask("POST", kind, {"resourceType": kind, **members}, **RUBY)
        assert answer.status_code == 201, answer.text
        made[kind] = answer.json["id"]
    types = {"Procedure": "resulting-activity", "Observation": "additional-content"}
    output = [
        {"type": concept(CODES, types[kind], kind), "valueReference": {"reference": f"{kind}/{identity}"}}
        for kind, identity in made.items()
    ]
    answer = hub.ask("PUT", f"Task/{cached['id']}", {**cached, "status": "completed", "output": output}, **RUBY)
    assert answer.status_code == 200, answer.text
    town.pass_time()
    task = next(one for one in annex.found("Task") if one["intent"] == "order")
    assert task["status"] == "completed"
    kinds = {one["valueReference"]["reference"].split("/")[0] for one in task["output"]}
    assert "Procedure" in kinds
    assert annex.read(task["focus"]["reference"])["status"] == "completed"


def test_a_light_client_polls_with_what_it_needs(town: World, annex: System, hub: System) -> None:
    chart(annex)
    before = town.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    town.command(only(town).id, "confirm-consent", LINK_WORKER, consent=Consent(status="given"), reason="By phone")
    town.pass_time()
    query = f"Task?_lastUpdated=ge{before}&_include=Task:focus&_sort=-_lastUpdated&_count=1"
    answer = hub.get(query)
    modes = [entry["search"]["mode"] for entry in answer.json["entry"]]
    assert sorted(modes) == ["include", "match"]
    assert hub.found("Task?owner:missing=true&status=requested") == []
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [
        {"request": {"method": "GET", "url": answer.json["entry"][1]["resource"]["resourceType"]}},
        {"request": {"method": "GET", "url": "Procedure?patient=" + hub.task()["for"]["reference"].split("/")[1]}},
    ]}  # fmt: skip
    said = hub.ask("POST", "", bundle)
    assert [entry["response"]["status"][:3] for entry in said.json["entry"]] == ["200", "200"]
    full = hub.move("rejected", statusReason={"text": "Rejected - at capacity"})
    assert full.status_code == 200, full.text
    town.pass_time()
    tasks = annex.found("Task?status=rejected")
    assert [one["statusReason"]["text"] for one in tasks] == ["Rejected - at capacity"]
