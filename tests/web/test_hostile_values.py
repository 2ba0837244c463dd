"""What a sender writes is answered 2xx or 4xx, with a pointer: over the API, for prescriptions, events and cancellations."""

import json

import pytest
from support.hostile import members, put, values_for, whole_document
from support.soak import some

from footbridge.model.prescription.pointers import pointer_to

WHOLE = whole_document()
BODIES = {
    "accept": {"event": "accept", "referral": "r", "at": "2026-11-03T10:15:00Z", "reason": "x", "which": "main"},
    "complete": {
        "event": "complete",
        "referral": "r",
        "at": "2026-11-03T10:15:00Z",
        "reason": "x",
        "which": "follow-up",
    },
    "reject": {"event": "reject", "reason": "x"},
    "route": {"event": "route", "partner": "north-end-hub", "reason": "x"},
    "split": {
        "event": "split",
        "parts": [{"description": "Food box", "category": "food-insecurity", "partner": "north-end-hub"}],
    },
    "answer": {
        "event": "answer",
        "happened": "yes",
        "goal": "achieved",
        "goals": [{"goal": 0, "achievement": "achieved"}],
        "at": "2026-11-03T10:15:00Z",
    },
    "prohibit-contact": {"event": "prohibit-contact", "reason": "x", "at": "2026-11-03T10:15:00Z"},
}


def at(document, path):
    for step in path:
        document = document[step]
    return document


def sample(name, document, count):
    """Places of a document with values for them, the same ones each time."""
    every = [(path, value) for path in members(document) for value in values_for(at(document, path))]
    return some(every, quick=count, seed=name)


def told(answer):
    """Every refusal for its content names a member."""
    assert answer.status_code < 500, answer.text
    if answer.status_code == 422:
        assert answer.json["errors"]
        assert all("pointer" in error for error in answer.json["errors"])


@pytest.mark.soak
def test_a_prescription(office):
    for number, (path, value) in enumerate(sample("prescription", WHOLE, 120)):
        document = put(
            WHOLE | {"identifier": {"system": "urn:footbridge:test:a", "value": f"RX-{number}"}}, path, value
        )
        told(office.submit(document))


@pytest.mark.soak
@pytest.mark.parametrize("event", BODIES)
def test_an_event(office, event):
    place = office.taken_in()
    for path, value in sample(event, BODIES[event], 60):
        body = put(BODIES[event], path, value)
        told(office.client.post(f"{place}/events", json=body, headers=office.as_("navigator")))


@pytest.mark.soak
def test_a_cancellation(office):
    place = office.taken_in()
    for _, value in sample("cancel", {"reason": "x"}, 60):
        told(office.client.post(f"{place}/cancel", json={"reason": value}, headers=office.as_("southerner")))
        told(office.client.post(f"{place}/cancel", json={"reason": value}, headers=office.as_("emr")))


@pytest.mark.parametrize("event", BODIES)
@pytest.mark.parametrize("value", [["accept"], {"accept": 1}, 7, True, "", "\u0000", "x" * 10_000, [None]])
def test_the_name_of_an_event_is_one_of_the_list(office, event, value):
    place = office.taken_in()
    answer = office.client.post(f"{place}/events", json=BODIES[event] | {"event": value}, headers=office.as_("emr"))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == ["/event/0" if value == [None] else "/event"]


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        (("client", "identifiers", 0, "system"), "http://acme.com/ids", "/client/identifiers/0/system"),
        (("client", "identifiers", 0, "system"), "http://hl7.org/fhir/sid/us-sn", "/client/identifiers/0/system"),
        (("journey", "system"), "urn:oid:1.2", "/journey/system"),
        (("client", "languages", 0, "code"), "xx", "/client/languages/0/code"),
        (("goals", 0, "language"), "eng", "/goals/0/language"),
        (("requester", "organization", "contacts", 0, "use"), "home", "/requester/organization/contacts/0/use"),
        (
            ("interests", 0, "code"),
            {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "surveys"},
            "/interests/0/code/code",
        ),
        (
            ("needs", 0, "evidence", "answer"),
            {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB", "display": "Ambulanz"},
            "/needs/0/evidence/answer/display",
        ),
    ],
)
def test_what_the_validator_refuses_is_refused_at_the_member(both, path, value, pointer):
    answer = both.submit(put(WHOLE, path, value))
    assert answer.status_code == 422, answer.text
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert both.get("/api/v1/prescriptions").json["prescriptions"] == []


@pytest.mark.parametrize("example", ["02-bereavement-network", "11-do-not-phone", "14-self-referral"])
def test_what_is_only_for_information_is_no_warning(office, example):
    answer = office.submit(office.prescription(example))
    assert answer.status_code == 201
    assert {one["severity"] for one in answer.json["warnings"]} <= {"warning"}
    assert not [one for one in answer.json["warnings"] if one["rule"].startswith("mapping.")]
    assert len({str(one) for one in answer.json["warnings"]}) == len(answer.json["warnings"])


def test_a_fhir_document_is_told_to_be_one(office):
    for kind, said in (("Bundle", "a FHIR Bundle"), ("Patient", "a FHIR resource"), (["x"], "a FHIR resource")):
        answer = office.submit({"resourceType": kind, "type": "transaction", "entry": []})
        (error,) = answer.json["errors"]
        assert (answer.status_code, error["rule"], error["pointer"]) == (422, "prescription.fhir", "")
        assert f"This is {said};" in error["message"]


def test_a_member_that_is_null_counts_as_left_out(both):
    plain = both.prescription()
    assert "navigator" not in plain
    assert "preferred" not in plain["client"]["name"]
    nulls = {
        **plain,
        "navigator": None,
        "client": {**plain["client"], "name": {**plain["client"]["name"], "preferred": None}},
        "nothing": None,
    }
    first = both.submit(plain, **{"Idempotency-Key": "k"})
    assert first.status_code == 201
    again = both.submit(nulls)
    assert (again.status_code, again.json) == (200, first.json)
    with_key = both.submit(json.dumps(nulls, indent=2).encode(), **{"Idempotency-Key": "k"})
    assert (with_key.status_code, with_key.json) == (200, first.json)
    place = first.headers["Location"]
    assert both.say(place, "accept", who="lakeside", referral=None, at=None, reason=None, which=None).status_code == 200
    assert both.say(place, "cancel", reason=None).status_code in {200, 409}


@pytest.mark.parametrize(
    "path", [("needs",), ("client", "identifiers"), ("client", "name", "given"), ("consent", "scope")]
)
def test_an_entry_of_a_list_is_never_null(office, path):
    answer = office.submit(put(WHOLE, path, [*at(WHOLE, path), None]))
    assert answer.status_code == 422
    assert pointer_to((*path, len(at(WHOLE, path)))) in [error["pointer"] for error in answer.json["errors"]]


@pytest.mark.parametrize("name", ["foo", "limitt", "Status"])
def test_an_unknown_parameter_is_named(office, name):
    answer = office.get("/api/v1/prescriptions", **{name: "1"})
    (error,) = answer.json["errors"]
    assert (answer.status_code, error["parameter"], error["rule"]) == (400, name, "request.unknown-parameter")
    assert f"'{name}'" in error["message"]


def test_a_parameter_that_cannot_be_repeated_is_not(office):
    answer = office.get("/api/v1/prescriptions", **{"x\u0007": "1"})
    assert answer.status_code == 400
    assert "parameter" not in answer.json["errors"][0]
