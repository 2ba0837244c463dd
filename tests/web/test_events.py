"""What users may do besides: by name, by role, with every refusal telling what is possible instead."""

import pytest


def referral(office, place, who="emr"):
    return office.get(place, who=who).json["referrals"][-1]


def status(office, place):
    return office.get(place).json["status"]


def test_a_recipient_works_its_referral_to_the_end(both):
    place = both.taken_in()
    for event, task in [("accept", "accepted"), ("start", "in-progress"), ("complete", "completed")]:
        assert event in referral(both, place, "lakeside")["allowed"]
        answer = both.say(place, event, who="lakeside")
        assert answer.status_code == 200, answer.text
        assert answer.json["referrals"][0]["task"]["status"] == task
    assert status(both, place) == "completed"
    assert len(both.woken) == 4


def test_what_the_lifecycle_refuses_says_why_and_what_instead(both):
    place = both.taken_in()
    answer = both.say(place, "complete")
    assert answer.status_code == 409
    assert answer.json["reason"] == "not-this-actor"
    assert answer.json["allowed"] == referral(both, place)["allowed"]
    assert "cancel" in answer.json["allowed"]


def test_a_rejection_needs_a_reason(office):
    place = office.taken_in()
    answer = office.say(place, "reject", who="lakeside")
    assert (answer.status_code, answer.json["reason"]) == (409, "reason-required")


def test_the_actor_is_the_tokens(office):
    place = office.taken_in()
    for member in ("actor", "role", "source", "partner"):
        answer = office.say(place, "accept", who="lakeside", **{member: "recipient"})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{member}")


def test_cancel_calls_the_whole_off(both):
    place = both.taken_in()
    answer = both.client.post(f"{place}/cancel", json={"reason": "He moved away."}, headers=both.as_("navigator"))
    assert answer.status_code == 200
    assert answer.json["status"] == "cancelled"
    assert answer.json["referrals"][0]["task"]["statusReason"] == "He moved away."
    again = both.client.post(f"{place}/cancel", json={"reason": "He moved away."}, headers=both.as_("navigator"))
    assert again.status_code in {200, 409}
    last = both.get(f"{place}/timeline").json["events"][-1]
    assert last["actor"] == "user navigator"


def test_cancel_needs_a_reason_and_a_role(office):
    place = office.taken_in()
    answer = office.client.post(f"{place}/cancel", json={}, headers=office.as_("emr"))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/reason")
    answer = office.client.post(f"{place}/cancel", json={"reason": "x"}, headers=office.as_("lakeside"))
    assert answer.status_code == 403


def test_a_prescription_that_waits_is_routed(both):
    place = both.taken_in(service={"partner": "nobody", "description": "Circle"})
    assert status(both, place) == "waiting"
    assert "route" in referral(both, place)["allowed"]
    answer = both.say(place, "route", partner="north-end-hub")
    assert answer.status_code == 200, answer.text
    assert (answer.json["status"], answer.json["referrals"][0]["partner"]) == ("active", "north-end-hub")


def test_a_refusal_names_the_event_that_was_sent_and_those_that_may_be(office):
    place = office.taken_in(service={"partner": "nobody", "description": "Circle"})
    assert office.say(place, "route", partner="north-end-hub").status_code == 200
    answer = office.say(place, "route", partner="north-end-hub")
    assert answer.status_code == 409
    allowed = ", ".join(answer.json["allowed"])
    assert answer.json["detail"] == f"A requester cannot route a referral that is requested; allowed: {allowed}."
    assert "split" in answer.json["allowed"]
    waiting = office.taken_in(number=2, service={"partner": "nobody", "description": "Circle"})
    detail = office.say(waiting, "complete").json["detail"]
    assert "route" in detail
    assert "assign" not in detail


@pytest.mark.parametrize(
    ("event", "members", "pointer", "said"),
    [
        ("route", {"partner": "north-end-hug"}, "/partner", "Did you mean north-end-hub?"),
        ("route", {"partner": "quidditch"}, "/partner", "Unknown recipient."),
        (
            "split",
            {"parts": [{"description": "Food", "category": "food-insecurity", "partner": "lakeside-service"}]},
            "/parts/0/partner",
            "Did you mean lakeside-services?",
        ),
    ],
)
def test_a_partner_that_is_not_there_is_a_fault_of_the_body(office, event, members, pointer, said):
    place = office.taken_in()
    answer = office.say(place, event, who="navigator", **members)
    assert answer.status_code == 422
    (told,) = answer.json["errors"]
    assert (told["pointer"], told["rule"]) == (pointer, "command.unknown-partner")
    assert told["message"].endswith(said)
    assert "quidditch" not in answer.text


def test_a_recipient_is_not_told_the_names_of_others(office):
    place = office.taken_in()
    assert "north-end-hub" not in office.say(place, "route", who="lakeside", partner="north-end-hug").text


def test_a_navigator_splits(both):
    place = both.taken_in("01-good-food-box", service={"description": "Food, and help with the rent"})
    parts = [
        {"description": "Food box", "category": "food-insecurity", "partner": "north-end-hub"},
        {"description": "Rent bank", "category": "financial-insecurity"},
    ]
    answer = both.say(place, "split", who="navigator", parts=parts)
    assert answer.status_code == 200, answer.text
    whole = answer.json["referrals"][0]
    made = [one for one in answer.json["referrals"] if one["parent"] == whole["id"]]
    assert {(one["category"], one["partner"]) for one in made} == {
        ("food-insecurity", "north-end-hub"),
        ("financial-insecurity", "lakeside-services"),
    }
    food = next(one for one in made if one["category"] == "food-insecurity")
    assert both.say(place, "accept", who="hub", referral=food["id"]).status_code == 200


def test_faults_of_a_split_are_told_at_their_pointers(office):
    place = office.taken_in()
    parts = [{"description": "Food box", "category": "fod-insecurity"}, {"description": "Rent", "category": "stress"}]
    answer = office.say(place, "split", who="navigator", parts=parts)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/parts/0/category"]


def test_an_answer_reaches_the_goals(both):
    place = both.taken_in()
    both.say(place, "accept", who="lakeside")
    answer = both.say(
        place, "answer", who="navigator", happened="partly", goals=[{"goal": 0, "achievement": "improving"}]
    )
    assert answer.status_code == 200, answer.text
    assert answer.json["goals"][0]["achievementStatus"] == "improving"
    assert answer.json["followUp"]["status"] == "completed"


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({}, ""),
        ({"goals": []}, ""),
        ({"happened": "maybe"}, "/happened"),
        ({"goal": "better"}, "/goal"),
        ({"goals": [{"goal": 0, "achievement": "better"}]}, "/goals/0/achievement"),
        ({"goals": [{"goal": -1, "achievement": "achieved"}]}, "/goals/0/goal"),
        ({"goals": {"goal": 0}}, "/goals"),
    ],
)
def test_faults_of_an_answer_are_told(office, members, pointer):
    place = office.taken_in()
    answer = office.say(place, "answer", **members)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_an_answer_about_a_goal_that_is_not_there_is_refused(office):
    place = office.taken_in()
    answer = office.say(place, "answer", goals=[{"goal": 7, "achievement": "achieved"}])
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/goals/0/goal"]
    assert answer.json["errors"][0]["message"] == "The prescription has 1 goal; the first is 0."


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/event"]),
        ({"event": 7}, ["/event"]),
        ({"event": "acept"}, ["/event"]),
        ({"event": "assign"}, ["/event"]),
        ({"event": "accept", "when": "now"}, ["/when"]),
        ({"event": "accept", "at": "yesterday"}, ["/at"]),
        ({"event": None}, ["/event"]),
        ({"event": "split", "parts": [None]}, ["/parts/0"]),
        ({"event": "accept", "partner": "x"}, ["/partner"]),
        ({"event": "accept", "which": "third", "reason": ""}, ["/which", "/reason"]),
        ({"event": "route"}, ["/partner"]),
        ({"event": "split"}, ["/parts"]),
        ({"event": "split", "parts": []}, ["/parts"]),
        ({"event": "split", "parts": [{"category": "stress", "to": 1}]}, ["/parts/0/to", "/parts/0/description"]),
        ({"event": ["cancel"]}, ["/event"]),
        ({"event": {"cancel": 1}}, ["/event"]),
    ],
)
def test_faults_of_an_event_are_told(office, body, pointers):
    place = office.taken_in()
    answer = office.client.post(f"{place}/events", json=body, headers=office.as_("emr"))
    assert answer.status_code == 422, answer.text
    assert sorted(fault["pointer"] for fault in answer.json["errors"]) == sorted(pointers)
    assert all(fault["rule"].startswith("command.") for fault in answer.json["errors"])


def test_an_event_cannot_lie_in_the_future(office):
    place = office.taken_in()
    answer = office.say(place, "accept", who="lakeside", at="2026-03-02T12:00:01Z")
    assert (answer.status_code, answer.json["reason"]) == (409, "in-the-future")


def test_an_event_about_another_referral_is_not_found(office):
    place = office.taken_in()
    assert office.say(place, "cancel", reason="x", referral="7d4d2f3e").status_code == 404
    assert office.say("/api/v1/prescriptions/7d4d2f3e-0000-4000-8000-000000000000", "cancel").status_code == 404


def test_the_follow_up_has_events_of_its_own(office):
    place = office.taken_in()
    plan = office.get(place, who="navigator").json["followUp"]
    assert "start" in plan["allowed"]
    answer = office.say(place, "start", who="navigator", which="follow-up")
    assert answer.json["followUp"]["status"] == "in-progress"


def test_a_referral_is_passed_on_to_another_service_once(office):
    place = office.taken_in()
    assert "forward" in referral(office, place, "navigator")["allowed"]
    answer = office.say(place, "forward", partner="north-end-hub", reason="Nearer")
    assert answer.status_code == 200, answer.text
    assert [(one["partner"], one["task"]["status"]) for one in answer.json["referrals"]] == [
        ("lakeside-services", "cancelled"),
        ("north-end-hub", "requested"),
    ]
    again = office.say(place, "forward", partner="north-end-hub", reason="Nearer")
    assert (again.status_code, again.json["reason"]) == (409, "has-owner")
    for wrong in ({}, {"partner": "lakeside-services", "to": "elsewhere"}):
        assert office.say(place, "forward", **wrong).status_code == 422


def test_a_service_hands_back_what_is_not_for_it(office):
    place = office.taken_in()
    assert "hand-back" in referral(office, place, "lakeside")["allowed"]
    assert office.say(place, "forward", who="lakeside", partner="north-end-hub").json["reason"] == "not-this-actor"
    assert office.say(place, "hand-back", who="lakeside").json["reason"] == "reason-required"
    assert office.say(place, "hand-back", who="lakeside", reason="Not our area").status_code == 200
    (row,) = office.get("/api/v1/waiting").json["waiting"]
    assert row["why"] == "hand-back"
    assert office.get(place).json["status"] == "waiting"
