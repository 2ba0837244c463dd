"""The messages to Ocean: the received Bundle without its header, plus what is new, in the shape that came."""

import copy
import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle as Typed
from support import ocean_messages as ocean
from support.ocean_messages import add_service_request, as_v010, encoded, resource

from footbridge.partners.inbound import ActingPerson, AppointmentTime
from footbridge.partners.ocean.message import OceanMessage, read_message
from footbridge.partners.ocean.translate.answers import (
    Answer,
    Envelope,
    build,
    communication,
    forward,
)
from footbridge.partners.ocean.translate.corrections import correction

TASK, OTHER = (str(uuid.UUID(int=number)) for number in (1, 2))
AT = dt.datetime(2026, 3, 1, 9, 0, 0, 250_000, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
ENVELOPE = Envelope(
    bundle_id=str(uuid.UUID(int=100)),
    header_id=str(uuid.UUID(int=101)),
    at=AT,
    by=ActingPerson("Ann Lee", "link worker"),
    by_id="ann.lee",
    endpoint="https://us.test.invalid/ocean/1234/$process-message",
    fhir_base=ocean.BASE,
)
BOOKED = AppointmentTime(AT, AT + dt.timedelta(hours=1), "12 Elm St")
ANSWERS = {
    "task": Answer("notify-add-process-request", task_status="received", task=TASK),
    "declined": Answer("notify-update-process-request", task_status="rejected", reason="Full", task=TASK),
    "re-opened": Answer("notify-add-process-request", task_status="received", task=TASK, previous_task=OTHER),
    "booked": Answer("notify-add-appointment", appointment=BOOKED, focus_id=TASK),
    "unconfirmed": Answer("notify-add-appointment", appointment=BOOKED, confirmed=False, focus_id=TASK),
    "instructions": Answer("notify-add-appointment", instructions="Call 416 555 0100", focus_id=TASK),
    "cancelled": Answer("notify-add-appointment", appointment=BOOKED, cancelled=True, focus_id=TASK),
    "message": communication("Which day suits?", TASK),
    "correction": correction({"Patient": {"birthDate": "1948-04-02"}}),
    "corrected booking": Answer("notify-data-correction", appointment=BOOKED, focus_id=TASK),
    "outcome": Answer("notify-data-correction", task_status="completed", outcome="Food box", task=TASK),
    "forward": forward("other00000001", request_id=OTHER, task=TASK, reason="Closer to home"),
}


def _messages() -> dict[str, dict[str, Any]]:
    whole = add_service_request()
    bare = ocean.without(whole, "role", "practitioner", "organization", "letter", "document", "form", "place")
    for name in ("requester", "supportingInfo"):
        resource(bare, "request").pop(name)
    header = resource(bare, "header")
    header.pop("sender"), header.pop("author")
    resource(bare, "target").pop("location")
    return {"0.11.1": whole, "0.10.0": as_v010(whole), "bare": bare}


MESSAGES = _messages()


def made(answer: str, message: str = "0.11.1") -> tuple[dict[str, Any], OceanMessage]:
    received = read_message(encoded(MESSAGES[message]))
    return build(ANSWERS[answer], received, ENVELOPE), received


def only(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [row["resource"] for row in bundle["entry"] if row["resource"]["resourceType"] == kind]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def names(bundle: dict[str, Any], version: str) -> set[str]:
    if version == "0.10.0":
        return {f"{row['resource']['resourceType']}/{row['resource']['id']}" for row in bundle["entry"]}
    return {row["fullUrl"] for row in bundle["entry"]}


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("answer", ANSWERS)
def test_every_answer_is_a_fhir_message_whose_references_resolve(answer: str, message: str) -> None:
    bundle, received = made(answer, message)
    known = names(bundle, received.version)
    assert len(known) == len(bundle["entry"])
    assert set(references(bundle)) <= known
    if message != "0.10.0":  # whose ids have underscores, which FHIR does not allow
        Typed.model_validate(copy.deepcopy(bundle))
    again = read_message(encoded(bundle))
    assert (again.event, again.referral, again.version) == (ANSWERS[answer].event, ocean.REFERRAL, received.version)
    assert (bundle["type"], bundle["id"], bundle["timestamp"]) == (
        "message",
        ENVELOPE.bundle_id,
        "2026-03-01T09:00:00.250-05:00",
    )
    assert bundle["entry"][0]["resource"]["resourceType"] == "MessageHeader"
    assert len(only(bundle, "MessageHeader")) == 1


@pytest.mark.parametrize("message", ["0.11.1", "0.10.0"])
@pytest.mark.parametrize("answer", [name for name in ANSWERS if name != "correction"])
def test_all_that_came_goes_back_unchanged_but_for_the_header(answer: str, message: str) -> None:
    bundle, _received = made(answer, message)
    sent = [json.dumps(row["resource"], sort_keys=True) for row in bundle["entry"]]
    for row in MESSAGES[message]["entry"]:
        if row["resource"]["resourceType"] != "MessageHeader":
            assert json.dumps(row["resource"], sort_keys=True) in sent


@pytest.mark.parametrize("message", ["0.11.1", "0.10.0"])
def test_the_header_names_the_referral_twice_and_the_person_who_acted(message: str) -> None:
    bundle, received = made("task", message)
    header = bundle["entry"][0]["resource"]
    extensions = {row["url"].rsplit("/", 1)[-1]: row for row in header["extension"]}
    assert extensions["ext-id-message-header"]["valueString"] == ocean.REFERRAL
    assert extensions["ext-referral-identifier"]["valueIdentifier"] == {
        "system": f"{ocean.NAMING}/id-ereferral-reference",
        "value": ocean.REFERRAL,
    }
    assert header["id"] == ENVELOPE.header_id
    assert header["eventCoding"]["system"] == ocean.EVENTS
    assert header["destination"][0]["endpoint"] == f"{ocean.BASE}/$process-messages"
    assert header["source"]["endpoint"] == ENVELOPE.endpoint
    sent = read_message(encoded(bundle))
    assert sent.author == ENVELOPE.by
    role = sent.entries.resolve(header["author"], "PractitionerRole")
    assert role is not None
    assert role["identifier"][0]["value"] == "ann.lee"
    sender = sent.entries.resolve(header["sender"], "PractitionerRole")
    assert sender is not None
    assert sender["identifier"][0]["value"] == ocean.LISTING
    separator = "%7C" if message == "0.10.0" else "|"
    version = "1.0.0" if message == "0.10.0" else "1.0.1"
    assert header["meta"]["profile"] == [f"{ocean.PROFILE}MessageHeader{separator}{version}"]
    assert received.header["id"] != header["id"]


def test_a_task_says_its_status_and_why() -> None:
    bundle, received = made("declined")
    (task,) = only(bundle, "Task")
    assert (task["id"], task["status"], task["intent"], task["statusReason"]) == (
        TASK,
        "rejected",
        "order",
        {"text": "Full"},
    )
    assert task["code"]["coding"][0]["code"] == "process-request"
    assert task["basedOn"] == [{"reference": f"urn:uuid:{ocean.REFERRAL}"}]
    assert task["owner"] == {"reference": ocean.url("target")}
    assert task["for"] == {"reference": ocean.url("patient")}
    assert bundle["entry"][0]["resource"]["focus"] == [{"reference": f"urn:uuid:{TASK}"}]
    assert not received.entries.of_type("Task")


def test_a_decline_always_has_a_reason() -> None:
    received = read_message(encoded(MESSAGES["0.11.1"]))
    answer = Answer("notify-update-process-request", task_status="rejected", task=TASK)
    (task,) = only(build(answer, received, ENVELOPE), "Task")
    assert task["statusReason"] == {"text": "No reason was given."}


def test_a_task_of_an_earlier_answer_makes_room_and_others_stay() -> None:
    first, _received = made("task")
    echo = copy.deepcopy(first)
    echo["entry"].append(
        {
            "fullUrl": f"urn:uuid:{OTHER}",
            "resource": {"resourceType": "Task", "id": OTHER, "status": "rejected", "intent": "order"},
        }
    )
    again = build(ANSWERS["declined"], read_message(encoded(echo)), ENVELOPE)
    assert {task["id"]: task["status"] for task in only(again, "Task")} == {TASK: "rejected", OTHER: "rejected"}
    linked = build(ANSWERS["re-opened"], read_message(encoded(echo)), ENVELOPE)
    tasks = {task["id"]: task for task in only(linked, "Task")}
    assert tasks[TASK]["partOf"] == [{"reference": f"urn:uuid:{OTHER}"}]


def test_a_person_who_acts_again_takes_the_place_of_himself_and_others_stay() -> None:
    first, _received = made("task")
    later = dataclasses.replace(ENVELOPE, header_id=str(uuid.UUID(int=102)), bundle_id=str(uuid.UUID(int=103)))
    again = build(ANSWERS["declined"], read_message(encoded(first)), later)
    count = len(only(first, "Practitioner"))
    assert len(only(again, "Practitioner")) == count
    other = dataclasses.replace(later, by=ActingPerson("Bo Diaz", "link worker"), by_id=None)
    third = build(ANSWERS["declined"], read_message(encoded(again)), other)
    assert len(only(third, "Practitioner")) == count + 1


def test_a_task_keeps_the_time_at_which_it_was_told_first() -> None:
    told_first = AT - dt.timedelta(days=3)
    bundle = build(
        ANSWERS["declined"],
        read_message(encoded(MESSAGES["0.11.1"])),
        dataclasses.replace(ENVELOPE, authored=told_first),
    )
    (task,) = only(bundle, "Task")
    assert (task["authoredOn"], task["lastModified"]) == (
        "2026-02-26T09:00:00.250-05:00",
        "2026-03-01T09:00:00.250-05:00",
    )


def test_a_re_opened_referral_names_the_task_before_also_where_ocean_did_not_send_it() -> None:
    (task,) = only(made("re-opened")[0], "Task")
    assert task["partOf"][0]["identifier"]["value"] == OTHER


@pytest.mark.parametrize(
    ("answer", "status", "participant"),
    [
        ("booked", "booked", "accepted"),
        ("unconfirmed", "pending", "tentative"),
        ("instructions", "proposed", "needs-action"),
        ("cancelled", "cancelled", "declined"),
    ],
)
def test_an_appointment(answer: str, status: str, participant: str) -> None:
    (appointment,) = only(made(answer)[0], "Appointment")
    assert (appointment["status"], appointment["participant"][0]["status"]) == (status, participant)
    assert appointment["basedOn"] == [{"reference": f"urn:uuid:{ocean.REFERRAL}"}]
    if answer == "instructions":
        assert "start" not in appointment
        assert appointment["patientInstruction"] == appointment["description"] == "Call 416 555 0100"
    else:
        assert (appointment["start"], appointment["end"]) == (
            "2026-03-01T09:00:00.250-05:00",
            "2026-03-01T10:00:00.250-05:00",
        )
        assert appointment["participant"][1]["actor"] == {"display": "12 Elm St"}


def test_a_message_in_words() -> None:
    bundle, _received = made("message")
    (message,) = only(bundle, "Communication")
    assert (message["status"], message["payload"]) == ("completed", [{"contentString": "Which day suits?"}])
    assert message["recipient"] == [{"reference": ocean.url("role")}]
    assert bundle["entry"][0]["resource"]["focus"] == [{"reference": f"urn:uuid:{TASK}"}]


def test_a_correction_changes_the_resource_in_place_and_nothing_else() -> None:
    bundle, received = made("correction")
    (patient,) = only(bundle, "Patient")
    assert patient == {**resource(MESSAGES["0.11.1"], "patient"), "birthDate": "1948-04-02"}
    assert bundle["entry"][0]["resource"]["focus"] == [{"reference": ocean.url("patient")}]
    assert not only(bundle, "Task")
    assert received.entries.of_type("Patient")[0]["birthDate"] == "1948-04-01"


def test_a_corrected_code_leaves_the_codes_of_others() -> None:
    bundle = add_service_request()
    kept = {"system": "http://snomed.info/sct", "code": "385759002"}
    resource(bundle, "request")["code"] = {"coding": [kept, {"system": "urn:ours", "code": "old"}], "text": "Home care"}
    received = read_message(encoded(bundle))
    said = correction({"ServiceRequest": {"code": {"coding": [{"system": "urn:ours", "code": "new"}], "text": "New"}}})
    (request,) = only(build(said, received, ENVELOPE), "ServiceRequest")
    assert request["code"] == {"coding": [kept, {"system": "urn:ours", "code": "new"}], "text": "New"}


def test_an_outcome_stands_in_the_task_that_it_corrects() -> None:
    bundle, _received = made("outcome")
    (task,) = only(bundle, "Task")
    assert (task["status"], task["description"]) == ("completed", "Food box")
    assert bundle["entry"][0]["resource"]["focus"] == [{"reference": f"urn:uuid:{TASK}"}]


def test_a_forward_has_old_and_new_request_and_a_target_with_nothing_but_its_identifier() -> None:
    bundle, _received = made("forward")
    requests = {
        row["fullUrl"]: row["resource"]
        for row in bundle["entry"]
        if row["resource"]["resourceType"] == "ServiceRequest"
    }
    new = requests[f"urn:uuid:{OTHER}"]
    assert requests[f"urn:uuid:{ocean.REFERRAL}"] == resource(MESSAGES["0.11.1"], "request")
    assert new["replaces"] == [{"reference": f"urn:uuid:{ocean.REFERRAL}"}]
    assert "identifier" not in new
    assert len(new["category"]) == len(new["category"][0]["coding"]) == 1
    sent = read_message(encoded(bundle))
    role = sent.entries.resolve(new["performer"][0])
    assert role is not None
    assert set(role) == {"resourceType", "id", "meta", "identifier"}
    assert role["identifier"] == [{"system": f"{ocean.NAMING}/id-referral-target-reference", "value": "other00000001"}]
    (task,) = only(bundle, "Task")
    assert (task["status"], task["basedOn"]) == ("requested", [{"reference": f"urn:uuid:{OTHER}"}])
    assert sent.target.reference == "other00000001"


def test_test_data_stays_tagged_as_test_data() -> None:
    bundle = add_service_request()
    for row in bundle["entry"]:
        row["resource"]["meta"] = {
            "security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]
        }
    sent = build(ANSWERS["task"], read_message(encoded(bundle)), ENVELOPE)
    assert all(row["resource"]["meta"]["security"][0]["code"] == "HTEST" for row in sent["entry"])


def test_a_base_may_end_with_a_slash() -> None:
    received = read_message(encoded(MESSAGES["0.11.1"]))
    slashed = dataclasses.replace(ENVELOPE, fhir_base=f"{ocean.BASE}/")
    assert build(ANSWERS["forward"], received, slashed) == build(ANSWERS["forward"], received, ENVELOPE)


def test_nothing_of_the_client_is_in_what_a_log_would_show() -> None:
    received = read_message(encoded(MESSAGES["0.11.1"]))
    shown = repr((received, received.entries.rows, ANSWERS, ENVELOPE))
    assert not any(secret in shown for secret in ("Tremblay", ocean.HCN, "groceries", "Osei", "1948", "Call 416"))


def test_the_same_answer_makes_the_same_message() -> None:
    assert made("forward")[0] == made("forward")[0]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(None, for_person="x"),
        Answer("notify-add-process-request", task_status="received"),
        Answer("notify-add-process-request", task=TASK),
        Answer("notify-add-appointment", appointment=BOOKED),
        Answer("send-communication-from-provider", text="x"),
        Answer("notify-update-process-request", task_status="requested", task=TASK, forward_to="x"),
    ],
)
def test_an_answer_that_lacks_something_is_refused(answer: Answer) -> None:
    with pytest.raises(ValueError, match="answer"):
        build(answer, read_message(encoded(MESSAGES["0.11.1"])), ENVELOPE)


def test_a_message_that_names_no_referral_cannot_be_answered() -> None:
    bundle = ocean.without(add_service_request(), "request", "letter")
    resource(bundle, "header").pop("extension")
    resource(bundle, "header")["focus"] = []
    with pytest.raises(ValueError, match="no referral"):
        build(ANSWERS["task"], read_message(encoded(bundle)), ENVELOPE)
