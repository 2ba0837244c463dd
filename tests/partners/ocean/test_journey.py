"""The whole way: a clinic refers in Ocean, the service works, each step goes back, whatever the clinic does meanwhile."""

from datetime import timedelta

import orjson
import pytest
from support.ocean import OceanWorld
from support.spine import TENANT

from footbridge.partners.inbound import Appointment, AppointmentTime, Message
from footbridge.referrals.inbound import receive
from footbridge.simulators.ocean import SHAPES, Rates
from footbridge.store import ocean_messages
from footbridge.store.partners import get_partner
from footbridge.store.resource_rows import Scope
from footbridge.store.tables import prescription
from footbridge.store.worklist import waiting_referrals


@pytest.fixture
def world(sqlite_database, clock, tmp_path):
    with OceanWorld(sqlite_database, clock, tmp_path) as world:
        world.partner("hub")
        yield world


def outcomes(world):
    return [(row.event, row.state, row.why) for row in world.stored()]


def whys(world):
    """Why referrals are on the work list, each once."""
    with world.database.read() as connection:
        return [row.why for row in waiting_referrals(connection, prescription.c.tenant == TENANT)]


def test_a_referral_reaches_the_service_and_its_outcome_comes_home(world):
    ref = world.refer()
    world.settle()
    assert outcomes(world)[0] == ("add-service-request", "done", "applied")
    assert world.document_of(ref)["needs"][0]["category"] == "food-insecurity"
    assert len(world.tasks("hub")) == 1
    assert world.ocean.folder(ref) == "New"
    for status, folder in [
        ("accepted", "Pending Booking"),
        ("in-progress", "Pending Booking"),
        ("completed", "Completed"),
    ]:
        world.act("hub", status=status)
        world.settle()
        assert world.ocean.folder(ref) == folder
    assert world.status(world.prescription_of(ref)) == "completed"
    assert {why for _event, _state, why in outcomes(world)[1:]} == {"echo"}
    assert all(arrival.status == 200 for arrival in world.ocean.arrivals())
    sent = [orjson.loads(arrival.body)["entry"] for arrival in world.ocean.arrivals()]
    tasks = [row["resource"] for rows in sent for row in rows if row["resource"]["resourceType"] == "Task"]
    assert len({task["authoredOn"] for task in tasks}) == 1
    assert len({task["lastModified"] for task in tasks}) == len(sent)


@pytest.mark.parametrize("shape", SHAPES)
def test_our_own_changes_come_back_and_change_nothing(world, shape):
    world.ocean.habits.shape = SHAPES[shape]
    ref = world.refer()
    world.settle()
    for status in ("accepted", "in-progress", "completed"):
        world.act("hub", status=status)
        world.settle()
    sent = [arrival.event for arrival in world.ocean.arrivals(ref)]
    world.settle(6)
    assert [arrival.event for arrival in world.ocean.arrivals(ref)] == sent
    assert sent == ["notify-add-process-request", *["notify-update-process-request"] * 3]
    assert world.ocean.folder(ref) == "Completed"
    names = world.names(world.prescription_of(ref))
    assert {"requester-changed", "another-try", "cancel", "amended"}.isdisjoint(names)


def test_the_first_answer_names_the_referral_and_the_task_of_ours(world):
    ref = world.refer()
    world.settle()
    (arrival,) = world.ocean.arrivals(ref)
    assert arrival.event == "notify-add-process-request"
    bundle = orjson.loads(arrival.body)
    task = next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Task")
    assert task["status"] in {"requested", "received"}
    assert arrival.findings == ()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_clinic_cancels(world, shape):
    world.ocean.habits.shape = SHAPES[shape]
    ref = world.refer()
    world.settle()
    world.act("hub", status="accepted")
    world.settle()
    world.ocean.users.cancel(ref)
    world.settle()
    assert world.status(world.prescription_of(ref)) == "cancelled"
    assert world.task("hub")["status"] == "cancelled"
    assert world.ocean.folder(ref) == "Cancelled"
    last = orjson.loads(world.ocean.arrivals(ref)[-1].body)
    tasks = [one["resource"] for one in last["entry"] if one["resource"]["resourceType"] == "Task"]
    assert "cancelled" in {task["status"] for task in tasks}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_declined_referral_that_is_reopened_is_a_new_task_linked_to_the_old(world, shape):
    world.ocean.habits.shape = SHAPES[shape]
    ref = world.refer()
    world.settle()
    world.act("hub", status="rejected", statusReason={"text": "No places"})
    world.settle()
    assert world.ocean.folder(ref) == "Declined"
    assert world.status(world.prescription_of(ref)) == "waiting"
    assert whys(world) == ["not-helped"]
    world.settle(3)
    assert whys(world) == ["not-helped"]  # nobody opened it again: our own change coming back is no news
    world.ocean.users.reopen(ref)
    world.settle()
    if shape == "lean":  # an update without a Task may be a re-open or a resend: a person looks
        assert whys(world) == ["maybe-reopened"]
        assert len(world.tasks("hub")) == 1
        return
    assert whys(world) == []
    assert len(world.tasks("hub")) == 2
    assert "another-try" in world.names(world.prescription_of(ref))
    world.rewrite("hub", world.task_of("hub", world.prescription_of(ref)), status="accepted")
    world.settle()
    assert world.ocean.folder(ref) == "Pending Booking"


def test_the_clinic_changes_the_referral_and_the_timeline_says_what(world):
    ref = world.refer()
    world.settle()
    world.ocean.users.change(ref, "<b>Reason for Referral:</b> Now also lonely &amp; tired.")
    world.settle()
    identity = world.prescription_of(ref)
    (event,) = [one for one in world.timeline(identity) if one.name == "requester-changed"]
    assert any("lonely & tired" in words or "note" in words.lower() for words in event.detail["changes"])
    assert "amended" in world.names(identity)
    assert "lonely & tired" in orjson.dumps(world.document_of(ref)).decode()


@pytest.mark.parametrize("shape", SHAPES)
def test_words_go_both_ways(world, shape):
    world.ocean.habits.shape = SHAPES[shape]
    ref = world.refer()
    world.settle()
    world.ocean.users.reply(ref, "Please call after four.")
    world.settle()
    identity = world.prescription_of(ref)
    assert world.names(identity).count("message") == 1
    said = list(world.servers["hub"].all("Communication"))
    assert "Please call after four." in orjson.dumps(said).decode()


def test_a_booking_is_an_appointment(world):
    ref = world.refer()
    world.settle()
    world.act("hub", status="accepted")
    world.settle()
    (row,) = world.referrals(world.prescription_of(ref))
    time = AppointmentTime(world.clock.now() + timedelta(days=7), location="12 Sample Street")
    with world.database.write() as connection:
        scope = Scope(connection, TENANT, world.clock.now())
        said = Appointment(message_id="a-1", at=scope.now, key=row.task, time=time)
        receive(scope, get_partner(connection, TENANT, "hub"), said)
    world.settle()
    assert world.ocean.folder(ref) == "Booking Confirmed"
    assert [one.event for one in world.ocean.arrivals(ref)].count("notify-add-appointment") == 1


def test_a_question_of_the_service_waits_for_a_reply(world):
    ref = world.refer()
    world.settle()
    world.act("hub", status="accepted")
    world.settle()
    (row,) = world.referrals(world.prescription_of(ref))
    with world.database.write() as connection:
        scope = Scope(connection, TENANT, world.clock.now())
        said = Message(message_id="q-1", at=scope.now, key=row.task, text="When may we call?")
        receive(scope, get_partner(connection, TENANT, "hub"), said)
    world.settle()
    assert world.ocean.folder(ref) == "Awaiting Reply"
    assert [one.event for one in world.ocean.arrivals(ref)].count("send-communication-from-provider") == 1


def test_forwarding_ends_it_here(world):
    world.ocean.add_site("9999")
    other = world.ocean.add_listing("9999", title="Other Program").reference
    ref = world.refer()
    world.settle()
    world.act("hub", status="accepted")
    world.settle()
    world.say(ref, "forward", to=other, reason="They speak her language.")
    world.settle()
    assert world.ocean.folder(ref) == "Forwarded (All)"
    assert world.status(world.prescription_of(ref)) == "cancelled"
    assert world.task("hub")["status"] == "cancelled"
    assert all(arrival.status == 200 for arrival in world.ocean.arrivals())


def test_a_referral_that_goes_to_another_site_in_ocean_is_closed_here_with_the_reason(world):
    world.ocean.add_site("9999")
    other = world.ocean.add_listing("9999", title="Other Program").reference
    ref = world.refer()
    world.settle()
    sent = len(world.ocean.arrivals(ref))
    world.post(
        world.later(
            ref,
            "notify-update-service-request",
            lambda text: (
                text.replace(world.target, other)
                .replace('"value":"1234"', '"value":"9999"')
                .replace('"value":"link-worker"', '"value":"other"')
            ),
        )
    )
    world.settle()
    identity = world.prescription_of(ref)
    assert world.status(identity) == "cancelled"
    assert any("another service" in (one.reason or "") for one in world.timeline(identity))
    world.settle(6)
    assert len(world.ocean.arrivals(ref)) == sent


def test_without_consent_nothing_leaves_until_a_person_confirms(world):
    draft = world.ocean.generator.draft(form="quickReferral", need="food", language="en")
    ref = world.ocean.refer(draft)
    world.settle()
    identity = world.prescription_of(ref)
    assert world.status(identity) == "waiting"
    assert world.tasks("hub") == []
    assert world.servers["hub"].all("Patient") == []
    world.say(ref, "confirm-consent")
    world.settle()
    assert len(world.tasks("hub")) == 1


def test_what_another_site_or_an_unknown_listing_is_sent_waits_for_a_person(world):
    other = world.ocean.add_listing("1234", title="Not set up here").reference
    world.ocean.refer(world.ocean.generator.draft(), listing=other)
    world.settle()
    assert outcomes(world) == [("add-service-request", "failed", "unknown-listing")]
    with world.database.read() as connection:
        assert [row.why for row in ocean_messages.failed(connection, TENANT, 10)] == ["unknown-listing"]


def test_an_answer_that_nobody_knows_arrived_is_sent_again_under_the_same_ids(world):
    ref = world.refer()
    world.settle()
    world.ocean.faults.rates = Rates(forget=1.0)
    world.act("hub", status="accepted")
    world.settle()
    world.ocean.faults.clear()
    world.settle(3)
    again = [one for one in world.ocean.arrivals(ref) if one.event == "notify-update-process-request"]
    assert len({orjson.loads(one.body)["id"] for one in again}) == 1
    assert len(again) > 1
    assert again[-1].status == 200
    world.act("hub", status="on-hold", statusReason={"text": "Waits for a place"})
    world.settle()
    assert orjson.loads(world.ocean.arrivals(ref)[-1].body)["id"] != orjson.loads(again[0].body)["id"]
