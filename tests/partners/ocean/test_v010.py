"""A site with an older integration: messages of v0.10.0 come in by HTTP and are answered in their shape, unproven."""

from datetime import timedelta

import orjson
import pytest
from support.ocean import OceanWorld
from support.spine import TENANT

from footbridge.partners.inbound import Appointment, AppointmentTime
from footbridge.referrals.inbound import receive
from footbridge.store.partners import get_partner
from footbridge.store.resource_rows import Scope


@pytest.fixture
def world(sqlite_database, clock, tmp_path):
    with OceanWorld(sqlite_database, clock, tmp_path, version="0.10") as world:
        world.partner("hub")
        yield world


def last(world, ref):
    return orjson.loads(world.ocean.arrivals(ref)[-1].body)


def book(world, ref, name, time):
    (row,) = world.referrals(world.prescription_of(ref))
    with world.database.write() as connection:
        scope = Scope(connection, TENANT, world.clock.now())
        said = Appointment(message_id=name, at=scope.now, key=row.task, time=time)
        assert receive(scope, get_partner(connection, TENANT, "hub"), said).code == "applied"
    world.settle()


def test_the_whole_way(world):
    ref = world.refer()
    world.settle()
    assert all("fullUrl" not in entry for entry in orjson.loads(world.ocean.messages(ref)[0].body)["entry"])
    identity = world.prescription_of(ref)
    (remarks,) = [one.detail["remarks"] for one in world.timeline(identity) if one.name == "remarks"]
    assert any("v0.10.0" in one and "unproven" in one for one in remarks)
    world.act("hub", status="accepted")
    world.settle()
    bundle = last(world, ref)
    assert all("fullUrl" not in entry for entry in bundle["entry"])
    header = bundle["entry"][0]["resource"]
    (focus,) = header["focus"]
    task = next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == "Task")
    assert focus == {"reference": f"Task/{task['id']}"}
    assert task["basedOn"][0]["reference"].startswith("ServiceRequest/")
    assert header["extension"][1]["valueString"] == ref
    assert all("%7C1.0.0" in one["resource"]["meta"]["profile"][0] for one in bundle["entry"])
    assert world.ocean.folder(ref) == "Pending Booking"
    time = AppointmentTime(world.clock.now() + timedelta(days=7), location="12 Sample Street")
    book(world, ref, "a-1", time)
    book(world, ref, "a-2", AppointmentTime(time.start, location="14 Sample Street"))
    assert world.ocean.folder(ref) == "Booking Confirmed"
    world.act("hub", status="completed")
    world.settle(3)
    assert world.ocean.folder(ref) == "Completed"
    assert [(one.event, one.status) for one in world.ocean.arrivals(ref)] == [
        ("notify-add-process-request", 200),
        ("notify-update-process-request", 200),
        ("notify-add-appointment", 200),
        ("notify-update-appointment", 200),  # v0.10 has no notify-data-correction
        ("notify-update-process-request", 200),
    ]
    assert {(row.state) for row in world.stored()} == {"done"}
