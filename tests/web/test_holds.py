"""A prescription on hold over HTTP: what is open about it, and the two answers that hold more than yes or no."""

import orjson
import pytest
from support.spine import prescribed

from footbridge.model.holds import Hold
from footbridge.model.principals import Principal

GUESS = Hold("needs", {"needs": [{"need": 1, "category": "social-connection", "confidence": 0.4, "words": ["alone"]}]})


@pytest.fixture
def held(both):
    """Put a prescription on hold as a network would, and return where it is."""

    def held(**changes):
        document = orjson.dumps(prescribed(service={"partner": "lakeside-services"}, **changes))
        who = Principal("requester", name="emr", tenant="north")
        intake = both.app.extensions["footbridge"].intake
        receipt = intake.submit(document, who, may_hold={"consent"}, holds=[GUESS])
        return f"/api/v1/prescriptions/{receipt.id}"

    return held


def test_it_says_what_is_open_and_goes_on_when_all_is_decided(both, held):
    place = held(consent=None)
    shown = both.get(place).json
    assert [(one["reason"], one["events"]) for one in shown["holds"]] == [
        ("consent", ["confirm-consent", "refuse-consent"]),
        ("needs", ["confirm-needs"]),
    ]
    assert shown["holds"][1]["detail"]["needs"][0]["words"] == ["alone"]
    assert {"confirm-consent", "refuse-consent", "confirm-needs"} <= set(shown["referrals"][0]["allowed"])
    (row,) = both.get("/api/v1/waiting").json["waiting"]
    assert (row["why"], row["partner"]) == ("consent-unclear", None)
    consent = {"status": "given", "basis": "express", "how": "verbal"}
    assert both.say(place, "confirm-consent", consent=consent).status_code == 200
    answer = both.say(place, "confirm-needs", needs=[{"need": 1, "category": "stress"}])
    assert answer.status_code == 200, answer.text
    assert answer.json["holds"] == []
    assert answer.json["referrals"][0]["partner"] == "lakeside-services"
    assert [need["category"] for need in answer.json["prescription"]["needs"]] == ["food-insecurity", "stress"]
    assert answer.json["prescription"]["consent"] == consent


def test_faults_of_an_answer_are_named_at_their_place(both, held):
    place = held(consent=None)
    answer = both.say(place, "confirm-consent", consent={"status": "given", "scope": ["contact"]})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/consent/scope")
    answer = both.say(place, "confirm-consent", consent={"status": "perhaps"})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/consent/status")
    answer = both.say(place, "confirm-needs", needs=[{"need": 5, "category": "stress"}])
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/needs/0/need")
    answer = both.say(place, "route", partner="lakeside-services")
    assert (answer.status_code, answer.json["reason"]) == (409, "on-hold")
    assert "confirm-consent" in answer.json["allowed"]
    assert len(both.get(place).json["holds"]) == 2


def test_a_refusal_cancels_it_and_a_service_never_sees_it(both, held):
    place = held(consent=None)
    assert both.say(place, "refuse-consent").json["status"] == "cancelled"
    assert both.get(place).json["holds"] == []
    assert both.get(place, who="lakeside").status_code == 404
