"""The whole in one look: a clinic refers, the site answers, the clinic cancels."""

import json
from datetime import UTC, datetime

import pytest

from footbridge.model.clock import ManualClock
from footbridge.simulators.ocean import OceanSimulator

TASK = "00000000-0000-4000-8000-000000000010"


@pytest.fixture
def got():
    """The messages that the site received."""
    return []


@pytest.fixture
def ocean(got):
    made = OceanSimulator(clock=ManualClock(datetime(2026, 3, 2, 14, tzinfo=UTC)))
    made.add_site("1234", receiver=lambda body: (got.append(json.loads(body)), 200)[1])
    made.add_listing("1234", external_service="link-worker")
    return made


def answer(received, event, status):
    """The received message with a Task, as OceanMD's own code answers."""
    header = json.loads(json.dumps(received["entry"][0]["resource"]))
    header["eventCoding"]["code"] = event
    header["focus"] = [{"reference": f"urn:uuid:{TASK}"}]
    task = {
        "resourceType": "Task", "id": TASK, "status": status, "intent": "order",
        "code": {"coding": [{"code": "process-request"}]}, "basedOn": received["entry"][0]["resource"]["focus"],
    }  # fmt: skip
    entries = [{"resource": header}, {"fullUrl": f"urn:uuid:{TASK}", "resource": task}, *received["entry"][1:]]
    return json.dumps(received | {"id": "answer-1", "entry": entries}).encode()


def event_of(bundle):
    return bundle["entry"][0]["resource"]["eventCoding"]["code"]


def test_a_referral_is_sent_answered_echoed_and_cancelled(ocean, got):
    ref = ocean.refer()
    assert ocean.folders("received") == {"New": [ref]}
    ocean.run_due()
    assert event_of(got[0]) == "add-service-request"
    assert ocean.process("1234", answer(got[0], "notify-add-process-request", "accepted")).status == 200
    assert (ocean.folder(ref), ocean.folder(ref, "sent")) == ("Pending Booking", "Pending Booking")
    ocean.users.cancel(ref)
    ocean.run_due()
    assert [event_of(one) for one in got[1:]] == ["notify-update-service-request", "revoke-service-request"]
    assert ocean.folders("sent") == {"Cancelled": [ref]}
