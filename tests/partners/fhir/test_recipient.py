"""A scripted recipient does what its plan says, when the clock says so, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from footbridge.model.clock import ManualClock
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.delivery import deliver
from footbridge.partners.fhir.simulator import Done, FhirSimulator, ScriptedRecipient, referral_bundle, scripts
from footbridge.partners.fhir.simulator.actions import (
    Plan,
    accept,
    complete,
    complete_with_nothing,
    fail,
    hold,
    reject,
    start,
)

DAY = timedelta(days=1)


class Story:
    """One referral at one recipient, watched day by day."""

    def __init__(self, server: FhirSimulator, client: FhirClient, clock: ManualClock, script: scripts.Script) -> None:
        self.server, self.clock = server, clock
        bundle = referral_bundle()
        delivered = deliver(client, bundle, "transaction")
        self.task_id = next(remote.id for remote in delivered.values() if remote.type == "Task")
        self.recipient = ScriptedRecipient(server, script, clock)

    @property
    def task(self) -> dict[str, Any]:
        return self.server.get("Task", self.task_id) or {}

    def days(self, count: int) -> list[tuple[int, str]]:
        """Day and status of each version of the Task, as a partner who polls daily sees them."""
        seen: list[tuple[int, str]] = []
        version = self.task["meta"]["versionId"]
        for day in range(1, count + 1):
            self.clock.advance(DAY)
            self.recipient.step()
            if self.task["meta"]["versionId"] != version:
                version = self.task["meta"]["versionId"]
                seen.append((day, self.task["status"]))
        return seen


@pytest.mark.parametrize(
    ("plan", "days"),
    [
        (scripts.USUAL, [(1, "accepted"), (2, "accepted"), (9, "in-progress"), (23, "completed")]),
        (scripts.JUMPS, [(14, "completed")]),
        (scripts.SILENT, []),
        (scripts.DECLINES, [(1, "rejected")]),
        (scripts.DECLINES_WITHOUT_A_REASON, [(1, "rejected")]),
        (scripts.late(20), [(20, "accepted"), (21, "accepted"), (28, "in-progress")]),
        (
            scripts.ANSWERS_TWICE,
            [(1, "accepted"), (2, "accepted"), (9, "in-progress"), (23, "completed"), (24, "completed")],
        ),
        (scripts.CONTRADICTS_ITSELF, [(1, "accepted"), (8, "in-progress"), (22, "completed"), (23, "rejected")]),
        ((hold("Moving house"), start(), fail("Moved away")), [(1, "on-hold"), (8, "in-progress"), (9, "failed")]),
    ],
)
def test_each_plan_day_by_day(
    server: FhirSimulator, client: FhirClient, clock: ManualClock, plan: Plan, days: list[tuple[int, str]]
) -> None:
    assert Story(server, client, clock, scripts.always(plan)).days(30) == days


@pytest.mark.parametrize(("plan", "reason"), [((reject("Full"),), {"text": "Full"}), ((reject(),), None)])
def test_a_decline_says_why_or_not(
    server: FhirSimulator, client: FhirClient, clock: ManualClock, plan: Plan, reason: dict[str, str] | None
) -> None:
    story = Story(server, client, clock, scripts.always(plan))
    story.days(1)
    assert story.task["status"] == "rejected"
    assert story.task.get("statusReason") == reason


def test_plans_in_order_of_arrival(server: FhirSimulator, client: FhirClient, clock: ManualClock) -> None:
    first = Story(server, client, clock, scripts.in_order(scripts.DECLINES, then=scripts.SILENT))
    second = Story(server, client, clock, scripts.always(scripts.SILENT))
    first.recipient.step()
    clock.advance(DAY)
    assert first.recipient.step() == [Done(first.task_id, "reject")]
    assert second.task["status"] == "requested"


def test_an_appointment_is_a_business_status(server: FhirSimulator, client: FhirClient, clock: ManualClock) -> None:
    story = Story(server, client, clock, scripts.always(scripts.USUAL))
    story.days(2)
    assert (story.task["status"], story.task["businessStatus"]["text"]) == ("accepted", "Scheduled for 2026-03-10")


def test_a_completed_task_points_to_a_procedure_for_the_order(
    server: FhirSimulator, client: FhirClient, clock: ManualClock
) -> None:
    story = Story(server, client, clock, scripts.always(scripts.JUMPS))
    story.days(14)
    (output,) = story.task["output"]
    assert output["type"]["coding"][0]["code"] == "resulting-activity"
    procedure = server.get(*output["valueReference"]["reference"].split("/")) or {}
    (order,) = server.all("ServiceRequest")
    assert procedure["basedOn"] == [story.task["focus"]]
    assert (procedure["status"], procedure["code"], procedure["subject"]) == (
        "completed",
        order["code"],
        order["subject"],
    )
    assert procedure["category"]["coding"] == order["category"][0]["coding"]
    assert procedure["performedDateTime"] == "2026-03-15T12:00:00.000Z"


def test_completed_with_nothing_to_show(server: FhirSimulator, client: FhirClient, clock: ManualClock) -> None:
    story = Story(server, client, clock, scripts.always((complete_with_nothing(after=DAY),)))
    story.days(1)
    assert story.task["status"] == "completed"
    assert "output" not in story.task
    assert server.all("Procedure") == []


def test_what_is_cancelled_is_left_alone(server: FhirSimulator, client: FhirClient, clock: ManualClock) -> None:
    story = Story(server, client, clock, scripts.always(scripts.USUAL))
    story.days(1)
    server.put({**story.task, "status": "cancelled"})
    assert story.days(30) == []
    assert story.recipient.next_due() is None


def test_a_long_jump_of_the_clock_takes_every_step_that_fell_due(
    server: FhirSimulator, client: FhirClient, clock: ManualClock
) -> None:
    story = Story(server, client, clock, scripts.always((accept(), start(), complete())))
    story.recipient.step()
    assert story.recipient.next_due() == clock.now() + DAY
    clock.advance(timedelta(days=60))
    assert story.recipient.step() == [Done(story.task_id, name) for name in ("accept", "start", "complete")]
    assert story.recipient.step() == []


def test_plans_by_identifier_of_the_task_or_the_order(
    server: FhirSimulator, client: FhirClient, clock: ManualClock
) -> None:
    order = server.put({"resourceType": "ServiceRequest", "identifier": [{"value": "RX-1"}]})
    task = {"resourceType": "Task", "status": "requested", "intent": "order", "code": {"coding": [{"code": "fulfill"}]}}
    task_id = str(server.put({**task, "focus": {"reference": f"ServiceRequest/{order['id']}"}})["id"])
    by_itself = str(server.put({**task, "identifier": [{"value": "T-1"}]})["id"])
    other = str(server.put(task)["id"])
    recipient = ScriptedRecipient(
        server, scripts.by_identifier({"RX-1": scripts.DECLINES, "T-1": (accept(),)}, otherwise=scripts.SILENT), clock
    )
    recipient.step()
    clock.advance(DAY)
    assert recipient.step() == [Done(task_id, "reject"), Done(by_itself, "accept")]
    assert (server.get("Task", other) or {})["status"] == "requested"


def test_a_task_that_is_no_referral_is_not_touched(
    server: FhirSimulator, client: FhirClient, clock: ManualClock
) -> None:
    server.put({"resourceType": "Task", "status": "requested", "intent": "plan"})
    recipient = ScriptedRecipient(server, scripts.always(scripts.JUMPS), clock)
    recipient.step()
    clock.advance(timedelta(days=100))
    assert recipient.step() == []
