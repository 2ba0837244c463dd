"""A clinic on a spool prescribes, amends, asks, cancels; the service, with FHIR or on a spool, gets it all."""

import json

import pytest
from partners.spool.conftest import LETTER, document
from support.spine import prescribed

OLD, NEW = "416 555 0142", "416 555 0199"
NURSE = {"name": "Nurse Diaz", "role": "clinician"}
WORKER = {"name": "Ana", "role": "intake worker"}
START = "2026-03-09T10:00:00-04:00"
RX = prescribed()["identifier"]


@pytest.fixture(params=["fhir", "spool"])
def desk(town, request):
    """The clinic's folder; the service ``hub`` is on the network of the parameter."""
    town.add("desk", "requester", "spool")
    town.add("hub", "recipient", request.param)
    return town.folders["desk"]


def says(town, status, **members):
    """The service gives a status in its own way."""
    hub = town.folders.get("hub")
    if hub is not None:
        hub.put("status", referral=hub.referral()["state"]["referral"], status=status, by=WORKER, **members)
    else:
        reason = {"statusReason": {"text": members["reason"]}} if "reason" in members else {}
        output = [_element(one) for one in members.get("outputs", [])]
        town.act("hub", status=status, **reason, **({"output": output} if output else {}))
    town.turn()


def _element(said):
    return {
        "type": {"text": "Resulting Activity"},
        "valueCodeableConcept": {"coding": [{"system": said["system"], "code": said["code"]}], "text": said["text"]},
    }


def amended(**changes):
    said = prescribed()["client"]["contacts"][0] | {"value": f"+1 {NEW}"}
    document = prescribed(client=prescribed()["client"] | {"contacts": [said]})
    document["needs"][0]["statement"] = "Has had nothing since Friday."
    document["goals"].append({"need": 0, "description": "Cooks with neighbours."})
    return document | changes


def state_at(town):
    hub = town.folders.get("hub")
    return town.task("hub")["status"] if hub is None else hub.referral()["state"]["status"]


def test_a_prescription_goes_to_the_service_and_its_outcome_comes_home(town, desk):
    found = town.prescribe()
    assert desk.referral()["state"]["status"] == "requested"
    assert OLD in town.text_at("hub")
    says(town, "accepted")
    assert desk.referral()["state"]["status"] == "accepted"
    boxes = {"system": "http://snomed.info/sct", "code": "710925007", "text": "Twelve boxes"}
    says(town, "completed", outputs=[boxes])
    home = desk.referral()
    assert (home["state"]["status"], home["state"]["order"]) == ("completed", "completed")
    assert home["state"]["outputs"] == [{"code": "710925007", "text": "Twelve boxes"}]
    assert home["by"] == {"name": "Hub" if "hub" in town.servers else "Ana", "role": "recipient"}
    assert home["context"] == "thread 7"
    assert town.status(found) == "completed"
    assert town.counts()["ready"] == town.counts()["failed"] == 0


def test_the_reason_of_a_decline_comes_home(town, desk):
    town.prescribe()
    says(town, "rejected", reason="No places")
    assert [desk.referral()["state"][name] for name in ("status", "reason", "order")] == [
        "rejected",
        "No places",
        "on-hold",
    ]


def test_an_amendment_reaches_the_service_at_work(town, desk):
    found = town.prescribe()
    says(town, "accepted")
    desk.put("amendment", document=amended(), by=NURSE)
    town.turn()
    there = town.text_at("hub")
    assert NEW in there
    assert OLD not in there
    assert "Has had nothing since Friday." in there
    assert "Cooks with neighbours." in there
    needs = json.dumps(town.servers["hub"].all("Condition")) if "hub" in town.servers else there
    assert "Skips meals at the end of the month." not in needs
    assert state_at(town) == "accepted"
    (event,) = [one for one in town.timeline(found) if one.name == "amended"]
    assert (event.actor, event.source) == ("Nurse Diaz", "desk")
    assert set(event.detail["members"]) == {"/client/contacts", "/needs", "/goals"}
    assert len(desk.referral()["goals"]) == 3


def test_a_cancellation_ends_it_at_the_service(town, desk):
    found = town.prescribe()
    desk.put("cancellation", prescription=RX, reason="She found one herself", by=NURSE)
    town.turn()
    assert state_at(town) == "cancelled"
    assert "She found one herself" in town.text_at("hub")
    assert town.status(found) == "cancelled"
    assert desk.referral()["state"]["status"] == "cancelled"
    assert desk.referral()["by"] == {"name": "Nurse Diaz", "role": "requester"}


def test_a_question_and_its_document_reach_the_service(town, desk):
    found = town.prescribe()
    desk.put("message", prescription=RX, text="Is the hall heated?", documents=[document()], by=NURSE)
    town.turn()
    assert "Is the hall heated?" in town.text_at("hub")
    assert "Nurse Diaz" in town.text_at("hub")
    assert town.documents_at("hub") == [LETTER]
    assert town.details(found, "message") == [{"direction": "from-requester"}]
    assert town.details(found, "document") == [{"title": "letter", "mediaType": "application/pdf"}]
    assert "not-carried" not in town.names(found)


@pytest.mark.parametrize(
    ("network", "lost"), [("spool-silent", ["message", "document"]), ("spool-plain", ["document"])]
)
def test_what_the_services_network_does_not_carry_is_shown_on_the_referral(town, network, lost):
    town.add("desk", "requester", "spool")
    town.add("hub", "recipient", network)
    found = town.prescribe()
    town.folders["desk"].put("message", prescription=RX, text="Is the hall heated?", documents=[document()])
    town.turn()
    (event,) = [one for one in town.timeline(found) if one.name == "not-carried"]
    assert event.detail == {"partner": "hub", "partnerTitle": "Hub", "what": lost}
    assert event.referral == town.referrals(found)[0].id
    assert town.documents_at("hub") == []
    assert [one["text"] for one in town.folders["hub"].messages()] == (
        ["Is the hall heated?"] if lost == ["document"] else []
    )


def test_an_appointment_that_the_service_books_is_seen_by_the_clinic(town):
    town.add("desk", "requester", "spool")
    town.add("hub", "recipient", "spool")
    found = town.prescribe()
    hub, desk = town.folders["hub"], town.folders["desk"]
    key = hub.referral()["state"]["referral"]
    hub.put("appointment", referral=key, start="2026-03-08T10:00:00-04:00", place="Church hall")
    hub.put("appointment", referral=key, start=START, place="Library", by=WORKER)
    town.turn()
    assert desk.referral()["state"]["appointment"] == {"start": START, "place": "Library"}
    assert desk.referral()["by"]["name"] == "Ana"
    assert [one["start"] for one in town.details(found, "appointment")] == ["2026-03-08T10:00:00-04:00", START]
    assert desk.referral()["state"]["status"] == "requested"


def test_a_clinic_speaks_of_its_own_prescriptions_only(town):
    town.add("desk", "requester", "spool")
    town.add("other", "requester", "spool")
    town.add("hub", "recipient", "spool")
    found = town.prescribe()
    other = town.folders["other"]
    key = town.referrals(found)[0].task
    other.put("cancellation", prescription=RX)
    other.put("cancellation", referral=key)
    other.put("message", referral=key, text="Who is she?")
    other.put("amendment", document=amended())
    town.turn()
    whys = [other.read(name, "failed")["code"] for name in other.names("failed") if name.endswith("why.json")]
    assert whys == ["not-ours", "not-ours", "not-ours", "refused"]
    assert town.status(found) == "active"
    assert town.folders["hub"].messages() == []
    assert NEW not in town.text_at("hub")
