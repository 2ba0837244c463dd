"""What we answered and put right later: Ocean gets the correction once, and its folder stays."""

from datetime import timedelta

import orjson
import pytest
from support.ocean import OceanWorld
from support.spine import TENANT

from footbridge.partners.inbound import Appointment, AppointmentTime
from footbridge.referrals.inbound import receive
from footbridge.store.partners import get_partner
from footbridge.store.resource_rows import Scope

CORRECTION = "notify-data-correction"


@pytest.fixture
def world(sqlite_database, clock, tmp_path):
    with OceanWorld(sqlite_database, clock, tmp_path) as world:
        world.partner("hub")
        yield world


def accepted(world, **draft):
    ref = world.refer(**draft)
    world.settle()
    world.act("hub", status="accepted")
    world.settle()
    return ref


def book(world, ref, name, time):
    (row,) = world.referrals(world.prescription_of(ref))
    with world.database.write() as connection:
        scope = Scope(connection, TENANT, world.clock.now())
        said = Appointment(message_id=name, at=scope.now, key=row.task, time=time)
        assert receive(scope, get_partner(connection, TENANT, "hub"), said).code == "applied"
    world.settle()


def sent(world, ref):
    return [(one.event, one.status) for one in world.ocean.arrivals(ref)]


def last(world, ref, kind):
    bundle = orjson.loads(world.ocean.arrivals(ref)[-1].body)
    (focus,) = bundle["entry"][0]["resource"]["focus"]
    found = next(one["resource"] for one in bundle["entry"] if one.get("fullUrl") == focus["reference"])
    assert found["resourceType"] == kind
    return found


def test_another_place_of_an_appointment_is_a_correction_and_another_time_a_booking(world):
    ref = accepted(world)
    start = world.clock.now() + timedelta(days=7)
    book(world, ref, "a-1", AppointmentTime(start, location="12 Sample Street"))
    assert sent(world, ref)[-1] == ("notify-add-appointment", 200)
    book(world, ref, "a-2", AppointmentTime(start, location="14 Sample Street"))
    assert sent(world, ref)[-1] == (CORRECTION, 200)
    assert last(world, ref, "Appointment")["participant"][1]["actor"]["display"] == "14 Sample Street"
    book(world, ref, "a-3", AppointmentTime(start + timedelta(days=1), location="14 Sample Street"))
    assert sent(world, ref)[-1] == ("notify-add-appointment", 200)
    before = sent(world, ref)
    world.settle(6)
    assert sent(world, ref) == before, "an echo was answered"
    assert world.ocean.folder(ref) == "Booking Confirmed"
    assert "requester-changed" not in world.names(world.prescription_of(ref))


def test_an_outcome_goes_home_and_so_does_its_correction(world):
    ref = accepted(world)
    output = {"type": {"text": "Service"}, "valueCodeableConcept": {"text": "Food box, weekly"}}
    world.act("hub", status="in-progress")
    world.settle()
    world.act("hub", status="completed", output=[output])
    world.settle()
    assert sent(world, ref)[-1] == ("notify-update-process-request", 200)
    assert last(world, ref, "Task")["description"] == "Food box, weekly"


def test_a_need_that_a_person_put_right_corrects_the_code_in_ocean_and_comes_back_as_an_echo(world):
    draft = world.ocean.generator.draft(form="quickReferral", need="food", language="en")
    listing = {"categories": [], "consent": {"basis": "express-in-form"}, "partner": "hub", "kind": "warm-connection"}
    put(world, listing)  # it says no category, so the words of the note decide
    ref = world.ocean.refer(draft)
    world.settle()
    world.say(ref, "confirm-needs", needs=[(0, "financial-insecurity")])
    world.settle()
    assert sent(world, ref)[-1] == (CORRECTION, 200)
    code = last(world, ref, "ServiceRequest")["code"]
    assert [one["code"] for one in code["coding"]] == ["financial-insecurity"]
    before = sent(world, ref)
    world.settle(6)
    assert sent(world, ref) == before
    assert {"amended", "requester-changed"}.isdisjoint(world.names(world.prescription_of(ref)))
    assert world.document_of(ref)["needs"][0]["category"] == "financial-insecurity"


def test_a_correction_that_ocean_refuses_is_shown_and_what_follows_is_sent(world):
    ref = accepted(world)
    start = world.clock.now() + timedelta(days=7)
    book(world, ref, "a-1", AppointmentTime(start, location="12 Sample Street"))
    world.ocean.habits.corrections = "refuse"
    book(world, ref, "a-2", AppointmentTime(start, location="14 Sample Street"))
    assert [status for event, status in sent(world, ref) if event == CORRECTION] == [400]
    identity = world.prescription_of(ref)
    lost = [what for one in world.timeline(identity) if one.name == "not-carried" for what in one.detail["what"]]
    assert "Ocean did not take a correction: inform the clinic of what changed." in lost
    world.act("hub", status="in-progress")
    world.act("hub", status="completed", output=[{"type": {"text": "Service"}, "valueString": "Food box"}])
    world.settle(3)
    assert sent(world, ref)[-1] == ("notify-update-process-request", 200)
    assert world.ocean.folder(ref) == "Completed"
    assert [status for event, status in sent(world, ref) if event == CORRECTION] == [400], "it was sent again"


def put(world, entry):
    from support.ocean import CLINIC, EXTERNAL

    from footbridge.partners.ocean.listing import Listing
    from footbridge.store.ocean_sites import put_listing

    with world.database.write() as connection:
        put_listing(connection, TENANT, CLINIC, EXTERNAL, Listing.decode(entry | {"external": EXTERNAL}).encode())
