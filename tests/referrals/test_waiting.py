"""A service that does not answer is marked once, and stands with all else that waits for a person."""

import datetime as dt

import pytest
from support.spine import LINK_WORKER, TENANT, prescribed

from footbridge.partners.fhir.simulator import Fault
from footbridge.partners.fhir.simulator.scripts import USUAL, always
from footbridge.referrals.command import NewPart
from footbridge.settings import settings
from footbridge.store.tables import prescription
from footbridge.store.worklist import waiting_referrals


def waiting(world, tenant=TENANT):
    with world.database.read() as connection:
        return [
            (row.identifier_value, row.partner, row.why)
            for row in waiting_referrals(connection, prescription.c.tenant == tenant)
        ]


def overdue(world, receipt):
    return [event for event in world.timeline(receipt.id) if event.name == "overdue"]


def test_a_silent_service_is_marked_once_and_asked_no_second_time(world):
    receipt = world.submit(prescribed())
    world.pass_time(settings().response_days - 1)
    assert (overdue(world, receipt), waiting(world)) == ([], [])
    world.pass_time(1)
    (mark,) = overdue(world, receipt)
    assert (mark.role, mark.source, mark.before, mark.after, mark.reason, mark.detail) == (
        "system",
        "timer",
        None,
        "requested",
        None,
        {"partner": "hub", "partnerTitle": "Hub"},
    )
    assert waiting(world) == [("RX-1", "hub", "overdue")]
    asked = len(world.servers["hub"].requests)
    world.pass_time(40)
    assert len(overdue(world, receipt)) == 1
    assert len(world.tasks("hub")) == 1
    assert {request.method for request in world.servers["hub"].requests[asked:]} == {"GET"}


def test_who_answers_late_waits_no_longer(world):
    receipt = world.submit(prescribed())
    world.pass_time(settings().response_days)
    world.act("hub", status="accepted")
    world.pass_time(1)
    assert waiting(world) == []
    assert len(overdue(world, receipt)) == 1


def test_who_answers_in_time_is_never_marked(world):
    world.script("hub", always(USUAL))
    receipt = world.submit(prescribed())
    world.pass_time(60)
    assert (overdue(world, receipt), waiting(world)) == ([], [])


def test_the_days_count_from_the_delivery(world):
    world.servers["hub"].faults.sometimes(1.0, Fault(status=503), seed=1)
    receipt = world.submit(prescribed())
    world.pass_time()
    world.clock.advance(dt.timedelta(hours=5))
    world.servers["hub"].faults.clear()
    world.calm(12)
    (delivered,) = [event.at for event in world.timeline(receipt.id) if event.detail.get("partner") == "hub"]
    world.pass_time(settings().response_days + 2)
    (mark,) = overdue(world, receipt)
    assert mark.at - delivered >= dt.timedelta(days=settings().response_days)


def test_every_kind_of_waiting_is_told_apart(world):
    world.submit(prescribed(1, service=None))
    world.submit(prescribed(2, kind="navigator", service=None))
    split = world.submit(prescribed(3, kind="navigator", service=None))
    declined = world.submit(prescribed(4))
    world.submit(prescribed(5, kind="signpost"))
    world.pass_time()
    world.command(
        split.id,
        "split",
        LINK_WORKER,
        parts=[NewPart("Box", "food-insecurity", "hub"), NewPart("Bus", "transportation-insecurity")],
    )
    world.command(declined.id, "reject", LINK_WORKER, reason="Full")
    assert sorted(waiting(world)) == [
        ("RX-1", None, "nobody-asked"),
        ("RX-2", None, "nobody-asked"),
        ("RX-3", None, "nobody-asked"),  # the part that no route leads to
        ("RX-4", "hub", "not-helped"),
    ]
    world.command(declined.id, "withdraw", reason="Moved")
    assert ("RX-4", "hub", "not-helped") not in waiting(world)


@pytest.mark.parametrize("event", ["cancel", "enter-in-error"])
def test_what_was_called_off_waits_for_nobody(world, event):
    receipt = world.submit(prescribed(service=None))
    world.command(receipt.id, event, reason="Moved")
    assert waiting(world) == []


def test_another_try_takes_the_place_of_the_first(world):
    world.partner("pantry")
    receipt = world.submit(prescribed())
    world.pass_time()
    world.command(receipt.id, "reject", LINK_WORKER, reason="Full")
    assert waiting(world) == [("RX-1", "hub", "not-helped")]
    world.command(receipt.id, "route", LINK_WORKER, partner="pantry")
    assert waiting(world) == []
    world.pass_time(settings().response_days)
    assert waiting(world) == [("RX-1", "pantry", "overdue")]
