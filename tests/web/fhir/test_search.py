"""Search on ``/fhir``, as clients of the guide do it: by GET and POST, with every parameter that the guide names."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.fhir_http import JSON, System
from support.spine import World, prescribed

Json = dict[str, Any]
FORM = "application/x-www-form-urlencoded"
SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
TASK_PROFILE = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-TaskForReferralManagement"


@pytest.fixture
def busy(clinic: World, hub: System) -> System:
    """The hub with three referrals, of which one is accepted."""
    for number in range(3):
        clinic.submit(prescribed(number + 1))
        clinic.pass_time()
    first = hub.found("Task?_sort=authored-on,_lastUpdated")[0]
    assert hub.put({**first, "status": "accepted"}).status_code == 200
    return hub


def rows(test_data: Any) -> list[tuple[str, str]]:
    found = json.loads((test_data / "reference" / "facts" / "gravity_capabilities.json").read_text())["rows"]
    return sorted(
        {
            (row["resource"], row["item"])
            for row in found
            if row["mode"] == "server"
            and row["kind"] == "searchParam"
            and row["strength"] in {"SHALL", "SHOULD"}
            and row["role"] in {"CoordinationPlatform", "ReferralSource", "ReferralRecipient"}
            and row["resource"] != "Subscription"
        }
    )


def test_every_parameter_that_the_guide_asks_for_is_declared_and_works(busy: System, test_data: Any) -> None:
    statement = busy.get("metadata").json
    declared = {
        (resource["type"], parameter["name"])
        for resource in statement["rest"][0]["resource"]
        for parameter in resource["searchParam"]
    }
    wanted = rows(test_data)
    assert len(wanted) > 80
    for type_, name in wanted:
        assert (type_, name) in declared
        value = "2026" if name == "_lastUpdated" or name.endswith(("date", "authored", "occurrence")) else "x"
        answer = busy.get(f"{type_}?{name}={value}", Prefer="handling=strict")
        assert answer.status_code == 200, (type_, name, answer.text)


@pytest.mark.parametrize(
    ("type_", "include"),
    [
        ("Task", "Task:focus"),
        ("Task", "Task:output"),
        ("Group", "Group:member"),
        ("HealthcareService", "HealthCareService:location"),
        ("HealthcareService", "HealthcareService:location"),
        ("PractitionerRole", "PractitionerRole:practitioner"),
        ("ServiceRequest", "ServiceRequest:supporting-info"),
        ("ServiceRequest", "ServiceRequest:patient"),
        ("Consent", "Consent:source-reference:DocumentReference"),
    ],
)
def test_every_include_of_the_guide_is_followed(busy: System, type_: str, include: str) -> None:
    assert busy.get(f"{type_}?_include={include}", Prefer="handling=strict").status_code == 200


def test_an_include_brings_what_is_referred_to(busy: System) -> None:
    tasks = busy.found("Task?status=requested")
    orders = busy.found("Task?status=requested&_include=Task:focus", "include")
    assert {f"ServiceRequest/{one['id']}" for one in orders} == {task["focus"]["reference"] for task in tasks}
    back = busy.found("ServiceRequest?_revinclude=Task:focus", "include")
    assert {one["id"] for one in back} == {one["id"] for one in busy.found("Task")}


def test_an_include_goes_on_from_what_is_included(busy: System) -> None:
    """``:iterate``, as https://hl7.org/fhir/R4/search.html#include has it; without it one step from the matches."""
    (task,) = busy.found("Task?status=accepted")
    order = busy.read(task["focus"]["reference"])
    one_step = busy.found("Task?status=accepted&_include=Task:focus", "include")
    assert [one["resourceType"] for one in one_step] == ["ServiceRequest"]
    for rest in (
        "_include:iterate=ServiceRequest:requester&_include:iterate=PractitionerRole:practitioner",
        "_include:recurse=ServiceRequest:requester&_include:recurse=PractitionerRole:practitioner",
        "_include=ServiceRequest:requester&_include=PractitionerRole:practitioner",
    ):
        found = busy.found(f"Task?status=accepted&_include=Task:focus&{rest}", "include", Prefer="handling=strict")
        kinds = {f"{one['resourceType']}/{one['id']}" for one in found}
        role = busy.read(order["requester"]["reference"])
        assert kinds == {task["focus"]["reference"], order["requester"]["reference"], role["practitioner"]["reference"]}
    everything = busy.found("Task?status=accepted&_include:iterate=*", "include")
    assert order["id"] in {one["id"] for one in everything}
    others = busy.found(f"Task?_id={task['id']}&_include=Task:patient&_revinclude:iterate=Task:patient", "include")
    assert len([one for one in others if one["resourceType"] == "Task"]) == 2


def test_what_it_may_ask_of_its_tasks(busy: System) -> None:
    (accepted,) = busy.found("Task?status=accepted")
    owner = accepted["owner"]["reference"]
    everything = {one["id"] for one in busy.found("Task")}
    assert len(everything) == 3
    assert len(busy.found("Task?status:not=accepted")) == 2
    assert {one["id"] for one in busy.found(f"Task?owner={owner}")} == everything
    assert {one["id"] for one in busy.found(f"Task?owner={owner.partition('/')[2]}")} == everything
    assert {one["id"] for one in busy.found(f"Task?owner=http://localhost/fhir/{owner}")} == everything
    assert [one["id"] for one in busy.found(f"Task?patient={accepted['for']['reference']}&_id={accepted['id']}")]
    assert {one["id"] for one in busy.found(f"Task?_profile={TASK_PROFILE}")} == everything
    assert busy.found("Task?_profile=http://nowhere.test/profile") == []
    assert busy.found("Task?owner:missing=true") == []
    assert len(busy.found(f"Task?_lastUpdated=ge{accepted['meta']['lastUpdated']}")) == 1
    assert len(busy.found("Task?authored-on=ge2026-03-01&authored-on=lt2026-04-01")) == 3
    system, value = accepted["identifier"][0]["system"], accepted["identifier"][0]["value"]
    assert [one["id"] for one in busy.found(f"Task?identifier={system}|{value}")] == [accepted["id"]]


def test_a_search_sees_what_was_written_before_it(busy: System) -> None:
    made = busy.create({"resourceType": "Organization", "name": "Café Étoile", "type": [{"text": "x"}]})
    for query in ("Organization?name=cafe", "Organization?name:contains=ETOILE", "Organization?name:exact=Café Étoile"):
        assert [one["id"] for one in busy.found(query)] == [made["id"]]
    busy.put({**made, "name": "Gone"})
    assert busy.found("Organization?name=cafe") == []


def test_references_by_identifier(busy: System) -> None:
    number = {"system": "urn:footbridge:test:org", "value": "17"}
    service = busy.create({"resourceType": "HealthcareService", "providedBy": {"identifier": number}})
    asked = "HealthcareService?organization:identifier="
    assert [one["id"] for one in busy.found(f"{asked}urn:footbridge:test:org|17")] == [service["id"]]
    assert [one["id"] for one in busy.found(f"{asked}17")] == [service["id"]]
    assert busy.found(f"{asked}18") == []


def test_composites(busy: System) -> None:
    task = busy.found("Task")[0]
    loinc, snomed = "http://loinc.org", "http://snomed.info/sct"
    made = busy.create(
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": loinc, "code": "88122-7"}]},
            "subject": task["for"],
            "valueCodeableConcept": {"coding": [{"system": snomed, "code": "733423003"}]},
        }
    )
    for value in ("88122-7$733423003", f"{loinc}|88122-7${snomed}|733423003", f"88122-7${snomed}|733423003"):
        answer = busy.ask("POST", "Observation/_search", f"code-value-concept={value}".encode(), Content_Type=FORM)
        assert [entry["resource"]["id"] for entry in answer.json["entry"]] == [made["id"]]
    assert busy.found("Observation?code-value-concept=88122-7$1") == []


def test_by_post_as_by_get(busy: System) -> None:
    by_get = busy.get("Task?status=requested,accepted&_sort=-_lastUpdated")
    by_post = busy.ask("POST", "Task/_search?_sort=-_lastUpdated", b"status=requested,accepted", Content_Type=FORM)
    assert by_post.status_code == 200
    assert by_post.json["entry"] == by_get.json["entry"]
    wrong = busy.ask("POST", "Task/_search", {"status": "requested"})
    assert wrong.status_code == 415


def test_pages_survive_writes_between_them(busy: System) -> None:
    page = busy.get("Task?_count=1&_sort=authored-on,_id").json
    seen = [page["entry"][0]["resource"]["id"]]
    while link := next((one["url"] for one in page["link"] if one["relation"] == "next"), None):
        ended = busy.read(f"Task/{seen[-1]}")
        busy.put({**ended, "note": [{"text": f"seen {len(seen)}"}]})
        page = busy.get(link).json
        seen += [entry["resource"]["id"] for entry in page["entry"]]
    assert len(seen) == len(set(seen)) == 3
    assert urlsplit(page["link"][0]["url"]).path == "/fhir/Task"


def test_totals_and_summaries(busy: System) -> None:
    busy.conforms = False  # a summary leaves out what its profile requires: https://hl7.org/fhir/R4/search.html#summary
    counted = busy.get("Task?_summary=count").json
    assert (counted["total"], counted.get("entry")) == (3, None)
    assert busy.get("Task?_count=1&_total=accurate").json["total"] == 3
    (task, *_rest) = busy.found("Task?_summary=true")
    assert SUBSETTED in task["meta"]["tag"]
    assert "status" in task
    assert "input" not in task
    assert "text" not in task
    (part, *_rest) = busy.found("Task?_elements=owner,Task.for")
    assert set(part) == {"resourceType", "id", "meta", "status", "intent", "owner", "for"}
    assert SUBSETTED not in busy.read(f"Task/{task['id']}")["meta"].get("tag", [])
    assert SUBSETTED in busy.read(f"Task/{task['id']}?_summary=true")["meta"]["tag"]


def test_what_is_not_known_is_named_and_with_strict_refused(busy: System) -> None:
    lenient = busy.found("Task?colour=red&status=accepted", "outcome")
    assert "colour" in lenient[0]["issue"][0]["details"]["text"]
    refused = busy.get("Task?colour=red&status=accepted", Prefer="handling=strict")
    assert refused.status_code == 400
    assert refused.json["issue"][0]["code"] == "not-supported"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("Task?status:text=x", 400),
        ("Task?_lastUpdated=yesterday", 400),
        ("Task?_count=many", 400),
        ("Task?_cursor=x", 400),
        ("Task?_summary=most", 400),
        ("Task?_sort=status", 400),
        ("Nonsense?status=x", 404),
        ("Basic", 404),
    ],
)
def test_what_cannot_be_meant_is_refused(hub: System, query: str, status: int) -> None:
    answer = hub.get(query)
    assert answer.status_code == status
    assert answer.mimetype == JSON
    assert answer.json["resourceType"] == "OperationOutcome"
