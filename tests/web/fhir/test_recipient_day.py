"""A service's day on ``/fhir``: it finds what it is asked, works on it, and what it writes comes home."""

import datetime as dt
import re
from typing import Any

import pytest
from support.fhir_http import System
from support.spine import World, prescribed

Json = dict[str, Any]
OUTCOME = "return=OperationOutcome"


@pytest.fixture
def asked(clinic: World, hub: System) -> str:
    """A prescription that was delivered to the hub: its id."""
    receipt = clinic.submit(prescribed())
    clinic.pass_time()
    return receipt.id


def procedure(task: Json) -> Json:
    return {
        "resourceType": "Procedure",
        "status": "completed",
        "code": {"text": "Good Food Box"},
        "subject": task["for"],
        "basedOn": [task["focus"]],
    }


def output(**value: Any) -> Json:
    return {"type": {"text": "done"}, **value}


def test_it_finds_its_task_and_reads_what_it_refers_to(asked: str, hub: System) -> None:
    (task,) = hub.found("Task?status=requested&_include=Task:focus&_include=Task:patient")
    assert {one["resourceType"] for one in hub.found("Task?_include=*", "include")} >= {"ServiceRequest", "Patient"}
    assert hub.read(f"Task/{task['id']}") == task
    order = hub.read(task["focus"]["reference"])
    assert hub.read(task["for"]["reference"])["name"][0]["family"] == "Okafor"
    for reason in order["reasonReference"]:
        assert hub.read(reason["reference"])["resourceType"] in {"Condition", "Observation"}


def test_from_accepted_to_a_procedure_that_comes_home(asked: str, clinic: World, hub: System) -> None:
    for status in ("received", "accepted", "in-progress", "on-hold", "in-progress"):
        answer = hub.move(status, statusReason={"text": "We wait for a van."})
        assert answer.status_code == 200, answer.text
    made = hub.create(procedure(hub.task()))
    answer = hub.move("completed", output=[output(valueReference={"reference": f"Procedure/{made['id']}"})])
    assert answer.status_code == 200, answer.text
    clinic.pass_time()
    assert clinic.task("emr")["status"] == "completed"
    assert clinic.order("emr")["status"] == "completed"
    (home,) = clinic.servers["emr"].all("Procedure")
    assert home["code"]["text"] == "Good Food Box"


def test_a_code_is_an_outcome_too(asked: str, clinic: World, hub: System) -> None:
    code = {"coding": [{"system": "http://snomed.info/sct", "code": "710925007"}], "text": "Food was provided"}
    hub.move("accepted")
    answer = hub.move("completed", output=[output(valueCodeableConcept=code)])
    assert answer.status_code == 200, answer.text
    clinic.pass_time()
    (said,) = clinic.task("emr")["output"]
    assert said["valueCodeableConcept"]["coding"][0]["code"] == "710925007"


def test_status_and_outcome_in_one_transaction(asked: str, clinic: World, hub: System) -> None:
    task = hub.task()
    place = "urn:uuid:7d4d2f3e-0000-4000-8000-00000000000a"
    changed = {**task, "status": "completed", "output": [output(valueReference={"reference": place})]}
    entries = [
        {"fullUrl": place, "resource": procedure(task), "request": {"method": "POST", "url": "Procedure"}},
        {"resource": changed, "request": {"method": "PUT", "url": f"Task/{task['id']}"}},
    ]
    answer = hub.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert answer.status_code == 200, answer.text
    clinic.pass_time()
    assert clinic.task("emr")["status"] == "completed"
    assert len(clinic.servers["emr"].all("Procedure")) == 1


def test_a_refused_entry_leaves_nothing_of_a_transaction(asked: str, hub: System) -> None:
    task = hub.task()
    entries = [
        {"resource": procedure(task), "request": {"method": "POST", "url": "Procedure"}},
        {"resource": {**task, "status": "draft"}, "request": {"method": "PUT", "url": f"Task/{task['id']}"}},
    ]
    answer = hub.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert answer.status_code == 422
    assert answer.json["issue"][0]["expression"] == ["Bundle.entry[1].resource.status"]
    assert hub.found("Procedure") == []
    assert hub.task() == task


def test_a_batch_of_which_half_applies(asked: str, hub: System) -> None:
    task = hub.task()
    entries = [
        {"resource": procedure(task), "request": {"method": "POST", "url": "Procedure"}},
        {"resource": {**task, "status": "draft"}, "request": {"method": "PUT", "url": f"Task/{task['id']}"}},
        {"request": {"method": "DELETE", "url": f"Task/{task['id']}"}},
        {"resource": hub.read(task["for"]["reference"]), "request": {"method": "PUT", "url": task["for"]["reference"]}},
    ]
    answer = hub.ask("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    statuses = [entry["response"]["status"][:3] for entry in answer.json["entry"]]
    assert statuses == ["201", "422", "405", "403"]
    assert len(hub.found("Procedure")) == 1


@pytest.mark.parametrize(("reason", "shown"), [({"text": "No places"}, "No places"), (None, "No reason was given.")])
def test_it_declines_with_a_reason_and_without(
    asked: str, clinic: World, hub: System, reason: Json | None, shown: str | None
) -> None:
    more = {} if reason is None else {"statusReason": reason}
    assert hub.move("rejected", **more).status_code == 200
    assert clinic.our_task(asked)["status"] == "rejected"
    assert clinic.our_task(asked).get("statusReason", {}).get("text") == shown
    clinic.pass_time()
    assert clinic.task("emr")["status"] == "rejected"


def test_one_that_is_full_takes_the_task_and_then_rejects_it(asked: str, clinic: World, hub: System) -> None:
    assert hub.move("received").status_code == 200
    assert hub.move("rejected", statusReason={"text": "No capacity until May"}).status_code == 200
    clinic.pass_time()
    assert clinic.task("emr")["status"] == "rejected"
    assert clinic.task("emr")["statusReason"]["text"] == "No capacity until May"


def test_what_is_not_allowed_says_why_and_what_is(asked: str, clinic: World, hub: System) -> None:
    hub.move("accepted")
    hub.move("completed")
    before = hub.task()
    answer = hub.move("in-progress")
    assert answer.status_code == 422
    (issue,) = answer.json["issue"]
    assert (issue["code"], issue["expression"]) == ("business-rule", ["Task.status"])
    assert hub.task() == before
    assert clinic.our_task(asked)["status"] == "completed"


def test_what_is_allowed_instead_is_named_as_statuses(asked: str, hub: System) -> None:
    hub.move("accepted")
    answer = hub.move("rejected")
    assert answer.status_code == 422
    said = answer.json["issue"][0]["details"]["text"]
    assert {"in-progress", "on-hold", "completed", "failed", "cancelled"} <= set(re.findall(r"[a-z-]+", said))


def test_a_stale_version_is_412(asked: str, hub: System) -> None:
    old = hub.task()
    hub.move("accepted")
    assert hub.put({**old, "status": "in-progress"}).status_code == 412
    assert hub.task()["status"] == "accepted"


def test_no_if_match_is_judged_by_the_lifecycle_alone(asked: str, hub: System) -> None:
    task = hub.task()
    answer = hub.ask("PUT", f"Task/{task['id']}", {**task, "status": "accepted"})
    assert answer.status_code == 200


def test_members_of_others_stay_and_answer_and_timeline_say_so(asked: str, clinic: World, hub: System) -> None:
    before = hub.task()
    answer = hub.move("accepted", description="Do something else", priority="stat", Prefer=OUTCOME)
    answer = hub.put({**hub.task(), "description": "Again", "priority": "asap"}, Prefer=OUTCOME)
    assert answer.status_code == 200
    kept = {expression for issue in answer.json["issue"] for expression in issue.get("expression", [])}
    assert kept == {"Task.description", "Task.priority"}
    assert {issue["severity"] for issue in answer.json["issue"]} == {"warning"}
    after = hub.task()
    assert (after.get("description"), after.get("priority")) == (before.get("description"), before.get("priority"))
    noted = [event for event in clinic.timeline(asked) if event.name == "deviation"]
    assert noted[-1].detail["elements"] == ["Task.description", "Task.priority"]
    assert "Again" not in str(noted)


def test_a_communication_reaches_the_other_side(asked: str, clinic: World, hub: System) -> None:
    task = hub.task()
    hub.create(
        {
            "resourceType": "Communication",
            "status": "completed",
            "subject": task["for"],
            "about": [{"reference": f"Task/{task['id']}"}],
            "payload": [{"contentString": "We need the address of the client."}],
        }
    )
    (event,) = (event for event in clinic.timeline(asked) if event.name == "message")
    assert event.detail == {"direction": "from-recipient"}


def test_a_communication_about_nothing_of_its_own_is_refused(asked: str, hub: System) -> None:
    lost = {
        "resourceType": "Communication",
        "status": "completed",
        "about": [{"reference": "Task/nowhere"}],
        "payload": [{"contentString": "Hello"}],
    }
    answer = hub.ask("POST", "Communication", lost)
    assert answer.status_code == 422
    assert answer.json["issue"][0]["expression"] == ["Communication.about"]
    assert hub.found("Communication") == []


def test_a_note_reaches_the_other_side_once(asked: str, clinic: World, hub: System) -> None:
    hub.move("accepted", note=[{"text": "She likes the early van."}])
    hub.move("in-progress")
    assert clinic.names(asked).count("message") == 1
    assert hub.task()["note"][0]["text"] == "She likes the early van."


@pytest.mark.parametrize("type_", ["Patient", "ServiceRequest", "Consent", "Goal", "Condition"])
def test_what_is_not_its_to_write_is_403(asked: str, hub: System, type_: str) -> None:
    for one in hub.found(type_):
        answer = hub.put({**one, "language": "fr"})
        assert answer.status_code == 403
        assert answer.json["issue"][0]["code"] == "forbidden"
        assert hub.read(f"{type_}/{one['id']}") == one
    assert hub.ask("POST", type_, {"resourceType": type_}).status_code == 403
    assert hub.ask("PUT", f"{type_}/mine", {"resourceType": type_, "id": "mine"}).status_code == 403


def test_nobody_deletes(asked: str, hub: System) -> None:
    answer = hub.ask("DELETE", f"Task/{hub.task()['id']}")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, PUT"


def test_it_cannot_make_a_referral_up(asked: str, hub: System) -> None:
    task = hub.task()
    assert hub.ask("POST", "Task", task).status_code == 403
    assert hub.ask("PUT", "Task/mine", {**task, "id": "mine"}).status_code == 404


def test_its_own_entries_it_makes_and_changes(asked: str, hub: System) -> None:
    made = hub.create({"resourceType": "Organization", "name": "Hub"})
    answer = hub.put({**made, "name": "The Hub"})
    assert answer.status_code == 200
    service = {
        "resourceType": "HealthcareService",
        "id": "food",
        "providedBy": {"reference": "Organization/" + made["id"]},
    }
    assert hub.ask("PUT", "HealthcareService/food", service).status_code == 201
    assert hub.ask("PUT", "HealthcareService/food", {**service, "name": "Food"}).status_code == 200


def test_what_was_delivered_is_not_its_own(asked: str, hub: System) -> None:
    for type_ in ("Organization", "HealthcareService"):
        for one in hub.found(type_):
            assert hub.put({**one, "name": "Mine now"}).status_code == 403


def test_after_consent_was_withdrawn_it_is_gone_in_every_version(asked: str, clinic: World, hub: System) -> None:
    patient, task = hub.task()["for"]["reference"], hub.task()
    clinic.command(asked, "withdraw-consent")
    assert hub.get(patient).status_code == 410
    assert hub.get(f"{patient}/_history/1").status_code == 410
    assert "Okafor" not in hub.get(f"{patient}/_history").text
    assert hub.found("Patient") == []
    assert hub.get(f"Task/{task['id']}/_history/1").status_code == 410
    assert hub.ask("POST", "Procedure", procedure(task)).status_code == 422


def test_the_requester_is_told_once_whatever_is_repeated(asked: str, clinic: World, hub: System) -> None:
    task = hub.task()
    for _ in range(3):
        assert hub.ask("PUT", f"Task/{task['id']}", {**task, "status": "accepted"}).status_code == 200
    clinic.pass_time()
    assert clinic.names(asked).count("accept") == 1
    clinic.clock.advance(dt.timedelta(hours=1))
