"""The events of a follow-up as a program sends them: answers, nobody reached, something else, nothing that helps."""

import pytest


def sent(office, place, event, **members):
    return office.say(place, event, who="navigator", **members)


def events(office, place):
    return [row["name"] for row in office.get(f"{place}/timeline").json["events"]]


def test_the_whole_answer_is_taken(both):
    place = both.taken_in()
    answer = sent(
        both, place, "answer", happened="partly", barriers=["economic", "other"], satisfaction="not-right",
        goals=[{"goal": 0, "achievement": "no-progress"}], more="Too far. \U0001f319",
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert answer.json["followUp"]["status"] == "completed"
    assert answer.json["goals"][0]["achievementStatus"] == "no-progress"


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"barriers": ["economic", "weather"]}, "/barriers/1"),
        ({"barriers": "economic"}, "/barriers"),
        ({"satisfaction": "delighted"}, "/satisfaction"),
        ({"more": ""}, "/more"),
        ({"more": 7}, "/more"),
    ],
)
def test_what_an_answer_cannot_say_is_told_at_its_pointer_and_nothing_is_stored(office, members, pointer):
    place = office.taken_in()
    answer = sent(office, place, "answer", happened="yes", **members)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert "answer" not in events(office, place)
    assert office.get(place).json["followUp"]["status"] != "completed"


def test_nobody_was_reached_and_after_the_last_try_a_person_decides(both):
    place = both.taken_in()
    for _time in range(4):
        both.later(days=8)
        assert sent(both, place, "not-reached", reason="Rang twice").status_code == 200
    assert events(both, place).count("not-reached") == 4
    refused = sent(both, place, "not-reached")
    assert (refused.status_code, refused.json["reason"]) == (409, "no-follow-up")
    assert [row["why"] for row in both.get("/api/v1/waiting").json["waiting"]] == ["person-not-reached"]


def test_something_else_is_prescribed_and_a_fault_of_it_is_told(both):
    place = both.taken_in()
    for members, status in (({}, 409), ({"reason": "x", "partner": "nobody"}, 422)):
        assert sent(both, place, "replace", **members).status_code == status
    assert "replaced" not in events(both, place)
    done = sent(both, place, "replace", reason="Too late", partner="north-end-hub", description="Lunch on Mondays")
    assert done.status_code == 200, done.text
    assert "replaced" in events(both, place)
    listed = both.get("/api/v1/prescriptions").json["prescriptions"]
    assert len(listed) == 2


def test_a_need_that_nothing_meets_needs_its_note(office):
    place = office.taken_in()
    refused = sent(office, place, "record-unmet-need")
    assert (refused.status_code, refused.json["reason"]) == (409, "reason-required")
    assert sent(office, place, "record-unmet-need", reason="No kitchen is open late.").status_code == 200
    assert "unmet-need" in events(office, place)


@pytest.mark.parametrize("event", ["not-reached", "replace", "record-unmet-need"])
def test_a_service_sends_none_of_them(office, event):
    place = office.taken_in()
    answer = office.say(place, event, who="lakeside", reason="x")
    assert answer.status_code in {403, 409}
    assert not {"not-reached", "replaced", "unmet-need"} & set(events(office, place))
