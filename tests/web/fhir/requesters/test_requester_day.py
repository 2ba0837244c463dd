"""An EMR's day on ``/fhir``: its own resources are a prescription, and what becomes of it comes home on them."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import select
from support.emr import ids, of_type, only, singly, transaction, written
from support.fhir_http import System, system_of
from support.planted import document
from support.spine import LINK_WORKER, TENANT, World, prescribed

from footbridge.data import folder
from footbridge.mapping.validate_input import accept
from footbridge.model.prescription import Consent
from footbridge.referrals.client_data import cancel_open, erase_client
from footbridge.store.person_erasure import Order
from footbridge.store.tables import resource

Json = dict[str, Any]
EXAMPLES = sorted(place.name for place in Path(str(folder("examples"))).glob("[0-9]*.json"))
OUTCOME = "return=OperationOutcome"


def test_a_transaction_is_a_prescription_and_its_outcome_comes_home_on_it(
    town: World, annex: System, hub: System
) -> None:
    answer = annex.ask("POST", "", transaction(written(prescribed())))
    assert answer.status_code == 200, answer.text
    mine = ids(answer)
    record = only(town)
    assert (record.requester, record.status) == ("annex", "active")
    town.pass_time()
    assert hub.move("accepted").status_code == 200
    made = hub.create(
        {
            "resourceType": "Procedure",
            "status": "completed",
            "code": {"text": "Good Food Box"},
            "subject": hub.task()["for"],
        }
    )
    output = {"type": {"text": "done"}, "valueReference": {"reference": f"Procedure/{made['id']}"}}
    assert hub.move("completed", output=[output]).status_code == 200
    town.pass_time()
    task = next(annex.read(f"Task/{one}") for one in mine["Task"] if annex.read(f"Task/{one}")["intent"] == "order")
    assert task["status"] == "completed"
    done = annex.read(task["output"][0]["valueReference"]["reference"])
    assert done["code"]["text"] == "Good Food Box"
    assert done["subject"]["reference"] == f"Patient/{mine['Patient'][0]}"
    assert annex.read(f"ServiceRequest/{mine['ServiceRequest'][0]}")["status"] == "completed"
    for kind in ("Patient", "ServiceRequest", "Goal", "Condition", "Consent", "Practitioner"):
        assert {one["id"] for one in annex.found(f"{kind}?_count=100")} == set(mine.get(kind, [])), kind


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_the_same_prescription_as_its_json(town: World, annex: System, example: str) -> None:
    document = json.loads(folder("examples").joinpath(example).read_bytes())
    document["jurisdiction"] = "ca"
    expected = accept(orjson.dumps(document)).prescription
    answer = annex.ask("POST", "", transaction(written(document)))
    assert answer.status_code == 200, answer.text
    found, wanted = json.loads(only(town).document), json.loads(expected.model_dump_json(exclude_defaults=True))
    for name in wanted.keys() | found.keys():
        assert found.get(name) == wanted.get(name), name


def without_follow_up(document: Json) -> Json:
    return {name: value for name, value in document.items() if name != "followUp"}


@pytest.mark.parametrize("put", [False, True], ids=["create", "own-ids"])
@pytest.mark.parametrize("example", EXAMPLES[::4])
def test_one_resource_after_the_other_is_the_same(town: World, annex: System, example: str, put: bool) -> None:
    document = without_follow_up(json.loads(folder("examples").joinpath(example).read_bytes()))
    document["jurisdiction"] = "ca"
    expected = accept(orjson.dumps(document)).prescription
    singly(annex, written(document), put=put)
    found, wanted = json.loads(only(town).document), json.loads(expected.model_dump_json(exclude_defaults=True))
    for name in wanted.keys() | found.keys():
        assert found.get(name) == wanted.get(name), name


def test_without_consent_it_waits_for_a_person_and_nothing_leaves(town: World, annex: System, hub: System) -> None:
    entries = [entry for entry in written(prescribed()) if entry["resource"]["resourceType"] != "Consent"]
    order = of_type(entries, "ServiceRequest")
    order["supportingInfo"] = [
        one for one in order["supportingInfo"] if one["reference"] in {entry["fullUrl"] for entry in entries}
    ]
    answer = annex.ask("POST", "", transaction(entries))
    assert answer.status_code == 200, answer.text
    record = only(town)
    town.pass_time()
    assert hub.found("Task") == []
    assert "needs-person" in town.names(record.id)
    task = next(task for task in annex.found("Task") if task["intent"] == "order")
    assert task["status"] == "requested"
    consent = Consent.model_validate_json(json.dumps(prescribed()["consent"]))
    town.command(record.id, "confirm-consent", LINK_WORKER, consent=consent, reason="By phone")
    town.pass_time()
    assert len(hub.found("Task")) == 1


def test_what_can_be_no_prescription_is_refused_whole_at_its_place(town: World, annex: System) -> None:
    entries = written(prescribed())
    place = next(index for index, one in enumerate(entries) if one["resource"]["resourceType"] == "ServiceRequest")
    del entries[place]["resource"]["subject"]["reference"]
    entries[place]["resource"]["subject"]["display"] = "somebody"
    task = of_type(entries, "Task")
    task["for"] = {"display": "somebody"}
    answer = annex.ask("POST", "", transaction(entries))
    assert answer.status_code == 422, answer.text
    assert answer.json["issue"]
    assert annex.found("Task") == annex.found("Patient") == []
    with pytest.raises(ValueError, match="not enough values"):
        only(town)


def test_the_same_again_is_refused_and_stored_once(town: World, annex: System) -> None:
    entries = written(prescribed())
    assert annex.ask("POST", "", transaction(entries)).status_code == 200
    before = annex.found("ServiceRequest")
    again = annex.ask("POST", "", transaction(entries))
    assert again.status_code == 422
    assert again.json["issue"][0]["code"] == "duplicate"
    assert annex.found("ServiceRequest") == before
    assert only(town)


def test_it_cancels_on_its_own_task(town: World, annex: System, hub: System) -> None:
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    town.pass_time()
    hub.move("accepted")
    town.pass_time()
    task = annex.task()
    assert task["status"] == "accepted"
    answer = annex.put({**task, "status": "cancelled", "statusReason": {"text": "Moved away"}})
    assert answer.status_code == 200, answer.text
    town.pass_time()
    assert hub.task()["status"] == "cancelled"
    assert annex.task()["status"] == "cancelled"
    assert annex.read(task["focus"]["reference"])["status"] == "revoked"


def test_it_may_not_say_what_the_service_has_to_say(town: World, annex: System, hub: System) -> None:
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    town.pass_time()
    answer = annex.put({**annex.task(), "status": "accepted"})
    assert answer.status_code == 422
    assert annex.task()["status"] == "requested"


def test_a_draft_asks_when_it_is_requested(town: World, annex: System, hub: System) -> None:
    entries = written(prescribed(followUp=None))
    of_type(entries, "Task")["status"] = "draft"
    assert annex.ask("POST", "", transaction(entries)).status_code == 200
    town.pass_time()
    assert hub.found("Task") == []
    assert annex.put({**annex.task(), "status": "requested"}).status_code == 200
    town.pass_time()
    assert len(hub.found("Task")) == 1


def test_a_draft_and_a_task_that_has_ended_may_be_written_again(town: World, annex: System, hub: System) -> None:
    entries = written(prescribed(followUp=None))
    of_type(entries, "Task")["status"] = "draft"
    annex.ask("POST", "", transaction(entries))
    assert annex.put({**annex.task(), "note": [{"text": "Ask in the spring"}]}).status_code == 200
    assert annex.put({**annex.task(), "status": "requested"}).status_code == 200
    town.pass_time()
    assert annex.put({**annex.task(), "status": "cancelled"}).status_code == 200
    town.pass_time()
    answer = annex.put({**annex.task(), "note": [{"text": "She moved away"}]})
    assert answer.status_code == 200, answer.text
    assert annex.task()["status"] == "cancelled"


def test_a_client_who_must_not_be_contacted_has_no_number_at_the_service(
    town: World, annex: System, hub: System
) -> None:
    client = {**prescribed()["client"], "safeToContact": False}
    answer = annex.ask("POST", "", transaction(written(prescribed(client=client, followUp=None))))
    assert answer.status_code == 200, answer.text
    town.pass_time()
    assert "contacting-subject-prohibited" in json.dumps(hub.found("ServiceRequest"))
    (patient,) = hub.found("Patient")
    assert "telecom" not in patient


def test_other_requesters_do_not_see_it(town: World, app: Flask, annex: System) -> None:
    town.take_on("other", "requester", network="hosted", base_url="")
    other = system_of(town, app, "other")
    annex.ask("POST", "", transaction(written(prescribed())))
    town.pass_time()
    for kind in ("Task", "Patient", "ServiceRequest"):
        assert other.found(kind) == []
        assert other.get(f"{kind}/{annex.found(kind)[0]['id']}").status_code == 404


def test_a_changed_number_of_the_client_reaches_the_service(town: World, annex: System, hub: System) -> None:
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    town.pass_time()
    hub.move("accepted")
    patient = annex.found("Patient")[0]
    changed = [{**patient["telecom"][0], "value": "+1 416 555 0777"}]
    assert annex.put({**patient, "telecom": changed}).status_code == 200
    town.pass_time()
    assert "0777" in json.dumps(hub.found("Patient"))
    assert annex.read(f"Patient/{patient['id']}")["telecom"] == changed
    assert "amended" in town.names(only(town).id)


def test_a_changed_need_reaches_the_service_and_stays_as_it_was_written(
    town: World, annex: System, hub: System
) -> None:
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    town.pass_time()
    order = annex.read(annex.task()["focus"]["reference"])
    need = annex.read(order["reasonReference"][0]["reference"])
    changed = json.loads(json.dumps(need).replace("Skips meals at the end of the month.", "Has no stove."))
    changed["text"] = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">In our words</div>'}
    answer = annex.put(changed)
    assert answer.status_code == 200, answer.text
    town.pass_time()
    assert "Has no stove." in json.dumps(hub.found("Condition"))
    stored = annex.read(f"Condition/{need['id']}")
    assert {name: stored[name] for name in stored if name != "meta"} == {
        name: changed[name] for name in changed if name != "meta"
    }


def test_what_would_be_no_prescription_any_more_is_refused(town: World, annex: System, hub: System) -> None:
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    patient = annex.found("Patient")[0]
    answer = annex.put({**patient, "birthDate": "2999-01-01"})
    assert answer.status_code == 422, answer.text
    assert answer.json["issue"][0]["expression"][0].startswith("Patient")
    assert annex.read(f"Patient/{patient['id']}") == patient


def test_a_client_who_is_erased_is_gone_from_its_own_compartment_too(town: World, annex: System, hub: System) -> None:
    annex.ask("POST", "", transaction(written(document("one", 0, service={"partner": "hub"}))))
    town.pass_time()
    record = only(town)
    assert "zqone" in json.dumps(annex.found("Patient"))
    cancel_open(town.database, town.clock, TENANT, [record.id], "officer")
    town.pass_time()
    erase_client(town.database, town.clock, TENANT, record.person, Order("request", "officer"), drop=False)
    for system in (annex, hub):
        for row in system.get("metadata").json["rest"][0]["resource"]:
            assert "zqone" not in json.dumps(system.found(f"{row['type']}?_count=100")), row["type"]
    with town.database.read() as connection:
        bodies = connection.scalars(select(resource.c.body)).all()
    assert not [body for body in bodies if "zqone" in body]


def test_two_prescriptions_may_share_resources(town: World, annex: System, hub: System) -> None:
    """The EMR refers the same client again, for the same Condition and under the same Consent."""
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    town.pass_time()
    first = annex.task()
    order = annex.read(first["focus"]["reference"])
    number = [{"system": "urn:footbridge:test:order", "value": "RX-2"}]
    again = {name: value for name, value in order.items() if name not in {"id", "meta"}} | {
        "identifier": number,
        "status": "active",
    }
    made = annex.create(again)
    task = {name: value for name, value in first.items() if name not in {"id", "meta", "identifier", "output"}}
    second = annex.create({**task, "status": "requested", "focus": {"reference": f"ServiceRequest/{made['id']}"}})
    town.pass_time()
    tasks = {one["id"]: one for one in hub.found("Task?status=requested")}
    assert len(tasks) == 2
    for one in tasks.values():
        assert hub.put({**one, "status": "accepted"}).status_code == 200
    town.pass_time()
    assert [annex.read(f"Task/{one}")["status"] for one in (first["id"], second["id"])] == ["accepted", "accepted"]


def again(annex: System, **changes: Any) -> Json:
    """The requester's Task as another one for the same order."""
    task = next(one for one in annex.found("Task") if one["status"] in {"rejected", "failed", "completed", "accepted"})
    kept = {"id", "meta", "identifier", "output", "statusReason", "businessStatus", "note", "lastModified"}
    return {name: value for name, value in task.items() if name not in kept} | {"status": "requested"} | changes


def test_it_asks_again_after_the_service_declined(town: World, annex: System, hub: System) -> None:
    """A new Task for the order that it has; what becomes of it comes home on that one."""
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    town.pass_time()
    hub.move("rejected", statusReason={"text": "No places before May"})
    town.pass_time()
    first = annex.task()
    assert first["status"] == "rejected"
    second = annex.create(again(annex))
    town.pass_time()
    (asked,) = hub.found("Task?status=requested")
    assert hub.put({**asked, "status": "accepted"}).status_code == 200
    town.pass_time()
    assert {one["id"]: one["status"] for one in annex.found("Task")} == {
        first["id"]: "rejected",
        second["id"]: "accepted",
    }
    assert [row.status for row in town.referrals(only(town).id)] == ["rejected", "accepted"]
    assert "another-try" in town.names(only(town).id)
    assert "amended" not in town.names(only(town).id)


def test_it_passes_an_open_referral_on_by_a_new_task_that_names_another_service(
    town: World, app: Flask, annex: System, hub: System
) -> None:
    """The service that had it is told, and the one that is named has a Task: never both, never nobody."""
    town.take_on("pantry", "recipient", network="hosted", base_url="", title="Pantry")
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    town.pass_time()
    hub.move("accepted")
    town.pass_time()
    first = annex.task()
    same = annex.ask("POST", "Task", again(annex, owner={"display": "Hub"}))
    assert same.status_code == 422, same.text
    unknown = annex.ask("POST", "Task", again(annex, owner={"display": "Nowhere"}))
    assert unknown.status_code == 422, unknown.text
    second = annex.create(again(annex, owner={"display": "Pantry"}))
    town.pass_time()
    assert {one["id"]: one["status"] for one in annex.found("Task")} == {
        first["id"]: "cancelled",
        second["id"]: "requested",
    }
    assert [(row.partner, row.status) for row in town.referrals(only(town).id)] == [
        ("hub", "cancelled"),
        ("pantry", "requested"),
    ]
    assert hub.found("Task?status=accepted") == []
    assert hub.found("Patient") == []
    pantry = system_of(town, app, "pantry", conforms=False)
    (asked,) = pantry.found("Task?status=requested")
    assert pantry.put({**asked, "status": "accepted"}).status_code == 200
    town.pass_time()
    assert annex.read(f"Task/{second['id']}")["status"] == "accepted"


def test_what_changed_since_goes_with_the_next_try(town: World, annex: System, hub: System) -> None:
    """A number that changed while nobody was at work is the newest word when somebody is asked again."""
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    town.pass_time()
    hub.move("rejected", statusReason={"text": "No places before May"})
    town.pass_time()
    patient = annex.found("Patient")[0]
    annex.put({**patient, "telecom": [{**patient["telecom"][0], "value": "+1 416 555 0777"}]})
    order = annex.read(annex.task()["focus"]["reference"])
    need = annex.read(order["reasonReference"][0]["reference"])
    changed = json.loads(json.dumps(need).replace("Skips meals at the end of the month.", "Has no stove."))
    assert annex.put(changed).status_code == 200
    annex.create(again(annex))
    town.pass_time()
    assert "0777" in json.dumps(hub.found("Patient"))
    assert "Has no stove." in json.dumps(hub.found("Condition"))
    assert town.names(only(town).id).count("amended") == 2  # one for each change, none for the try
    assert [row.status for row in town.referrals(only(town).id)] == ["rejected", "requested"]


def test_it_does_not_ask_again_without_consent(town: World, annex: System, hub: System) -> None:
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    town.pass_time()
    hub.move("rejected", statusReason={"text": "No places"})
    town.pass_time()
    consent = annex.found("Consent")[0]
    assert annex.put({**consent, "status": "inactive"}).status_code == 200
    assert "consent-withdrawn" in town.names(only(town).id)  # before anybody asks somebody else
    answer = annex.ask("POST", "Task", again(annex))
    assert answer.status_code == 422, answer.text
    assert "consent" in answer.text
    town.pass_time()
    assert hub.found("Task?status=requested") == []
    assert [row.status for row in town.referrals(only(town).id)] == ["rejected"]


def test_an_order_without_an_identifier_may_be_amended_after_another_try(
    town: World, annex: System, hub: System
) -> None:
    bundle = transaction(written(prescribed(followUp=None)))
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] in {"ServiceRequest", "Task"}:
            entry["resource"].pop("identifier", None)
    number = {"system": "https://annex.example/task", "value": "1"}
    bundle["entry"][-1]["resource"]["identifier"] = [number]
    assert bundle["entry"][-1]["resource"]["resourceType"] == "Task"
    assert annex.ask("POST", "", bundle).status_code == 200
    town.pass_time()
    hub.move("rejected", statusReason={"text": "No places"})
    town.pass_time()
    annex.create(again(annex, identifier=[{**number, "value": "2"}]))
    town.pass_time()
    patient = annex.found("Patient")[0]
    changed = {**patient, "telecom": [{**patient["telecom"][0], "value": "+1 416 555 0777"}]}
    assert annex.put(changed).status_code == 200
    town.pass_time()
    assert "0777" in json.dumps(hub.found("Patient"))
    only(town)


def test_what_ended_stays_as_it_was_when_the_client_changes(town: World, annex: System, hub: System) -> None:
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    town.pass_time()
    annex.put({**annex.task(), "status": "cancelled", "statusReason": {"text": "Moved away"}})
    town.pass_time()
    patient = annex.found("Patient")[0]
    changed = {**patient, "telecom": [{**patient["telecom"][0], "value": "+1 416 555 0777"}]}
    assert annex.put(changed).status_code == 200
    assert "amended" not in town.names(only(town).id)


def test_it_asks_another_service_for_the_same_order(town: World, annex: System, hub: System) -> None:
    town.take_on("lodge", "recipient", network="hosted", base_url="")
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    town.pass_time()
    hub.move("rejected", statusReason={"text": "No places"})
    town.pass_time()
    nobody = annex.create({"resourceType": "Organization", "name": "Nobody of this name", "active": True})
    answer = annex.ask("POST", "Task", again(annex, owner={"reference": f"Organization/{nobody['id']}"}))
    assert answer.status_code == 422, answer.text
    assert "Task.owner" in answer.text
    lodge = annex.create({"resourceType": "Organization", "name": "Lodge", "active": True})
    annex.create(again(annex, owner={"reference": f"Organization/{lodge['id']}"}))
    town.pass_time()
    assert [row.partner for row in town.referrals(only(town).id)] == ["hub", "lodge"]


def test_it_does_not_ask_twice_at_once_nor_after_it_called_off(town: World, annex: System, hub: System) -> None:
    annex.ask("POST", "", transaction(written(prescribed(followUp=None))))
    town.pass_time()
    open_task = annex.task()
    copy = {name: value for name, value in open_task.items() if name not in {"id", "meta", "identifier"}}
    answer = annex.ask("POST", "Task", copy)
    assert answer.status_code == 422
    assert answer.get_json(force=True)["issue"][0]["code"] == "duplicate"
    assert annex.put({**open_task, "status": "cancelled", "statusReason": {"text": "Moved away"}}).status_code == 200
    town.pass_time()
    assert annex.ask("POST", "Task", copy).status_code == 422
    assert len(annex.found("Task")) == 1
    assert hub.found("Task?status=requested") == []
