"""One prescription and many: as they stand, page by page, as a Bundle, as a timeline."""

import pytest

from footbridge.mapping.references import references
from footbridge.model.events import event_kind

ALL = "/api/v1/prescriptions"


def listed(office, who="emr", **query):
    """Every page of a list."""
    found = []
    while True:
        page = office.get(ALL, who=who, **query).json
        found += page["prescriptions"]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


def numbers(found):
    return [one["identifier"]["value"].rpartition("-")[2] for one in found]


def test_one_prescription_shows_how_far_it_is(both):
    place = both.taken_in()
    there = both.get(place).json
    assert there["status"] == "active"
    assert there["categories"] == ["social-connection"]
    assert there["prescription"] == both.prescription()
    (referral,) = there["referrals"]
    assert (referral["partner"], referral["attempt"], referral["parent"]) == ("lakeside-services", 1, None)
    assert referral["task"] == {"status": "requested", "statusReason": None, "businessStatus": None}
    assert referral["serviceRequest"] == {"status": "active"}
    assert referral["due"] == "2026-12-14T05:00:00.000Z"
    (goal,) = there["goals"]
    assert goal["description"] == both.prescription()["goals"][0]["description"]
    assert goal["achievementStatus"] is None
    assert there["followUp"]["due"] == "2026-12-14"
    assert there["followUp"]["isDue"] is False


def test_a_signpost_has_no_partner(office):
    there = office.get(office.taken_in("13-laissez-passer-musee")).json
    (referral,) = there["referrals"]
    assert (referral["machine"], referral["partner"]) == ("patient", None)
    assert referral["task"]["status"] == "ready"


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_hold_each_prescription_once_in_the_order_of_arrival(both, limit):
    for number in range(7):
        both.taken_in(number=number)
        both.later(microseconds=1)
    assert numbers(listed(both, limit=limit)) == [str(number) for number in range(7)]


def test_the_next_page_is_linked_with_the_same_conditions(office):
    for number in range(3):
        office.taken_in(number=number)
        office.later(seconds=1)
    first = office.get(ALL, limit=2, kind="warm-connection")
    link, relation = first.headers["Link"].split("; ")
    assert relation == 'rel="next"'
    second = office.client.get(link.strip("<>"), headers=office.as_("emr"))
    assert numbers(second.json["prescriptions"]) == ["2"]
    assert second.json["next"] is None
    assert "Link" not in second.headers


def test_a_list_keeps_every_condition(both):
    first = both.taken_in(number=1)
    both.later(hours=1)
    both.taken_in("01-good-food-box", number=2)
    both.later(hours=1)
    both.taken_in("13-laissez-passer-musee", number=3)
    assert numbers(listed(both, kind="signpost")) == ["3"]
    assert numbers(listed(both, category="food-insecurity")) == ["2"]
    assert numbers(listed(both, status="completed")) == []
    assert numbers(listed(both, kind="signpost", category="food-insecurity")) == []
    identifier = both.get(first).json["identifier"]
    assert numbers(listed(both, identifier=f"{identifier['system']}|{identifier['value']}")) == ["1"]
    assert numbers(listed(both, since="2026-03-02T13:00:00Z")) == ["2", "3"]
    assert numbers(listed(both, until="2026-03-02T08:00:00-05:00")) == ["1"]
    assert numbers(listed(both, since="2026-03-02T13:00:00Z", until="2026-03-02T14:00:00Z")) == ["2"]
    both.later(hours=1)
    both.client.post(f"{first}/cancel", json={"reason": "No longer wanted."}, headers=both.as_("emr"))
    assert numbers(listed(both, since="2026-03-02T15:00:00Z")) == ["1"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "²"}, "limit"),
        ({"status": "open"}, "status"),
        ({"kind": ""}, "kind"),
        ({"category": "hunger"}, "category"),
        ({"identifier": "RX-1"}, "identifier"),
        ({"identifier": "urn:x|\0"}, "identifier"),
        ({"since": "2026-03-02"}, "since"),
        ({"until": "2026-02-30T00:00:00Z"}, "until"),
        ({"cursor": "AAAA"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"cursor": "Y2hhbmdlcyAx"}, "cursor"),
        ({"kind": ["signpost", "navigator"]}, "kind"),
    ],
)
def test_a_faulty_parameter_is_named(office, query, parameter):
    answer = office.get(ALL, **query)
    assert answer.status_code == 400
    assert [fault["parameter"] for fault in answer.json["errors"]] == [parameter]


def test_a_bare_identifier_is_answered_with_an_example(office):
    (fault,) = office.get(ALL, identifier="KILL-7").json["errors"]
    example = fault["message"].rpartition("for example ")[2].removesuffix(".")
    assert "KILL-7" not in fault["message"]
    assert office.get(ALL, identifier=example).status_code == 200


def test_an_unknown_parameter_is_refused_with_the_known_ones(office):
    answer = office.get(ALL, stauts="active", limit=0)
    assert answer.status_code == 400
    assert len(answer.json["errors"]) == 2
    assert "status, kind" in answer.json["errors"][0]["message"]


@pytest.mark.parametrize("example", ["01-good-food-box", "06-housing-navigation", "13-laissez-passer-musee"])
def test_the_bundle_holds_together(office, example):
    place = office.taken_in(example)
    answer = office.get(f"{place}/bundle")
    assert answer.mimetype == "application/fhir+json"
    entries = {entry["fullUrl"]: entry["resource"] for entry in answer.json["entry"]}
    assert len(entries) == len(answer.json["entry"])
    for resource in entries.values():
        for reference in references(resource):
            assert reference in entries or reference.startswith("#"), (resource["resourceType"], reference)
    kinds = {resource["resourceType"] for resource in entries.values()}
    assert {"Patient", "Task", "Condition"} <= kinds | {"Condition"}
    assert all(url == f"urn:uuid:{resource['id']}" for url, resource in entries.items())


def test_the_bundle_shows_the_newest_versions_and_what_came_later(office):
    place = office.taken_in(service={"description": "Circle"})
    office.say(place, "reject", who="lakeside", reason="No room before May.")
    entries = [entry["resource"] for entry in office.get(f"{place}/bundle").json["entry"]]
    tasks = {task["status"]: task for task in entries if task["resourceType"] == "Task" and "focus" in task}
    assert {"rejected", "requested"} <= tasks.keys()
    assert tasks["rejected"]["statusReason"] == {"text": "No room before May."}
    assert tasks["rejected"]["focus"] == tasks["requested"]["focus"]


def test_the_timeline_tells_all(both):
    place = both.taken_in()
    both.later(hours=1)
    both.say(place, "accept", who="lakeside", at="2026-03-02T12:30:00Z")
    both.say(place, "reject", who="lakeside", reason="x")
    events = both.get(f"{place}/timeline").json["events"]
    assert [(one["name"], one["actor"], one["role"], one["source"]) for one in events] == [
        ("submitted", "user emr", "requester", "api"),
        ("accept", "user lakeside", "recipient", "api"),
    ]
    accepted = events[1]
    assert (accepted["before"], accepted["after"], accepted["inferred"]) == ("requested", "accepted", False)
    assert (accepted["at"], accepted["recorded"]) == ("2026-03-02T12:30:00.000Z", "2026-03-02T13:00:00.000Z")


def test_another_try_is_an_entry_of_its_own(both):
    place = both.taken_in()
    both.say(place, "reject", who="lakeside", reason="No room before May.")
    newer = both.get(place).json["referrals"][1]
    declined, again = both.get(f"{place}/timeline").json["events"][1:]
    assert (declined["name"], declined["attempt"], declined["partner"]) == ("reject", 1, "lakeside-services")
    assert (again["name"], again["referral"], again["attempt"]) == ("another-try", newer["id"], 2)
    assert (again["partner"], again["after"], again["role"]) == (newer["partner"], "requested", "system")


@pytest.mark.parametrize("happened", ["yes", "no", "partly", None])
def test_the_answer_stands_in_the_timeline(office, happened):
    place = office.taken_in()
    said = {"happened": happened} if happened else {"goal": "achieved"}
    office.say(place, "answer", reason="The box was small.", **said)
    (answered,) = [one for one in office.get(f"{place}/timeline").json["events"] if one["name"] == "answered"]
    assert (answered["answer"], answered["reason"], answered["actor"]) == (happened, "The box was small.", "user emr")
    assert answered["detail"] == ({"happened": happened} if happened else {})


def test_a_recipient_sees_only_the_events_that_the_table_shows_to_it(both):
    place = both.taken_in()
    both.say(place, "accept", who="lakeside")
    both.say(place, "start", who="lakeside")
    both.say(place, "answer", happened="no", goal="no-progress", reason="They were unkind.")
    whole = both.get(f"{place}/timeline").json["events"]
    seen = both.get(f"{place}/timeline", who="lakeside").json["events"]
    hidden = {"answered", "goal-changed", "follow-up-complete"}
    assert hidden <= {one["name"] for one in whole}
    assert seen == [one for one in whole if "recipient" in event_kind(one["name"]).seen_by]
    assert not hidden & {one["name"] for one in seen}
    feed = both.get("/api/v1/changes", who="lakeside").json["changes"]
    assert [one["number"] for one in feed] == [one["number"] for one in seen]


@pytest.mark.parametrize("tail", ["", "/bundle", "/timeline"])
@pytest.mark.parametrize("identity", ["7d4d2f3e-0000-4000-8000-000000000000", "1", "%00", "x" * 3000])
def test_what_is_not_there_is_a_problem(office, identity, tail):
    assert office.get(f"{ALL}/{identity}{tail}").status_code == 404


def test_head_is_get_without_the_body(office):
    place = office.taken_in()
    answer = office.client.head(place, headers=office.as_("emr"))
    assert (answer.status_code, answer.data) == (200, b"")


def test_prescriptions_of_one_moment_are_paged_too(both):
    for number in range(5):
        both.taken_in(number=number)
    assert sorted(numbers(listed(both, limit=2))) == [str(number) for number in range(5)]
