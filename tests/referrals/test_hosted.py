"""A partner that works on our server: what it finds, what it writes, and what is left when it may know no more."""

import datetime as dt
from typing import Any

import pytest
from support.hosted import Stranger
from support.spine import LINK_WORKER, TENANT, World, prescribed

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.resources import ResourceStore

Json = dict[str, Any]
PHONE = "416 555 0142"
CLIENT_WORDS = ("Okafor", PHONE, "Skips meals", "I want to sing again", "Eats three meals")


@pytest.fixture
def clinic(database: Database, clock: ManualClock) -> Any:
    with World(database, clock) as world:
        world.partner("emr", "requester")
        yield world


@pytest.fixture
def hub(clinic: World) -> Stranger:
    return clinic.hosted("hub")


def task_of(hub: Stranger) -> Json:
    (task,) = hub.all("Task")
    return task


def move(hub: Stranger, status: str, **members: Any) -> tuple[int, Json | None]:
    return hub.put({**task_of(hub), "status": status, **members})


def test_a_referral_is_found_in_the_compartment_with_all_that_it_refers_to(clinic: World, hub: Stranger) -> None:
    clinic.submit(prescribed())
    clinic.pass_time()
    task = task_of(hub)
    assert task["status"] == "requested"
    order = hub.get(task["focus"]["reference"])
    patient = hub.get(task["for"]["reference"])
    assert order is not None
    assert patient is not None
    assert PHONE in str(patient["telecom"])
    assert len(hub.all("Condition")) == 2
    assert "9876543217" not in hub.everything_said(), "a health card number is not for a service"


def test_its_day_comes_home(clinic: World, hub: Stranger) -> None:
    receipt = clinic.submit(prescribed())
    clinic.pass_time()
    assert move(hub, "accepted")[0] == 200
    assert clinic.our_task(receipt.id)["status"] == "accepted"
    assert move(hub, "in-progress")[0] == 200
    task = task_of(hub)
    done = hub.create(
        {
            "resourceType": "Procedure",
            "status": "completed",
            "code": {"text": "Good Food Box"},
            "subject": task["for"],
            "basedOn": [task["focus"]],
        }
    )
    output = {"type": {"text": "done"}, "valueReference": {"reference": f"Procedure/{done['id']}"}}
    status, answer = move(hub, "completed", output=[output])
    assert status == 200, answer
    clinic.pass_time()
    home = clinic.task("emr")
    assert home["status"] == "completed"
    (procedure,) = clinic.servers["emr"].all("Procedure")
    assert procedure["code"]["text"] == "Good Food Box"
    assert clinic.order("emr")["status"] == "completed"


def test_what_is_not_allowed_from_here_is_refused_and_nothing_is_stored(clinic: World, hub: Stranger) -> None:
    receipt = clinic.submit(prescribed())
    clinic.pass_time()
    before = task_of(hub)
    move(hub, "rejected", statusReason={"text": "Full"})
    status, outcome = hub.put({**before, "status": "accepted"})
    assert status in {412, 422}, outcome
    task = task_of(hub)
    status, outcome = hub.put({**task, "status": "in-progress"})
    assert status == 422
    assert outcome is not None
    assert outcome["issue"][0]["code"] == "business-rule"
    assert task_of(hub)["status"] == "rejected"
    assert clinic.referrals(receipt.id)[0].status == "rejected"


def test_a_stale_version_is_refused(clinic: World, hub: Stranger) -> None:
    clinic.submit(prescribed())
    clinic.pass_time()
    old = task_of(hub)
    move(hub, "accepted")
    status, _ = hub.put({**old, "status": "in-progress"})
    assert status == 412
    assert task_of(hub)["status"] == "accepted"


def test_a_member_that_is_not_its_own_keeps_its_value_and_the_answer_says_so(clinic: World, hub: Stranger) -> None:
    clinic.submit(prescribed())
    clinic.pass_time()
    task = task_of(hub)
    body = {**task, "status": "accepted", "description": "Do something else", "priority": "stat"}
    match = {"If_Match": f'W/"{task["meta"]["versionId"]}"', "Prefer": "return=OperationOutcome"}
    status, outcome = hub.send("PUT", f"Task/{task['id']}", body, **match)
    assert status == 200
    assert outcome is not None
    assert "Task.description" in str(outcome)
    now = task_of(hub)
    assert now.get("description") == task.get("description")
    assert now["status"] == "accepted"


@pytest.mark.parametrize("type_", ["Patient", "ServiceRequest", "Consent", "Goal"])
def test_what_is_the_requesters_is_not_for_it_to_write(clinic: World, hub: Stranger, type_: str) -> None:
    clinic.submit(prescribed())
    clinic.pass_time()
    for one in hub.all(type_):
        status, _ = hub.put({**one, "language": "fr"})
        assert status == 403
    status, _ = hub.send("POST", type_, {"resourceType": type_})
    assert status == 403
    status, _ = hub.send("DELETE", f"Task/{task_of(hub)['id']}")
    assert status == 403


def test_after_it_declined_only_that_it_was_asked_is_left(clinic: World, hub: Stranger) -> None:
    clinic.submit(prescribed())
    clinic.pass_time()
    patient = task_of(hub)["for"]["reference"]
    assert move(hub, "rejected", statusReason={"text": "No places"})[0] == 200
    left = hub.everything_said()
    assert [word for word in CLIENT_WORDS if word in left] == []
    assert hub.send("GET", patient)[0] == 410
    assert task_of(hub)["status"] == "rejected"
    assert "for" not in task_of(hub)
    assert clinic.task("emr")["status"] == "requested"
    clinic.pass_time()
    assert clinic.task("emr")["status"] == "rejected"


def test_after_it_was_called_off_only_that_it_was_asked_is_left(clinic: World, hub: Stranger) -> None:
    receipt = clinic.submit(prescribed())
    clinic.pass_time()
    clinic.command(receipt.id, "cancel", reason="Moved away")
    left = hub.everything_said()
    assert [word for word in CLIENT_WORDS if word in left] == []
    clinic.pass_time()
    assert task_of(hub)["status"] == "cancelled"
    assert [word for word in CLIENT_WORDS if word in hub.everything_said()] == []


def test_a_long_ended_referral_leaves_what_it_wrote_itself(clinic: World, hub: Stranger) -> None:
    clinic.submit(prescribed(followUp=None))
    clinic.pass_time()
    move(hub, "accepted")
    done = hub.create(
        {"resourceType": "Procedure", "status": "completed", "code": {"text": "Box"}, "subject": task_of(hub)["for"]}
    )
    output = {"type": {"text": "done"}, "valueReference": {"reference": f"Procedure/{done['id']}"}}
    assert move(hub, "completed", output=[output])[0] == 200
    assert PHONE in hub.everything_said(), "just ended: it may still look"
    clinic.pass_time(91, step=dt.timedelta(days=13))
    assert [word for word in CLIENT_WORDS if word in hub.everything_said()] == []
    assert hub.get(f"Procedure/{done['id']}") is not None


def test_a_client_who_must_not_be_contacted_has_no_number_in_any_version(clinic: World, hub: Stranger) -> None:
    clinic.submit(prescribed())
    clinic.pass_time()
    assert PHONE in hub.everything_said()
    client = {**prescribed()["client"], "safeToContact": False}
    clinic.clock.advance(dt.timedelta(days=1))
    newer = prescribed(
        2, client=client, authored="2026-03-03T06:00:00-05:00", service=None, kind="navigator", followUp=None
    )
    clinic.submit(newer)
    assert PHONE not in hub.everything_said(), "in the same transaction"
    assert task_of(hub)["status"] == "requested"


def test_another_try_at_the_same_service_brings_it_all_again(clinic: World, hub: Stranger) -> None:
    receipt = clinic.submit(prescribed())
    clinic.pass_time()
    move(hub, "rejected", statusReason={"text": "Full"})
    clinic.command(receipt.id, "route", LINK_WORKER, partner="hub")
    clinic.pass_time()
    tasks = {task["status"]: task for task in hub.all("Task")}
    assert tasks.keys() == {"rejected", "requested"}
    assert hub.get(tasks["requested"]["for"]["reference"]) is not None
    assert "for" not in tasks["rejected"]


def test_a_part_that_is_declined_leaves_the_other_part_whole(clinic: World, hub: Stranger) -> None:
    receipt = clinic.submit(prescribed(service=None, kind="navigator"))
    clinic.pass_time()
    parts = [
        {"description": "A food box", "category": "food-insecurity", "partner": "hub"},
        {"description": "A choir", "category": "social-connection", "partner": "hub"},
    ]
    clinic.split(receipt.id, parts)
    clinic.pass_time()
    food, company = sorted(hub.all("Task"), key=lambda task: str(task.get("text", "")).find("food box") < 0)
    assert hub.put({**food, "status": "rejected", "statusReason": {"text": "Full"}})[0] == 200
    left = hub.everything_said()
    assert "Skips meals" not in left
    assert "Sees nobody" in left
    assert hub.get(company["for"]["reference"]) is not None


def test_a_part_that_has_its_outcome_keeps_nothing_of_the_whole(clinic: World, hub: Stranger) -> None:
    """The service was asked for the whole, then for a part of it; the whole is over at once, the part in 90 days."""
    receipt = clinic.submit(prescribed())
    clinic.pass_time()
    whole = task_of(hub)
    part = {"description": "A food box", "category": "food-insecurity", "partner": "hub"}
    clinic.split(receipt.id, [part, {"description": "A choir", "category": "social-connection"}])
    clinic.pass_time()
    (mine,) = (task for task in hub.all("Task") if task["id"] != whole["id"])
    for status in ("accepted", "failed"):
        assert hub.put({**(hub.get(f"Task/{mine['id']}") or {}), "status": status})[0] == 200
    clinic.command(receipt.id, "cancel", LINK_WORKER, reason="Moved away")
    clinic.pass_time()
    assert hub.get(whole["focus"]["reference"]) is None
    assert "Sees nobody" not in hub.everything_said(), "a need of the other part"
    assert hub.get(mine["focus"]["reference"]) is not None
    assert "Skips meals" in hub.everything_said()


def test_our_own_compartment_is_never_read(clinic: World, hub: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = clinic.submit(prescribed())
    clinic.pass_time()
    ours = clinic.our_task(receipt.id)
    assert hub.get(f"Task/{ours['id']}") is None
    for type_ in ("Task", "Patient", "ServiceRequest"):
        names = {one["id"] for one in hub.all(type_)}
        own = ResourceStore(clinic.database, TENANT, clinic.clock).search(type_, [("_count", "1000")])
        assert names.isdisjoint(one.id for one in own.matches)
