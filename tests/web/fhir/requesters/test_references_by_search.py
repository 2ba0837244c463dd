"""References by search in a transaction (``Patient?identifier=...``): resolved among what the client itself may see."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from support.emr import of_type, transaction, written
from support.fhir_http import System, system_of
from support.spine import World, prescribed

Json = dict[str, Any]


@pytest.fixture
def town(sqlite_database: Any, clock: Any) -> Iterator[World]:
    with World(sqlite_database, clock) as world:
        for name, role in (("annex", "requester"), ("clinic", "requester"), ("hub", "recipient")):
            world.take_on(name, role, network="hosted", base_url="")
        world.route("*", "hub")
        yield world


def by_search(number: int) -> tuple[Json, list[Json]]:
    """A Patient, and a referral whose resources name it by its identifier."""
    entries = written(prescribed(number))
    patient = next(entry for entry in entries if entry["resource"]["resourceType"] == "Patient")
    identifier = patient["resource"]["identifier"][-1]
    search = f"Patient?identifier={identifier['system']}|{identifier['value']}"
    others = json.dumps([entry for entry in entries if entry is not patient])
    return patient["resource"], json.loads(others.replace(patient["fullUrl"], search))


def referral(annex: System) -> Json:
    (task,) = [one for one in annex.found("Task") if "partOf" not in one]
    return task


def test_a_client_that_is_there_is_found(town: World, annex: System, app: Flask) -> None:
    resource, entries = by_search(1)
    patient = annex.create(resource)
    answer = annex.ask("POST", "", transaction(entries))
    assert answer.status_code == 200, answer.text
    task = referral(annex)
    assert task["for"]["reference"] == f"Patient/{patient['id']}"
    assert annex.read(task["focus"]["reference"])["subject"]["reference"] == f"Patient/{patient['id']}"
    town.pass_time()
    hub = system_of(town, app, "hub")
    assert hub.task()["status"] == "requested"
    assert hub.read(hub.task()["for"]["reference"])["resourceType"] == "Patient"


@pytest.mark.parametrize("conditional", ["create", "update"])
def test_a_client_that_comes_in_the_same_transaction_is_found(annex: System, conditional: str) -> None:
    resource, entries = by_search(1)
    search = of_type(entries, "Task")["for"]["reference"]
    request = {
        "create": {"method": "POST", "url": "Patient", "ifNoneExist": search.partition("?")[2]},
        "update": {"method": "PUT", "url": search},
    }[conditional]
    answer = annex.ask("POST", "", transaction([*entries, {"resource": resource, "request": request}]))
    assert answer.status_code == 200, answer.text
    (patient,) = annex.found("Patient")
    assert referral(annex)["for"]["reference"] == f"Patient/{patient['id']}"


def test_what_matches_nothing_or_several_stores_nothing(annex: System) -> None:
    resource, entries = by_search(1)
    for count in (0, 2):
        for _ in range(count):
            annex.create(resource)
        answer = annex.ask("POST", "", transaction(entries))
        assert answer.status_code == 412, answer.text
        assert answer.json["issue"][0]["code"] == ("multiple-matches" if count else "conflict")
        assert answer.json["issue"][0]["expression"][0].startswith("Bundle.entry[")
        assert resource["identifier"][-1]["value"] not in answer.text
        assert annex.found("Task") == annex.found("ServiceRequest") == annex.found("Goal") == []


def test_another_partners_client_is_not_found(town: World, annex: System, app: Flask) -> None:
    resource, entries = by_search(1)
    annex.create(resource)
    answer = system_of(town, app, "clinic").ask("POST", "", transaction(entries))
    assert answer.status_code == 412, answer.text


def test_outside_of_a_transaction_it_is_refused(annex: System) -> None:
    resource, entries = by_search(1)
    annex.create(resource)
    goal = of_type(entries, "Goal")
    assert annex.ask("POST", "Goal", goal).status_code == 422
    batch = {"resourceType": "Bundle", "type": "batch", "entry": transaction(entries)["entry"]}
    said = annex.ask("POST", "", batch).json["entry"]
    refused = [one for entry, one in zip(entries, said, strict=True) if "Patient?" in json.dumps(entry["resource"])]
    assert refused
    assert {one["response"]["status"][:3] for one in refused} == {"422"}
