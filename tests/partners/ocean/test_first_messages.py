"""What a first message may have besides the referral, and what words of the clinic may look like."""

import datetime as dt
import json
import uuid

import pytest
from support.ocean import OceanWorld


@pytest.fixture
def world(sqlite_database, clock, tmp_path):
    with OceanWorld(sqlite_database, clock, tmp_path) as world:
        world.partner("hub")
        yield world


def with_entry(body, resource, *, focus=False):
    """The message with one entry more, without an id as Ocean writes it."""
    bundle = json.loads(body)
    url = f"urn:uuid:{uuid.uuid4()}"
    bundle["entry"].append({"fullUrl": url, "resource": resource})
    if focus:
        bundle["entry"][0]["resource"]["focus"] = [{"reference": url}]
    return json.dumps(bundle).encode()


def remarks(world, ref):
    (row,) = [one for one in world.timeline(world.prescription_of(ref)) if one.name == "remarks"]
    return row.detail["remarks"]


def test_a_booking_that_the_clinic_made_as_it_referred_is_in_the_timeline(world):
    ref = world.refer()
    booking = {
        "resourceType": "Appointment",
        "status": "booked",
        "start": "2026-03-09T10:00:00-05:00",
        "participant": [],
    }
    said = {
        "resourceType": "Communication",
        "status": "completed",
        "payload": [{"contentString": "She is <b>shy</b>."}],
    }
    body = with_entry(with_entry(world.ocean.messages(ref)[0].body, booking), said)
    world.ocean.outage(dt.timedelta(hours=1))
    world.post(body)
    world.settle(0)
    found = remarks(world, ref)
    assert "An appointment was added: 2026-03-09T10:00:00-05:00." in found
    assert "Message: She is shy." in found


@pytest.mark.parametrize("event", ["send-communication", "send-communication-from-requester", "add-communication"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"payload": [{"contentString": "<p>Call after <b>five</b>&nbsp;pm</p>"}]}, "Call after five pm"),
        ({"payload": [{"contentAttachment": {"title": "Bus times"}}]}, "Bus times"),
        ({"payload": [{"contentString": " "}], "note": [{"text": "Only in a note"}]}, "Only in a note"),
    ],
)
def test_words_of_the_clinic_reach_the_service(world, event, content, words):
    ref = world.refer()
    world.settle()
    resource = {"resourceType": "Communication", "status": "completed", **content}
    world.post(with_entry(world.later(ref, event), resource, focus=True))
    world.settle()
    assert [row.why for row in world.stored() if row.event == event] == ["applied"]
    assert words in json.dumps(list(world.servers["hub"].all("Communication")))
