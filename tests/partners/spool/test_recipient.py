"""A service on a spool takes a referral and reports on it; the requester, on a spool or with FHIR, gets the outcome."""

import json

import pytest
from partners.spool.conftest import LETTER, document
from support.spine import HCN, prescribed

ANA = {"name": "Ana", "role": "intake worker"}
START = "2026-03-09T10:00:00-04:00"
BOXES = {"system": "http://snomed.info/sct", "code": "710925007"}


@pytest.fixture(params=["fhir", "spool"])
def service(town, request):
    """The service's folder; its requester is on the network of the parameter."""
    town.add("emr" if request.param == "fhir" else "desk", "requester", request.param)
    town.add("hub", "recipient", "spool")
    return town.folders["hub"]


def asked(town, service, document=None):
    """Our id of the prescription, and the key by which the service names its referral."""
    found = town.prescribe(document)
    return found, service.referral()["state"]["referral"]


def at_home(town):
    """What the requester is shown: status, reason, outputs in words."""
    if "desk" in town.folders:
        state = town.folders["desk"].referral()["state"]
        return state["status"], state["reason"], [one["text"] for one in state["outputs"]]
    task = town.tasks("emr")[-1]
    outputs = [one["valueCodeableConcept"].get("text") for one in task.get("output", [])]
    return task["status"], task.get("statusReason", {}).get("text"), outputs


def test_it_gets_what_it_may_know(town, service):
    found, _ = asked(town, service)
    said = service.referral()
    assert said["client"]["name"] == "Grace Okafor"
    assert said["client"]["reach"] == ["+1 416 555 0142"]
    assert said["needs"][0] == {"category": "food-insecurity", "text": "Skips meals at the end of the month."}
    assert (said["goals"][0], said["service"]) == ("Eats three meals a day.", "Good Food Box")
    assert said["state"]["status"] == "requested"
    assert said["by"]["role"] == "requester"
    assert HCN not in service.text()
    assert "9876543217" not in service.text()
    assert "delivered" in town.names(found)


def test_a_whole_journey_comes_home(town, service):
    found, key = asked(town, service)
    service.put("status", referral=key, status="received")
    service.put("status", referral=key, status="accepted", detail="On our list", by=ANA)
    service.put("appointment", referral=key, start=START, place="Church hall", by=ANA)
    town.turn()
    assert at_home(town)[0] == "accepted"
    home, time = ("emr", "2026-03-09 10:00") if "emr" in town.servers else ("desk", START)
    assert time in town.text_at(home)
    service.put("status", referral=key, status="in-progress", by=ANA)
    service.put("status", referral=key, status="on-hold", reason="Holidays", by=ANA)
    service.put("message", referral=key, text="Is she allergic to nuts?", documents=[document()], by=ANA)
    town.turn()
    assert at_home(town)[:2] == ("on-hold", "Holidays")
    assert "allergic to nuts" in town.text_at(home)
    assert town.documents_at(home) == [LETTER]
    service.put("status", referral=key, status="completed", outputs=[BOXES, {"text": "Twelve boxes"}], by=ANA)
    town.turn()
    status, _, outputs = at_home(town)
    assert (status, outputs[-1]) == ("completed", "Twelve boxes")
    assert BOXES["code"] in town.text_at(home)
    assert town.status(found) == "completed"
    steps = [event.after for event in town.timeline(found) if event.source == "hub" and event.after != event.before]
    assert steps == ["accepted", "in-progress", "on-hold", "completed"]
    assert {event.actor for event in town.timeline(found) if event.source == "hub"} == {"Ana"}
    assert service.names("in") == service.names("failed") == []
    assert len(service.names("done")) == 7
    assert town.counts()["ready"] == town.counts()["failed"] == 0


def test_the_state_that_holds_is_in_its_own_file(town, service):
    found, key = asked(town, service)
    service.put("status", referral=key, status="accepted", by=ANA)
    town.turn()
    if "emr" in town.servers:
        town.command(found, "cancel", reason="Moved away")
    else:
        town.folders["desk"].put("cancellation", prescription=prescribed()["identifier"], reason="Moved away")
    town.turn()
    said = service.referral()
    assert [said["state"][name] for name in ("status", "reason", "order")] == ["cancelled", "Moved away", "revoked"]


@pytest.mark.parametrize("reason", ["No places until the autumn", None])
def test_a_decline_goes_to_the_next_service(town, service, reason):
    town.add("kitchen", "recipient", "fhir")
    town.route("food-insecurity", "hub", "kitchen")
    found, key = asked(town, service, prescribed(service=None))
    service.put("status", referral=key, status="rejected", **({} if reason is None else {"reason": reason}))
    town.turn()
    first, second = town.referrals(found)
    assert (first.status, second.partner) == ("rejected", "kitchen")
    assert town.task("kitchen")["status"] == "requested"
    if "desk" in town.folders:
        tries = town.folders["desk"].referral()["tries"]
        assert [(one["status"], one["reason"], one["with"]) for one in tries] == [
            ("rejected", reason, "Hub"),
            ("requested", None, "Kitchen"),
        ]
    else:
        assert {task["status"] for task in town.tasks("emr")} == {"rejected", "requested"}


def test_what_is_not_its_to_say_is_refused_with_what_it_may_say(town, service):
    found, key = asked(town, service)
    name = service.put("status", referral=key, status="entered-in-error")
    service.put("status", referral="0000", status="accepted")
    service.put("status", referral=key, status="accepted")
    town.turn()
    assert town.referrals(found)[0].status == "accepted"
    assert service.names("failed") == [
        "000-status.json",
        "000-status.why.json",
        "001-status.json",
        "001-status.why.json",
    ]
    refused = service.read("000-status.why.json", "failed")
    assert refused["code"] == "refused"
    assert "accept" in refused["allowed"]
    assert service.read("001-status.why.json", "failed")["code"] == "not-ours"
    assert name in service.names("failed")


def test_it_cannot_prescribe_nor_amend(town, service):
    asked(town, service)
    service.put("prescription", document=prescribed(2))
    service.put("amendment", document=prescribed(needs=[{"category": "food-insecurity", "statement": "None."}]))
    town.turn()
    assert len(service.names("failed")) == 4
    assert town.find("RX-2") is None
    assert "Skips meals" in service.text()


@pytest.mark.parametrize(("said", "kept"), [({}, 1), ({"context": '{"brought": 70}'}, 70)])
def test_its_context_is_kept_and_handed_back(town, service, said, kept):
    _, key = asked(town, service)
    service.put("status", referral=key, status="accepted", **said)
    service.put("status", referral=key, status="completed")
    town.turn()
    assert service.referral()["state"]["order"] == "completed"
    assert service.referral()["context"] == json.dumps({"brought": kept})
