"""A navigator reports back as a program sends it: one event gives an outcome, a reason and a new need."""

import pytest

REPORT = [{"need": 0, "linked": True, "service": "Shelter House"}, {"need": 1, "linked": False, "why": "waiting-list"}]


NEEDS = [
    {"category": "housing-instability", "statement": "Notice to leave by May"},
    {"category": "financial-insecurity", "statement": "Hours were cut"},
]


@pytest.fixture
def taken_on(office):
    """A prescription of the kind navigator, which its service has accepted."""
    place = office.taken_in(kind="navigator", needs=NEEDS)
    assert office.say(place, "accept", who="lakeside").status_code == 200
    return office, place


def test_one_event_makes_an_outcome_a_reason_and_a_new_need(taken_on):
    office, place = taken_on
    assert "report-back" in office.get(place, who="lakeside").json["referrals"][0]["allowed"]
    found = [{"category": "stress", "statement": "Cannot sleep"}]
    met = {"by": "Kit", "to": "Mo", "welcomeExplained": True}
    answer = office.say(place, "report-back", who="lakeside", needs=REPORT, found=found, introduced=met)
    assert answer.status_code == 200, answer.text
    task = answer.json["referrals"][0]["task"]
    assert task["status"] == "completed"
    names = [row["name"] for row in office.get(f"{place}/timeline").json["events"]]
    assert {"handed-over", "need-added", "reported-back", "complete"} <= set(names)
    bundle = office.get(f"{place}/bundle").json
    written = [entry["resource"] for entry in bundle["entry"]]
    assert any("Cannot sleep" in str(one) for one in written if one["resourceType"] in {"Condition", "Observation"})
    (order,) = [one for one in written if one["resourceType"] == "Task" and "output" in one]
    assert [one["type"]["coding"][0]["code"] for one in order["output"]] == ["outcome-note", "not-linked", "new-need"]
    assert "waiting list" in order["statusReason"]["text"]
    again = office.say(place, "report-back", who="lakeside", needs=REPORT)
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("needs", "more", "pointer"),
    [
        ([], {}, "/needs"),
        (REPORT[:1], {}, "/needs"),
        ([REPORT[0], REPORT[0]], {}, "/needs/1/need"),
        ([REPORT[0], {"need": 7, "linked": True}], {}, "/needs/1/need"),
        ([REPORT[0], {"need": 1, "linked": False}], {}, "/needs/1/why"),
        ([REPORT[0], {"need": 1, "linked": False, "why": "rain"}], {}, "/needs/1/why"),
        ([REPORT[0], {"need": 1, "linked": False, "why": "other-reason"}], {}, "/needs/1/more"),
        ([REPORT[0], {"need": 1, "linked": True, "why": "barrier"}], {}, "/needs/1/why"),
        (REPORT, {"found": [{"category": "weather", "statement": "x"}]}, "/found/0/category"),
        (REPORT, {"found": [{"category": "stress", "statement": "x", "partner": "nobody"}]}, "/found/0/partner"),
        (REPORT, {"found": [{"category": "stress", "statement": "x", "partner": "lakeside-services"}]},
         "/found/0/agreed"),
        (REPORT, {"introduced": {"by": "Kit"}}, "/introduced/to"),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_pointer_and_nothing_is_stored(taken_on, needs, more, pointer):
    office, place = taken_on
    before = office.get(f"{place}/timeline").json["events"]
    answer = office.say(place, "report-back", who="navigator", needs=needs, **more)
    assert answer.status_code == 422, answer.text
    assert pointer in [one["pointer"] for one in answer.json["errors"]]
    assert office.get(f"{place}/timeline").json["events"] == before


def test_who_is_no_navigator_reports_nothing(office):
    place = office.taken_in()
    assert office.say(place, "accept", who="lakeside").status_code == 200
    for who in ("lakeside", "emr", "navigator"):
        answer = office.say(place, "report-back", who=who, needs=REPORT)
        assert answer.status_code == 409, (who, answer.text)
