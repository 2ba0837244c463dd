"""The demo's proof finds what is amiss: at the EMR, at a service, and what a service must not know."""

import copy
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from footbridge.cli.demo.proof import Proof
from footbridge.cli.demo.reading import Reading
from footbridge.cli.demo.scenes import programme
from footbridge.cli.demo.withheld import look_for_secrets
from footbridge.mapping.draft import own_identifier_system
from footbridge.partners.fhir.simulator import FhirSimulator

Json = dict[str, Any]
OWN = own_identifier_system()


def identified(type_: str, number: int, **members: Any) -> Json:
    """A resource under an identifier of ours."""
    return {"resourceType": type_, "identifier": [{"system": OWN, "value": f"{type_}-{number}"}], **members}


TASK = identified("Task", 1, status="completed", intent="order", focus={"reference": "urn:uuid:ServiceRequest-1"})
ORDER = identified("ServiceRequest", 1, status="completed", intent="order", subject={"display": "somebody"})
SUPPORT = identified("ServiceRequest", 2, status="completed", intent="order", subject={"display": "somebody"})
GOAL = identified("Goal", 1, lifecycleStatus="active", description={"text": "Sings"}, subject={"display": "somebody"})
DONE = identified("Procedure", 1, status="completed", subject={"display": "somebody"}, note=[{"text": "Sang"}])
DONE["identifier"].append({"system": "urn:footbridge:test:service", "value": "P-1"})
ALL = (TASK, ORDER, SUPPORT, GOAL, DONE)
BUNDLE = {"entry": [{"fullUrl": f"urn:uuid:{one['identifier'][0]['value']}", "resource": one} for one in ALL]}


class Places:
    """An EMR and a service, and the proof that reads them."""

    def __init__(self, emr: FhirSimulator, hub: FhirSimulator, proof: Proof) -> None:
        self.emr, self.hub, self.proof = emr, hub, proof

    @property
    def differences(self) -> list[str]:
        return self.proof.of("one", BUNDLE).differences


@pytest.fixture
def places() -> Iterator[Places]:
    with FhirSimulator(name="emr") as emr, FhirSimulator(name="hub") as hub:
        for resource in ALL:
            emr.put(copy.deepcopy(resource))
        for resource in (TASK, SUPPORT, DONE):
            hub.put(copy.deepcopy(resource))
        with closing(Reading("EMR", emr.base_url)) as first, closing(Reading("Hub", hub.base_url)) as second:
            yield Places(emr, hub, Proof(first, [second]))


def test_what_agrees_is_counted(places: Places) -> None:
    found = places.proof.of("one", BUNDLE)
    assert (found.compared, found.differences) == (8, [])
    assert {type_: len(some) for type_, some in found.resources.items()} == {
        "ServiceRequest": 2,
        "Task": 1,
        "Procedure": 1,
        "Goal": 1,
    }


@pytest.mark.parametrize(
    ("type_", "members", "difference"),
    [
        ("Task", {"status": "in-progress"}, "Task at EMR: status is another"),
        ("Task", {"statusReason": {"text": "Full"}}, "Task at EMR: statusReason is another"),
        ("ServiceRequest", {"status": "active"}, "ServiceRequest at EMR: status is another"),
        ("Goal", {"lifecycleStatus": "completed"}, "Goal at EMR: status is another"),
        ("Procedure", {"note": [{"text": "Danced"}]}, "Procedure at EMR: note is another"),
    ],
)
def test_what_the_emr_says_otherwise_is_found(places: Places, type_: str, members: Json, difference: str) -> None:
    held, *_ = sorted(places.emr.all(type_), key=lambda one: one["identifier"][0]["value"])
    places.emr.put({**held, **members})
    assert places.differences == [difference]


def test_what_is_there_twice_or_not_at_all_is_found(places: Places) -> None:
    places.emr.put(copy.deepcopy(GOAL))
    held, _ = sorted(places.emr.all("ServiceRequest"), key=lambda one: one["identifier"][0]["value"])
    places.emr.put({**held, "identifier": []})
    assert places.differences == ["ServiceRequest at EMR: there 0 times", "Goal at EMR: there 2 times"]


def test_a_service_that_says_otherwise_is_found(places: Places) -> None:
    (task,), (support,), (done,) = map(places.hub.all, ("Task", "ServiceRequest", "Procedure"))
    places.hub.put({**task, "status": "accepted"})
    places.hub.put({**support, "status": "active"})
    places.hub.put({**done, "performedDateTime": "2026-12-01"})
    assert places.differences == [
        "Task at Hub: status is another",
        "ServiceRequest at Hub: status is another",
        "Procedure at the service: performed is another",
    ]


def test_a_secret_at_a_service_is_found(places: Places) -> None:
    scenes = programme().scenes
    (unsafe,) = (scene for scene in scenes if not scene.document["client"].get("safeToContact", True))
    assert look_for_secrets(scenes, places.proof.services).found == ()
    telephone = unsafe.document["client"]["contacts"][0]
    places.hub.put({"resourceType": "Patient", "telecom": [telephone]})
    assert look_for_secrets(scenes, places.proof.services).found == (unsafe.name,)


@pytest.mark.parametrize("there", ["{0}", "MRN {0}.", "MRN:{0}", "urn:x:mrn|{0}", "known as_{0}_here"])
def test_a_record_number_at_a_service_is_found_wherever_it_stands(places: Places, there: str) -> None:
    scenes = programme().scenes
    scene = next(one for one in scenes if one.document["client"].get("identifiers"))
    number = scene.document["client"]["identifiers"][0]["value"]
    places.hub.put({"resourceType": "Condition", "note": [{"text": there.format(number)}]})
    assert look_for_secrets(scenes, places.proof.services).found == (scene.name,)


def test_the_digits_of_a_record_number_in_a_time_or_an_id_are_no_secret(places: Places) -> None:
    scenes = programme().scenes
    short = [one["value"] for scene in scenes for one in scene.document["client"].get("identifiers", ())]
    number = min(short, key=len)
    assert len(number) == 6
    places.hub.put({"resourceType": "Condition", "recordedDate": f"2026-11-30T07:53:31.{number}+00:00"})
    places.hub.put({"resourceType": "Condition", "id": f"{number}ab-71c1-4a9b-8d2e-0a{number}1c2d"})
    assert look_for_secrets(scenes, places.proof.services).found == ()
