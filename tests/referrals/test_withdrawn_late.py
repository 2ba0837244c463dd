"""Consent that is withdrawn after a service on our server is done: at once, nothing of the client is left there."""

import datetime as dt
from typing import Any

import pytest
from support.hosted import Stranger
from support.spine import DOCTOR, LINK_WORKER, World, prescribed

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database

Json = dict[str, Any]
CLIENT_WORDS = ("Okafor", "416 555 0142", "Skips meals", "Eats three meals", "Walks with a stick")


@pytest.fixture
def clinic(database: Database, clock: ManualClock) -> Any:
    with World(database, clock) as world:
        world.partner("emr", "requester")
        yield world


@pytest.fixture
def hub(clinic: World) -> Stranger:
    return clinic.hosted("hub")


def step(hub: Stranger, *statuses: str) -> None:
    for status in statuses:
        (task,) = [one for one in hub.all("Task") if one["status"] not in {"completed", "failed"}]
        assert hub.put({**task, "status": status, "statusReason": {"text": "In our words"}})[0] == 200


def found(hub: Stranger) -> list[str]:
    said = hub.everything_said()
    return [word for word in CLIENT_WORDS if word in said]


@pytest.mark.parametrize("end", ["completed", "failed"])
@pytest.mark.parametrize("delivered", [True, False])
def test_what_a_done_service_knew_is_taken_back_at_once(
    clinic: World, hub: Stranger, end: str, delivered: bool
) -> None:
    receipt = clinic.submit(prescribed())
    clinic.pass_time()
    step(hub, "accepted", end)
    if delivered:
        clinic.pass_time()
    assert found(hub), "just ended: it may still look"
    clinic.command(receipt.id, "withdraw-consent", DOCTOR, reason="They changed their mind")
    assert found(hub) == []
    (task,) = hub.all("Task")
    assert (task["status"], "for" in task) == (end, False)
    clinic.pass_time(100, step=dt.timedelta(days=50))
    assert found(hub) == [], "no later update brings it back"
    assert "They changed their mind" not in hub.everything_said()
    assert clinic.counts()["failed"] == 0


def test_what_the_service_wrote_itself_stays(clinic: World, hub: Stranger) -> None:
    receipt = clinic.submit(prescribed())
    clinic.pass_time()
    step(hub, "accepted")
    (task,) = hub.all("Task")
    done = hub.create(
        {"resourceType": "Procedure", "status": "completed", "code": {"text": "Box"}, "subject": task["for"]}
    )
    output = {"type": {"text": "done"}, "valueReference": {"reference": f"Procedure/{done['id']}"}}
    assert hub.put({**task, "status": "completed", "output": [output]})[0] == 200
    clinic.command(receipt.id, "withdraw-consent", DOCTOR)
    assert found(hub) == []
    assert hub.get(f"Procedure/{done['id']}") is not None
    clinic.pass_time()
    assert clinic.task("emr")["status"] == "completed"


def test_what_it_may_know_because_of_another_prescription_stays(clinic: World, hub: Stranger) -> None:
    first = clinic.submit(prescribed(needs=prescribed()["needs"][:1], goals=[prescribed()["goals"][0]]))
    clinic.pass_time()
    step(hub, "accepted", "completed")
    clinic.submit(prescribed(2, needs=prescribed()["needs"][1:], goals=[], authored="2026-03-02T06:30:00-05:00"))
    clinic.pass_time()
    clinic.command(first.id, "withdraw-consent", LINK_WORKER)
    clinic.pass_time()
    assert "Skips meals" not in hub.everything_said()
    (task,) = [one for one in hub.all("Task") if one["status"] == "requested"]
    patient = hub.get(task["for"]["reference"])
    assert patient is not None
    assert "Okafor" in str(patient)


def test_every_service_of_the_prescription_forgets(clinic: World, hub: Stranger) -> None:
    choir = clinic.hosted("choir")
    receipt = clinic.submit(prescribed(service=None, kind="navigator"))
    clinic.pass_time()
    parts = [
        {"description": "A food box", "category": "food-insecurity", "partner": "hub"},
        {"description": "A choir", "category": "social-connection", "partner": "choir"},
    ]
    clinic.split(receipt.id, parts)
    clinic.pass_time()
    step(hub, "accepted", "completed")
    assert "Sees nobody" in choir.everything_said()
    clinic.command(receipt.id, "withdraw-consent", DOCTOR)
    clinic.pass_time()
    assert found(hub) == []
    assert "Sees nobody" not in choir.everything_said()
    assert "Okafor" not in choir.everything_said()
