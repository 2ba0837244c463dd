"""What is wrong with a request to ``/fhir`` is said with the right status, and nothing of it is stored."""

import json
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from support.fhir_http import System, system_of
from support.spine import World, prescribed

from footbridge.store.resources import put_new
from footbridge.store.tables import resource
from footbridge.store.tenants import add_tenant

Json = dict[str, Any]


@pytest.fixture
def asked(clinic: World, hub: System) -> System:
    clinic.submit(prescribed())
    clinic.pass_time()
    return hub


def size(clinic: World) -> int:
    with clinic.database.read() as connection:
        return connection.scalar(select(func.count()).select_from(resource)) or 0


def nest(levels: int) -> bytes:
    return b'{"resourceType":"Organization","extension":[' + b'{"extension":[' * levels + b"]}" * levels + b"]}"


BODIES: list[tuple[str, Any, int]] = [
    ("Organization", b"", 400),
    ("Organization", b"{", 400),
    ("Organization", b"[]", 400),
    ("Organization", b"null", 400),
    ("Organization", b'"Organization"', 400),
    ("Organization", b'{"resourceType":"Organization","name":"a","name":"b"}', 400),
    ("Organization", b'{"resourceType":"Organization","name":"\xff"}', 400),
    ("Organization", b'{"resourceType":"Organization","name":"\\ud800"}', 400),
    ("Organization", {"name": "no type"}, 400),
    ("Organization", {"resourceType": "Patient"}, 400),
    ("Organization", {"resourceType": 7}, 400),
    ("Organization", {"resourceType": "Organization", "meta": "x"}, 400),
    ("Organization", {"resourceType": "Organization", "meta": {"tag": 7}}, 422),
    ("Organization", {"resourceType": "Organization", "name": 7}, 422),
    ("Organization", {"resourceType": "Organization", "name": ["x"]}, 422),
    ("Organization", {"resourceType": "Organization", "colour": "red"}, 422),
    ("Organization", {"resourceType": "Organization", "active": "yes"}, 422),
    ("Organization", {"resourceType": "Organization", "name": None}, 422),
    ("Organization", {"resourceType": "Organization", "telecom": [{"system": "pigeon"}]}, 422),
    ("Organization", {"resourceType": "Organization"}, 422),  # org-1: an identifier or a name
    ("Procedure", {"resourceType": "Procedure", "status": "done", "subject": {"reference": "Patient/x"}}, 422),
    ("Procedure", {"resourceType": "Procedure", "status": "completed"}, 422),
    ("", {"resourceType": "Bundle", "type": "message"}, 400),
    ("", {"resourceType": "Bundle", "type": "transaction", "entry": "x"}, 400),
    ("", {"resourceType": "Bundle", "type": "transaction", "entry": [7]}, 400),
    ("", {"resourceType": "Bundle", "type": "transaction", "entry": [{}]}, 400),
    ("", {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": {"method": "GET", "url": 7}}]}, 400),
    ("", {"resourceType": "Bundle", "type": "batch", "entry": [{}] * 1001}, 400),
    ("", {"resourceType": "Patient"}, 400),
]


@pytest.mark.parametrize(("path", "body", "status"), BODIES)
def test_a_bad_body_is_refused_and_nothing_is_stored(
    hub: System, clinic: World, path: str, body: Any, status: int
) -> None:
    before = size(clinic)
    answer = hub.ask("POST", path, body)
    assert answer.status_code == status, answer.text
    assert answer.json["resourceType"] == "OperationOutcome"
    assert answer.json["issue"][0]["severity"] in {"error", "fatal"}
    assert size(clinic) == before


def test_each_reason_has_its_place(hub: System) -> None:
    wrong = {"resourceType": "Organization", "name": 7, "telecom": [{"system": "pigeon"}], "colour": "red"}
    answer = hub.ask("POST", "Organization", wrong)
    places = {issue["expression"][0] for issue in answer.json["issue"] if issue["severity"] == "error"}
    assert places == {"Organization.name", "Organization.telecom[0].system", "Organization.colour"}
    assert "pigeon" not in answer.text
    entry = {"resource": wrong, "request": {"method": "POST", "url": "Organization"}}
    answer = hub.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert answer.status_code == 422
    placed = {issue["expression"][0] for issue in answer.json["issue"]}
    assert placed == {f"Bundle.entry[0].resource{place.removeprefix('Organization')}" for place in places}


def test_ten_megabytes_and_ten_thousand_entries(hub: System, clinic: World) -> None:
    before = size(clinic)
    large = {"resourceType": "Organization", "name": "x" * 10_000_000}
    assert hub.ask("POST", "Organization", large).status_code == 413
    entries = [{"resource": {"resourceType": "Organization"}, "request": {"method": "POST", "url": "Organization"}}]
    many = {"resourceType": "Bundle", "type": "transaction", "entry": entries * 10_000}
    assert hub.ask("POST", "", many).status_code in {400, 413}
    assert hub.ask("POST", "Organization", nest(5_000)).status_code in {400, 422}
    assert size(clinic) == before


def test_a_batch_of_which_half_applies(asked: System, clinic: World) -> None:
    """Each entry has its own status; what was refused left nothing."""
    made = {"resourceType": "Organization", "name": "Mine"}
    task = asked.task()
    entries = [
        {"resource": made, "request": {"method": "POST", "url": "Organization"}},
        {"resource": {**made, "colour": "red"}, "request": {"method": "POST", "url": "Organization"}},
        {
            "resource": {**task, "status": "completed-at-last"},
            "request": {"method": "PUT", "url": f"Task/{task['id']}"},
        },
        {"resource": {**task, "status": "accepted"}, "request": {"method": "PUT", "url": f"Task/{task['id']}"}},
        {"resource": {**task, "status": "requested"}, "request": {"method": "PUT", "url": f"Task/{task['id']}"}},
        {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}},
        {"request": {"method": "GET", "url": f"Task/{task['id']}"}},
        {"request": {"method": "DELETE", "url": f"Task/{task['id']}"}},
    ]
    answer = asked.ask("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    assert answer.status_code == 200
    statuses = [entry["response"]["status"][:3] for entry in answer.json["entry"]]
    assert statuses == ["201", "422", "422", "200", "422", "403", "200", "405"]
    refused = [entry for entry in answer.json["entry"] if entry["response"]["status"][0] == "4"]
    assert all(entry["response"]["outcome"]["resourceType"] == "OperationOutcome" for entry in refused)
    assert asked.task()["status"] == "accepted"
    assert [one["name"] for one in asked.found("Organization?name=mine")] == ["Mine"]
    many = asked.ask("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries[:1] * 10_000})
    assert many.status_code in {400, 413}
    assert len(asked.found("Organization?name=mine")) == 1


def test_what_is_wrong_around_the_resources_is_refused_too(asked: System) -> None:
    """A condition under a name that FHIR does not have would be lost, and the write done without it."""
    task = asked.task()
    reads = {"request": {"method": "GET", "url": f"Task/{task['id']}"}}
    request = {"method": "PUT", "url": f"Task/{task['id']}", "ifmatch": 'W/"9"'}
    moved = {"request": request, "resource": {**task, "status": "accepted"}}
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [reads, moved]}
    answer = asked.ask("POST", "", batch)
    assert [one["response"]["status"][:3] for one in answer.json["entry"]] == ["200", "422"]
    assert answer.json["entry"][1]["response"]["outcome"]["issue"][0]["expression"] == [
        "Bundle.entry[1].request.ifmatch"
    ]
    answer = asked.ask("POST", "", {**batch, "type": "transaction"})
    assert (answer.status_code, answer.json["issue"][0]["expression"]) == (422, ["Bundle.entry[1].request.ifmatch"])
    for whole in ({"total": "2"}, {"odd": True}, {"entry": [{**reads, "fullUrl": "urn:uuid:1"}] * 2}):
        assert asked.ask("POST", "", {**batch, **whole}).status_code == 422, whole
    assert asked.task() == task
    for empty in ({"entry": []}, {}):
        assert asked.ask("POST", "", {"resourceType": "Bundle", "type": "batch", **empty}).status_code == 200


def test_what_another_tenant_has_does_not_exist(asked: System, clinic: World) -> None:
    with clinic.database.write() as connection:
        add_tenant(connection, "elsewhere", "ca", clinic.clock.now())
        theirs = {"resourceType": "Patient", "id": "theirs", "identifier": [{"system": "urn:x", "value": "7"}]}
        put_new(connection, "elsewhere", [theirs], clinic.clock.now(), compartment="hub")
    assert asked.get("Patient/theirs").status_code == asked.get("Patient/nobody").status_code == 404
    assert asked.found("Patient?identifier=urn:x|7") == []
    task = asked.task()
    for identity in ("theirs", "nobody"):
        body = {"resourceType": "Procedure", "status": "completed", "subject": {"reference": f"Patient/{identity}"}}
        made = asked.create({**body, "basedOn": [task["focus"]]})
        assert asked.found(f"Procedure?_id={made['id']}&_include=Procedure:patient", "include") == []


def test_circular_references_are_stored_as_they_are(hub: System) -> None:
    one, other = "urn:uuid:7d4d2f3e-0000-4000-8000-00000000000a", "urn:uuid:7d4d2f3e-0000-4000-8000-00000000000b"
    entries = [
        {
            "fullUrl": place,
            "resource": {"resourceType": "Organization", "name": place[-1], "partOf": {"reference": whole}},
            "request": {"method": "POST", "url": "Organization"},
        }
        for place, whole in ((one, other), (other, one))
    ]
    answer = hub.ask("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert answer.status_code == 200, answer.text
    first, second = hub.found("Organization?_sort=name")
    assert first["partOf"]["reference"] == f"Organization/{second['id']}"
    assert second["partOf"]["reference"] == f"Organization/{first['id']}"
    assert len(hub.found("Organization?name=a&_include=*", "include")) == 1


def test_references_to_elsewhere_are_stored_and_never_fetched(hub: System, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_words: Any) -> None:
        raise AssertionError("somebody connects")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    absolute = "http://169.254.169.254/fhir/Organization/1"
    made = hub.create({"resourceType": "Organization", "name": "x", "partOf": {"reference": absolute}})
    assert made["partOf"]["reference"] == absolute
    assert hub.found("Organization?_include=*", "include") == []


def test_the_same_id_from_two_partners_are_two_resources(clinic: World, app: Flask, hub: System) -> None:
    clinic.take_on("kitchen", "recipient", network="hosted", base_url="")
    kitchen = system_of(clinic, app, "kitchen")
    for system, name in ((hub, "Hub"), (kitchen, "Kitchen")):
        mine = {"resourceType": "Organization", "id": "me", "name": name}
        assert system.ask("PUT", "Organization/me", mine).status_code == 201
    assert (hub.read("Organization/me")["name"], kitchen.read("Organization/me")["name"]) == ("Hub", "Kitchen")


def test_two_of_its_people_race_on_one_task(asked: System, clinic: World) -> None:
    """Of several writes that follow the same version one is stored, whatever they say."""
    task = asked.task()
    statuses = ["accepted", "rejected", "accepted", "rejected"]
    found: list[int] = []
    begin = threading.Barrier(len(statuses))

    def write(status: str) -> None:
        begin.wait()
        found.append(asked.put({**task, "status": status}).status_code)

    threads = [threading.Thread(target=write, args=(status,)) for status in statuses]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == [200, 412, 412, 412]
    ours = 0 if asked.task()["status"] == "accepted" else 1  # what a service that declines may not keep goes
    assert len(asked.read(f"Task/{task['id']}/_history")["entry"]) == len(["sent", "answered"]) + ours


def test_the_history_of_what_a_service_declined_has_no_content_of_before(asked: System) -> None:
    task = asked.task()
    assert asked.move("rejected").status_code == 200
    entries = asked.read(f"Task/{task['id']}/_history")["entry"]
    assert "resource" not in entries[-1]
    assert all("for" not in entry.get("resource", {}) for entry in entries)
    assert asked.get(f"Task/{task['id']}/_history/1").status_code == 410


def test_strict_refuses_what_compatible_puts_up_with(clinic: World, app: Flask) -> None:
    clinic.take_on("hub", "recipient", network="hosted", base_url="", conformance="strict")
    strict = system_of(clinic, app, "hub")
    clinic.submit(prescribed())
    clinic.pass_time()
    answer = strict.move("received")  # a status of FHIR that the profile does not have
    assert answer.status_code == 422
    assert answer.json["issue"][0]["expression"] == ["Task.status"]
    assert strict.task()["status"] == "requested"
    assert strict.move("accepted").status_code == 200


def test_compatible_says_what_was_put_up_with(asked: System, clinic: World) -> None:
    answer = asked.move("received", intent="original-order", Prefer="return=OperationOutcome")
    answer = asked.put({**asked.task(), "status": "received"}, Prefer="return=OperationOutcome")
    assert answer.status_code == 200
    assert {issue["severity"] for issue in answer.json["issue"]} == {"warning"}
    prescription = next(iter(clinic.entries(partner="hub"))).prescription
    assert prescription is not None
    noted = [event for event in clinic.timeline(prescription) if event.name == "deviation"]
    assert noted[-1].detail["rules"] == ["binding.required"]


@pytest.mark.parametrize(
    "headers", [{"If_Match": "7"}, {"If_Match": '"7"'}, {"If_Match": 'W/"1", 2'}, {"If_None_Match": "*"}]
)
def test_an_odd_if_match_stores_nothing(asked: System, headers: Json) -> None:
    before = asked.task()
    answer = asked.put({**before, "status": "accepted"}, **headers)
    assert answer.status_code in {400, 412}
    assert asked.task() == before


def test_answers_name_no_value_of_the_body(hub: System) -> None:
    secret = "Grace Okafor 9876543217"
    for body in ({"resourceType": "Organization", "name": [secret]}, {"resourceType": secret}, [secret]):
        assert secret not in hub.ask("POST", "Organization", json.dumps(body).encode()).text
